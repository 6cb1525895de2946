import Consistency
import Exploration
import Judgement
import Recording
import RegionCore
import Reporting
import Scenarios
import Testing

struct EstimateTests {
    /// The quantile of t with three degrees of freedom is 3.182.
    @Test func anIntervalIsThatOfStudent() throws {
        let estimate = try #require(Estimate([1, 2, 3, 4]))
        #expect(estimate.mean == 2.5)
        #expect(abs((estimate.halfWidth ?? 0) - 2.0543) < 0.0005)
        #expect(estimate.isNotZero)
        #expect(try #require(Estimate([-1, 2])).isNotZero == false)
    }

    @Test func oneValueHasNoInterval() throws {
        let estimate = try #require(Estimate([5]))
        #expect(estimate.halfWidth == nil && estimate.count == 1 && !estimate.isNotZero)
        #expect(Estimate([]) == nil)
    }
}

/// Strategies side by side, in virtual time.
struct ComparisonTests {
    static let scenario = """
        name: compared
        duration: 12s
        topology: {client_rtt: 100ms, regions: [us-east-1, us-east-2, eu-west-1]}
        workload: {clients: 2, rate: closed, keys: {count: 5}, timeout: 1s, failover: none}
        faults: [{at: 4s, partition: [[us-east-1, us-east-2], [eu-west-1]], for: 4s}]
        expect: [converged: {within: 10s}]
        """
    static let choices: [(name: String, options: [(name: String, value: String)])] = [
        ("raft", []), ("quorum", [("write_back", "on")]),
        ("quorum", [("read", "1"), ("write", "1")]), ("eventual", []),
    ]

    static func comparison(seeds: ClosedRange<UInt64> = 1...3) throws -> StrategyComparison {
        let registry = StrategyRegistry.standard
        let source = try ScenarioSource(yaml: scenario, strategies: registry.descriptions)
        var runs: [ComparedRun] = []
        for (index, choice) in choices.enumerated() {
            let scenario = try source.scenario(strategy: choice.name, options: choice.options)
            for seed in seeds {
                let run = try SeedRun.measure(
                    try Plan(scenario, seed: seed), strategies: registry)
                runs.append(ComparedRun(strategy: index, report: run.report, models: run.models))
            }
        }
        return StrategyComparison(
            scenario: "compared", engine: .virtual,
            strategies: ["raft", "abd", "small quorums", "eventual"], runs: runs)
    }

    @Test func consistentStrategiesLoseTheSmallSideAndAvailableOnesShowWhatIsOld() throws {
        let comparison = try Self.comparison()
        let small = "availability_percent.eu-west-1.during"
        for consistent in [0, 1] {
            #expect(comparison.strongestModel(of: consistent) == "linearizable")
            #expect(comparison.broken(of: consistent).isEmpty)
            #expect(try #require(comparison.estimate(small, of: consistent)).mean < 60)
            #expect(comparison.estimate("stale_reads_percent", of: consistent)?.mean == 0)
        }
        for available in [2, 3] {
            let broken = comparison.broken(of: available).map(\.model)
            #expect(broken.contains(.linearizable) && broken.contains(.sequential))
            // Clients that stay where they are keep their guarantees.
            #expect(!broken.contains(.readYourWrites) && !broken.contains(.monotonicReads))
            #expect(comparison.estimate(small, of: available)?.mean == 100)
            let stale = try #require(comparison.difference("stale_reads_percent", of: available))
            #expect(stale.mean > 0 && stale.count == 3)
            #expect(try #require(comparison.estimate("conflicts", of: available)).mean > 0)
        }
    }

    /// Reads may show several values: sessions are judged as in a run by itself, and models that know
    /// one value alone are not asked.
    @Test func concurrentValuesAreJudgedAlikeEverywhere() throws {
        let registry = StrategyRegistry.standard
        let source = try ScenarioSource(
            yaml: Self.scenario.replacing(
                "[converged: {within: 10s}]", with: "[read-your-writes, monotonic-reads]"),
            strategies: registry.descriptions)
        for strategy in ["eventual", "quorum"] {
            let plan = try Plan(
                try source.scenario(strategy: strategy, options: [("resolve", "siblings")]))
            let run = try SeedRun.measure(plan, strategies: registry)
            let history = try SeedRun.record(plan, strategies: registry).history
            let several = history.indices.contains { position in
                guard case .list = history[position].value else { return false }
                return true
            }
            #expect(several)
            for model in [ConsistencyModel.readYourWrites, .monotonicReads] {
                let finding = run.report.expectations.first { $0.expect == model.rawValue }
                #expect((run.models[model] == .valid) == (finding?.held == true), "\(model)")
            }
            #expect(run.models[.causal] == .unknown && run.models[.pram] == .unknown)
        }
    }

    @Test func aStrategyDoesNotDifferFromItself() throws {
        let comparison = try Self.comparison(seeds: 1...2)
        for figure in comparison.figures {
            #expect(comparison.difference(figure, of: 0)?.mean ?? 0 == 0)
        }
    }

    @Test func theTablesHaveEveryRun() throws {
        let comparison = try Self.comparison(seeds: 1...2)
        let lines = comparison.csv.split(separator: "\n")
        #expect(lines[0] == "strategy,seed,figure,value")
        #expect(lines.count { $0.contains(",verdict,pass") } == 8)
        #expect(lines.contains { $0.hasPrefix("small quorums,2,model.linearizable,invalid") })
        guard case .list(let strategies)? = comparison.json["strategies"] else {
            Issue.record("no strategies")
            return
        }
        #expect(strategies.count == 4)
        let text = CompareReport(comparison).text
        #expect(text.contains("strongest model"))
        #expect(text.contains("linearizable broken"))
    }
}
