import Conduct
import Determinism
import Recording
import RegionCore
import Replication
import Scenarios
import Simulation

let strategies = StrategyRegistry.standard

/// A run in virtual time, in memory.
struct Played {
    let plan: Plan
    let end: RunEnd
    let contents: RecordContents
    let work: VirtualWork

    /// Plays the scenario that reads `yaml`.
    init(_ yaml: String, seed: UInt64? = nil) throws {
        let scenario = try Scenario.decode(
            yaml: yaml, file: "test.yaml", strategies: strategies.descriptions)
        try self.init(try Plan(scenario, seed: seed))
    }

    init(_ plan: Plan) throws {
        self.plan = plan
        let memory = RecordMemory()
        let engine = try VirtualEngine(plan: plan, strategies: strategies, record: memory)
        end = try engine.run()
        work = engine.work
        var run = RunInformation(
            meridian: "", toolchain: "", latencyData: "", commandLine: [], engine: .virtual,
            scenario: plan.name, seed: plan.seed, host: [], startedAt: "")
        run.isComplete = end.isComplete
        run.failure = end.failure
        contents = memory.contents(run: run, plan: plan.yaml)
    }

    var history: [HistoryOperation] { Array(contents.history) }

    func events(_ kind: RecordedEvent.Kind) -> [RecordedEvent] {
        contents.events.filter { $0.kind == kind }
    }

    /// The region that leads the only group at the end of the run.
    var leader: RegionID? {
        events(.leaderObserved).last?.node.flatMap { plan.node(named: $0)?.id.region }
    }
}

extension HistoryOperation {
    /// From the planned start to the answer.
    var latency: TimeSpan? { completed.map { $0 - planned } }
}
