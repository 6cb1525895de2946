import Conduct
import Consistency
import Judgement
import Recording
import RegionCore
import Replication
import Scenarios
import Simulation
import Workloads

/// One run of a scenario under one seed in virtual time, from the draw to the verdict, without a
/// folder: what `fuzz` does thousands of times, and `shrink` with ever smaller plans.
package struct SeedRun {
    /// The scenario, before any seed.
    package var scenario: Scenario
    /// The strategies that nodes can run.
    package var strategies: StrategyRegistry
    /// Whether the seed also draws the topology, the workload and everything else.
    package var isSwarm = false
    /// What the search for violations of linearizability may spend on each run.
    package var budget = CheckBudget.brief

    /// Runs of `scenario`.
    package init(_ scenario: Scenario, strategies: StrategyRegistry) {
        self.scenario = scenario
        self.strategies = strategies
    }

    /// The plan of the run under `seed`. Throws `ScenarioError` if there is none.
    package func plan(seed: UInt64) throws -> Plan {
        guard isSwarm else { return try Plan(scenario, seed: seed) }
        return try Plan(
            Swarm.draw(from: scenario, seed: seed, strategies: strategies.descriptions))
    }

    /// Runs under `seed` and judges. A canary is spoilt before it is judged, so that it must fail.
    ///
    /// Throws `ScenarioError`, `InvalidWorkload` or `InvalidOption` if the run cannot start.
    package func carryOut(seed: UInt64, isCanary: Bool = false) throws -> SeedOutcome {
        let plan = try plan(seed: seed)
        let result = try Self.carryOut(
            plan, strategies: strategies, isCanary: isCanary, budget: budget)
        var outcome = SeedOutcome(seed: seed, report: result.report)
        outcome.isCanary = isCanary
        outcome.delivered = result.work.delivered
        outcome.coverage = result.coverage
        return outcome
    }

    /// Runs `plan` in memory and judges it, with the tables of availability and latency if asked.
    package static func carryOut(
        _ plan: Plan, strategies: StrategyRegistry, isCanary: Bool = false, rows: Bool = false,
        budget: CheckBudget = CheckBudget()
    ) throws -> (report: Report, work: VirtualWork, coverage: TransitionCoverage) {
        var (contents, engine) = try recorded(plan, strategies: strategies)
        if isCanary { Canary.spoil(&contents) }
        let report = Judge.judge(contents, plan: plan, budget: budget, rows: rows)
        return (report, engine.work, engine.coverage)
    }

    /// Runs `plan` in memory, judges it with all tables, and asks which models it kept to.
    package static func measure(
        _ plan: Plan, strategies: StrategyRegistry
    ) throws -> (report: Report, models: HeldModels) {
        let contents = try record(plan, strategies: strategies)
        return (
            Judge.judge(contents, plan: plan, budget: .brief, rows: true),
            HeldModels(contents, plan: plan)
        )
    }

    /// What is recorded of a run of `plan`, in memory.
    package static func record(
        _ plan: Plan, strategies: StrategyRegistry
    ) throws -> RecordContents {
        try recorded(plan, strategies: strategies).contents
    }

    private static func recorded(
        _ plan: Plan, strategies: StrategyRegistry
    ) throws -> (contents: RecordContents, engine: VirtualEngine) {
        let memory = RecordMemory()
        let engine = try VirtualEngine(plan: plan, strategies: strategies, record: memory)
        let end = try engine.run()
        var information = RunInformation(
            meridian: "", toolchain: "", latencyData: "", commandLine: [], engine: .virtual,
            scenario: plan.name, seed: plan.seed, host: [], startedAt: "")
        information.isComplete = end.isComplete
        information.failure = end.failure
        return (memory.contents(run: information, plan: ""), engine)
    }
}
