import Conduct
import Exploration
import Recording
import RegionCore
import Scenarios
import Simulation
import Synchronization

/// Strategies that scenarios of these tests can name.
let strategies = StrategyRegistry.standard

/// The plan of the scenario that reads `yaml`.
func plan(_ yaml: String) throws -> Plan {
    try Plan(Scenario.decode(yaml: yaml, strategies: strategies.descriptions))
}

/// Runs plans here, and counts them.
final class Runner: Sendable {
    private let made = Mutex<[Plan]>([])

    /// The plans that were run, in order.
    var plans: [Plan] { made.withLock { $0 } }

    /// Runs `plan` and judges it.
    @Sendable func run(_ plan: Plan) throws -> ShrinkTrial {
        made.withLock { $0.append(plan) }
        return ShrinkTrial(try SeedRun.carryOut(plan, strategies: strategies).report)
    }

    /// Shrinks the run of `plan`.
    func shrink(
        _ plan: Plan, recorded: ShrinkTarget? = nil, budget: Int = 150
    ) async throws -> ShrinkResult {
        try await Shrinker.shrink(
            plan, recorded: recorded, strategies: strategies.descriptions, budget: budget,
            run: { try self.run($0) })
    }
}

/// What was sent and what happened in a run of `plan`, with a trace and without.
func traced(_ plan: Plan) throws -> (rows: [TraceRow], events: [RecordedEvent]) {
    let memory = RecordMemory()
    let collector = TraceCollector(plan: plan)
    let engine = try VirtualEngine(
        plan: plan, strategies: strategies, record: memory, trace: collector)
    _ = try engine.run()
    return (collector.rows(timeZero: engine.timeZero), contents(memory, plan).events)
}

/// The record of a run of `plan`.
func contents(_ memory: RecordMemory, _ plan: Plan) -> RecordContents {
    memory.contents(
        run: RunInformation(
            meridian: "", toolchain: "", latencyData: "", commandLine: [], engine: .virtual,
            scenario: plan.name, seed: plan.seed, host: [], startedAt: ""),
        plan: plan.yaml)
}
