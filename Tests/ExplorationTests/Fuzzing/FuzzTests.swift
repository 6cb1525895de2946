import Exploration
import Judgement
import Recording
import RegionCore
import Scenarios
import Simulation
import Testing

struct FuzzTests {
    static let strategies = StrategyRegistry.standard

    static func run(_ yaml: String) throws -> SeedRun {
        SeedRun(
            try Scenario.decode(
                yaml: yaml, file: "test.yaml", strategies: strategies.descriptions),
            strategies: strategies)
    }

    static let scenario = """
        name: small
        duration: 3s
        topology: {regions: [us-east-1, us-east-2, ca-central-1]}
        replication: {strategy: raft}
        workload: {clients: 1, rate: 20/s, operations: {read: 50%, write: 50%}}
        faults: [{at: 1s, kill: leader, for: 500ms}]
        expect: [linearizable, lost_updates: 0, converged: {within: 10s}]
        """

    @Test func everySeedIsSomebodysOnce() {
        let plan = FuzzPlan(seeds: 5...104, hasCanaries: false)
        for workers in 1...7 {
            let shares = (0..<workers).map { plan.share(of: $0, among: workers) }
            #expect(shares.flatMap { $0 }.sorted() == Array(5...104))
        }
        #expect(plan.share(of: 1, among: 3, after: 99) == [102])
        let last = FuzzPlan(seeds: UInt64.max - 3...UInt64.max, hasCanaries: false)
        #expect(last.share(of: 0, among: 2) == [UInt64.max - 3, UInt64.max - 1])
    }

    @Test func oneSeedInAHundredIsACanary() {
        let plan = FuzzPlan(seeds: 1...1000, hasCanaries: true)
        #expect((1...1000).filter { plan.isCanary($0) }.count == 10)
        let few = FuzzPlan(seeds: 1...20, hasCanaries: true)
        #expect((1...20).filter { few.isCanary($0) } == [20])
        let none = FuzzPlan(seeds: 1...1000, hasCanaries: false)
        #expect(!(1...1000).contains { none.isCanary($0) })
    }

    @Test func aCanaryFailsWhateverIsExpected() throws {
        let run = try Self.run(Self.scenario)
        for seed in 1...5 as ClosedRange<UInt64> {
            #expect(try run.carryOut(seed: seed).code == .passed)
            let spoilt = try run.carryOut(seed: seed, isCanary: true)
            #expect(spoilt.code == .safetyFailed)
            #expect(spoilt.failures.count == 3, "all three expectations: \(spoilt.failures)")
        }
    }

    @Test func failuresAreGroupedByKindAndCanariesCountedApart() {
        var summary = FuzzSummary()
        func outcome(_ seed: UInt64, _ code: ExitCode, _ kinds: [String]) -> SeedOutcome {
            SeedOutcome(
                seed: seed, code: code,
                failures: kinds.map { SeedOutcome.Failure(kind: $0, detail: "of \(seed)") })
        }
        summary.add(outcome(4, .passed, []))
        summary.add(outcome(9, .livenessFailed, ["late"]))
        summary.add(outcome(2, .safetyFailed, ["lost", "late"]))
        var canary = outcome(100, .safetyFailed, ["lost"])
        canary.isCanary = true
        summary.add(canary)
        #expect(summary.groups.map(\.kind) == ["late", "lost"])
        #expect(summary.groups[0].seeds == [2, 9])
        #expect(summary.groups[0].detail == "of 2", "that of the first seed")
        #expect(summary.exitCode == 1)
        #expect(summary.failed == 2)
        summary.addCrash(7, "signal 4")
        #expect(summary.exitCode == 70)
    }

    @Test func aMissedCanaryMakesTheWholeUnknown() {
        var summary = FuzzSummary()
        var canary = SeedOutcome(seed: 100, code: .passed, failures: [])
        canary.isCanary = true
        summary.add(canary)
        #expect(summary.exitCode == 3)
    }

    @Test func outcomesSurviveTheWayFromTheWorker() throws {
        var outcome = try Self.run(Self.scenario).carryOut(seed: 3)
        outcome.failures = [SeedOutcome.Failure(kind: "a \"kind\"", detail: "é\n")]
        let line = outcome.json.line
        #expect(try SeedOutcome(json: JSONParser.parse(Array(line.utf8)[...])) == outcome)
    }

    @Test func transitionsCountForTheFaultsInForce() throws {
        let outcome = try Self.run(Self.scenario).carryOut(seed: 3)
        let raft = try #require(outcome.coverage.strategies.first)
        #expect(raft.name == "raft")
        let elected = try #require(raft.transitions.firstIndex(of: "candidate>leader"))
        let kill = try #require(TransitionCoverage.conditions.firstIndex(of: "kill"))
        let partition = try #require(TransitionCoverage.conditions.firstIndex(of: "partition"))
        #expect(raft.counts[elected][0] >= 1, "the first leader, before any fault")
        #expect(raft.counts[elected].dropFirst().reduce(0, +) + raft.counts[elected][0] >= 2)
        #expect(raft.counts.contains { $0[kill] > 0 })
        #expect(raft.counts.allSatisfy { $0[partition] == 0 })
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func swarmsRunToTheirEnd(seed: UInt64) throws {
        var run = try Self.run(Self.scenario)
        run.isSwarm = true
        let outcome = try run.carryOut(seed: seed)
        #expect(outcome.code == .passed, "\(outcome.failures)")
    }

    /// A follower forwarded a write, lost the leader and forwarded it again; its session had
    /// expired meanwhile, and the refusal said that nothing had been done.
    @Test func aRepeatedForwardNeverSaysThatNothingWasDone() throws {
        var path = #filePath
        for _ in 0..<4 { path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        var run = SeedRun(
            try Scenario.load(
                path: path + "/scenarios/fuzz.yaml", strategies: Self.strategies.descriptions),
            strategies: Self.strategies)
        run.isSwarm = true
        let outcome = try run.carryOut(seed: 3221)
        #expect(outcome.code == .passed, "\(outcome.failures)")
    }
}
