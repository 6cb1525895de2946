import Determinism
import Exploration
import Recording
import RegionCore
import Replication
import Scenarios
import Testing

/// From failing scenarios to the smallest that fail the same way.
@Suite struct ShrinkerTests {
    /// Reads are answered from whatever a node has: not linearizable. All else is beside the point.
    static let localReads = """
        name: local-reads
        seed: 5
        duration: 8s
        topology:
          regions: [us-east-1, eu-central-1, {name: eu-west-1, nodes: 2, zones: [a, b]}]
          links: [{all: true, loss: 0.1%}]
        replication: {strategy: raft, reads: local, preferred_leader: us-east-1}
        workload: {clients: 2, rate: 20/s, keys: {count: 5}, operations: {read: 50%, write: 50%}}
        faults:
          - {at: 2s, degrade: {region: eu-west-1, one_way: +80ms, loss: 2%}, for: 1s}
          - {at: 4s, pause: eu-central-1, for: 1s}
        expect:
          - linearizable
          - converged: {within: 20s}
        """

    /// Writes that only Virginia has are gone with its disk: the kill is needed, the rest is not.
    static let dataLoss = """
        name: loss
        seed: 19
        duration: 12s
        topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
        replication: {strategy: eventual, replication_delay: 3s, anti_entropy: 30s}
        workload: {clients: 2, rate: 20/s, operations: {read: 50%, write: 50%}, keys: {count: 200}}
        faults:
          - {at: 1s, degrade: {all: true, one_way: +20ms, loss: 1%}, for: 1s}
          - {at: 2s, pause: eu-central-1, for: 1s}
          - {at: 3s, partition: [[us-east-1, eu-central-1], [ap-northeast-1]], for: 2s}
          - {at: 6s, kill: us-east-1, disk: gone, for: 2s}
          - {at: 7s, isolate: ap-northeast-1, for: 1s}
        expect:
          - converged: {within: 45s}
          - lost_updates: 0
          - availability: {at_least: 50%, fault: f4}
        """

    @Test func whatIsBesideThePointGoes() async throws {
        let result = try await Runner().shrink(try plan(Self.localReads))
        let size = ScenarioSize(result.scenario)
        #expect(size.faults == 0)
        #expect(size.nodes <= 2)
        #expect(size.keys == 1)
        #expect(size.expectations == 1)
        #expect(result.scenario.topology.links.isEmpty)
        #expect(result.scenario.replication.options.sorted.map(\.name) == ["reads"])
        #expect(result.trial.failures.map(\.kind) == ["safety: linearizable"])
        #expect(result.trial.operations < 20, "\(result.scenario.conciseYAML)")
        #expect(!result.isUnchanged)
    }

    @Test func whatIsNeededStays() async throws {
        let result = try await Runner().shrink(try plan(Self.dataLoss))
        let text = result.scenario.conciseYAML
        try #require(result.scenario.faults.count == 1, "\(text)")
        guard case .kill(_, disk: .gone) = result.scenario.faults[0].kind else {
            Issue.record("the kill is not what is left: \(text)")
            return
        }
        #expect(result.trial.failures.map(\.kind) == ["safety: lost_updates: 0"])
        #expect(ScenarioSize(result.scenario).regions < 3, "\(text)")
    }

    @Test(arguments: [localReads, dataLoss])
    func everyRunIsOfAValidScenarioThatIsNotLarger(_ yaml: String) async throws {
        let first = try plan(yaml)
        let runner = Runner()
        _ = try await runner.shrink(first)
        for plan in runner.plans {
            #expect(ScenarioSize(plan.scenario).isWithin(ScenarioSize(first.scenario)))
            let again = try Scenario.decode(
                yaml: plan.scenario.conciseYAML, strategies: strategies.descriptions)
            #expect(again == plan.scenario)
        }
    }

    @Test func theResultFailsAgainFromItsText() async throws {
        let result = try await Runner().shrink(try plan(Self.dataLoss))
        let again = try Runner().run(plan(result.scenario.conciseYAML))
        #expect(again == result.trial)
    }

    @Test func theSameComesOutEachTime() async throws {
        let one = Runner()
        let other = Runner()
        let first = try await one.shrink(try plan(Self.localReads), budget: 60)
        let second = try await other.shrink(try plan(Self.localReads), budget: 60)
        #expect(first.scenario == second.scenario)
        #expect(one.plans == other.plans)
    }

    @Test func theBudgetIsKept() async throws {
        let runner = Runner()
        let result = try await runner.shrink(try plan(Self.localReads), budget: 7)
        #expect(runner.plans.count == 7)
        #expect(result.runs == 7)
        #expect(result.isExhausted)
    }

    @Test func whatCannotBeMadeSmallerStaysAsItIs() async throws {
        let small = try await Runner().shrink(try plan(Self.localReads), budget: 400)
        try #require(!small.isExhausted)
        let again = try await Runner().shrink(try Plan(small.scenario), budget: 400)
        #expect(again.isUnchanged, "\(small.scenario.conciseYAML)\n\(again.scenario.conciseYAML)")
    }

    @Test func aRunThatDoesNotFailIsRefused() async throws {
        let passing = try plan(
            Self.localReads.replacingReads(with: "read-index"))
        await #expect(throws: ShrinkRefusal(failures: [])) {
            try await Runner().shrink(passing)
        }
    }

    @Test func aRunThatFailsInAnotherWayIsRefused() async throws {
        // In the record convergence failed, they say; here linearizability does.
        await #expect(throws: ShrinkRefusal.self) {
            try await Runner().shrink(
                try plan(Self.localReads), recorded: .expectations([1]), budget: 10)
        }
    }

    @Test func unknownIsNoFailure() throws {
        let scenario = try plan(Self.localReads).scenario
        #expect(ShrinkTarget(ShrinkTrial.unknown, of: scenario) == nil)
    }

    @Test func safetyOutweighsLiveness() throws {
        let scenario = try plan(Self.localReads).scenario
        #expect(
            ShrinkTarget(ShrinkTrial.failing([0, 1]), of: scenario) == .expectations([0]))
        #expect(ShrinkTarget(ShrinkTrial.failing([1]), of: scenario) == .expectations([1]))
    }

    /// A program that comes to its end whenever a node is paused.
    @Test func crashesAreShrunkToo() async throws {
        let result = try await Shrinker.shrink(
            try plan(Self.dataLoss), recorded: .crash, strategies: strategies.descriptions,
            budget: 200,
            run: { plan in
                let pauses = plan.faults.contains { $0.kind.name == "pause" }
                return pauses ? .crash("signal 5") : ShrinkTrial.failing([1])
            })
        #expect(result.scenario.faults.map(\.kind.name) == ["pause"])
        #expect(result.scenario.expectations.isEmpty)
        #expect(result.trial.isCrash)
    }

    /// Without the partition something else fails, which is not what is looked for.
    @Test func anotherFailureDoesNotCount() async throws {
        let result = try await Shrinker.shrink(
            try plan(Self.dataLoss), strategies: strategies.descriptions, budget: 300,
            run: { plan in
                let isSplit = plan.faults.contains { $0.kind.name == "partition" }
                return ShrinkTrial.failing(
                    plan.expectations.indices.filter {
                        plan.expectations[$0].isSafety == isSplit
                    })
            })
        #expect(result.scenario.faults.map(\.kind.name) == ["partition"])
        #expect(result.scenario.expectations == [.lostUpdates(atMost: 0)])
    }

    /// A failure that shows under one other seed only, once the first fault is gone.
    @Test func otherSeedsAreTried() async throws {
        let result = try await Shrinker.shrink(
            try plan(Self.dataLoss), strategies: strategies.descriptions, budget: 2000,
            run: { plan in
                let fails = plan.faults.count == 5 || plan.seed == 21
                let loss = plan.expectations.indices.filter {
                    plan.expectations[$0] == .lostUpdates(atMost: 0)
                }
                return ShrinkTrial.failing(fails ? loss : [])
            })
        #expect(result.scenario.seed == 21)
        #expect(result.scenario.faults.isEmpty)
    }
}

extension ShrinkTrial {
    /// A run in which these expectations did not hold.
    static func failing(_ positions: [Int]) -> ShrinkTrial {
        ShrinkTrial(json: row(failed: positions)) ?? .crash("no trial")
    }

    /// A run of which nothing can be said.
    static var unknown: ShrinkTrial { failing([]) }

    private static func row(failed positions: [Int]) -> JSONValue {
        .members([
            "failed": .list(positions.map { .count($0) }),
            "failures": .list([.members(["kind": .text("unknown"), "detail": .text("")])]),
            "operations": .count(1), "messages": .count(1),
        ])
    }
}

extension String {
    fileprivate func replacingReads(with word: String) -> String {
        split(separator: "reads: local", omittingEmptySubsequences: false)
            .joined(separator: "reads: \(word)")
    }
}
