import Consistency
import Dispatch
import Judgement
import Recording
import RegionCore
import Reporting
import Scenarios
import Synchronization

/// Judges the record in `folder`, from the record alone, and writes `report.json` and `junit.xml`
/// in it; `watch` is told how far the checks of the history are, from any thread. Throws
/// `RecordError` or `ScenarioError` if it is no record that can be read.
public func judge(
    folder path: String, watch: @escaping @Sendable (CheckProgress) -> Void = { _ in }
) throws -> RunResult {
    let folder = try RecordFolder.open(at: path)
    return try judge(try folder.read(), in: folder, watch: watch)
}

/// Judges a record whose contents are known, and writes the report into its folder.
func judge(
    _ contents: RecordContents, in folder: RecordFolder,
    watch: @escaping @Sendable (CheckProgress) -> Void
) throws -> RunResult {
    let recorded = try Scenario.decode(
        yaml: contents.plan, file: folder.path(of: .plan), strategies: strategies.descriptions)
    let report = judge(contents, plan: try Plan(recorded), watch)
    try folder.replace(.report, with: report.encoded)
    try folder.replace(.junit, with: Array(JUnitReport(report).text.utf8))
    let failure =
        contents.run.isComplete
        ? nil
        : RunFailure(
            message: contents.run.failure ?? "the run ended before its record was complete",
            isInterrupted: contents.run.failure == "interrupted"
                || contents.run.failure == "terminated")
    return RunResult(report: report, folder: folder.path, failure: failure)
}

/// The report of a record. The search for violations of linearizability, on all processors, goes on
/// beside the rest.
private func judge(
    _ contents: RecordContents, plan: Plan, _ watch: @escaping @Sendable (CheckProgress) -> Void
) -> Report {
    let found = Mutex<[ConsistencyFigures.LinearizabilityFinding]>([])
    let search = DispatchWorkItem {
        let findings = Judge.linearizability(
            contents, plan: plan, loop: CheckProgress.loop("linearizable", watch))
        found.withLock { $0 = findings }
    }
    DispatchQueue.global().async(execute: search)
    return Judge.judge(
        contents, plan: plan,
        findings: {
            search.wait()
            return found.withLock { $0 }
        },
        models: {
            Judge.models(contents, plan, loop: { CheckProgress.loop($0, watch) })
        })
}

extension RunResult {
    /// The expectations as JUnit XML.
    public var junit: String { JUnitReport(report).text }
}
