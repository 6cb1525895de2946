import Conduct
import Foundation
import Judgement
import Recording
import RegionCore
import Scenarios
import Simulation
import Workloads

/// Runs `scenario` in virtual time, judges it, and writes the record.
///
/// The same scenario and seed give the same record, `run.json` apart. Throws `ScenarioError`,
/// `RecordError` or ``RunError`` if the run cannot start.
public func simulate(
    _ scenario: Scenario, options: RunOptions = RunOptions()
) throws -> RunResult {
    try simulate(scenario, options: options) { _ in true }
}

/// The same, told now and then how the run goes; what `watch` returns says whether to go on.
package func simulate(
    _ scenario: Scenario, options: RunOptions, watch: (VirtualEngine) -> Bool
) throws -> RunResult {
    let plan = try Plan(options.applied(to: scenario), seed: options.seed)
    let run = try RunFolder(plan: plan, engine: .virtual, options: options)
    let memory = RecordMemory(sink: try RecordSink(folder: run.folder))
    let end: RunEnd
    let delivered: UInt64
    do {
        let trace = options.isTraced ? TraceCollector(plan: plan) : nil
        let engine = try VirtualEngine(
            plan: plan, strategies: strategies, record: BackgroundRecord(memory),
            trace: trace)
        end = try engine.run(watch: watch)
        delivered = engine.work.delivered
        if let trace { try run.folder.write(trace: trace.rows(timeZero: engine.timeZero)) }
    } catch let error as InvalidWorkload {
        throw RunError(description: "the scenario's workload: \(error)")
    }
    return try run.finish(end, memory: memory, delivered: delivered)
}
