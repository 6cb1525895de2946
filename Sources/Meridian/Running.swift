import Conduct
import Foundation
import Geography
import Judgement
import Orchestration
import Recording
import RegionCore
import Scenarios
import Workloads

/// How a run is carried out, apart from what its scenario says.
public struct RunOptions: Sendable {
    /// The seed, in place of the scenario's.
    public var seed: UInt64?
    /// The folder for the record; by default `runs/<name>-<UTC time>`.
    public var folder: String?
    /// Whether nodes' databases stay in the record.
    public var keepsData = false
    /// Whether the record has a trace of all messages; only in virtual time.
    public var isTraced = false
    /// Whether the record has a row for each write that reaches a replica, whatever the scenario
    /// says.
    public var logsReplication = false
    /// Whether nodes log every detail.
    public var isVerbose = false
    /// The `region-node` executable; by default the one beside this program.
    public var nodeExecutable: String?
    /// Told how far the checks of the history are, from any thread.
    public var watchChecks: @Sendable (CheckProgress) -> Void = { _ in }
    /// What the record says was the command line.
    public var commandLine: [String] = []

    /// The default options.
    public init() {}

    /// The scenario with what these options add to it.
    func applied(to scenario: Scenario) -> Scenario {
        var scenario = scenario
        if logsReplication { scenario.logsReplication = true }
        return scenario
    }
}

/// What came of a run, or of judging its record again.
public struct RunResult: Sendable {
    /// Every figure, and the verdict.
    public var report: Report
    /// The folder of the record.
    public var folder: String
    /// Why the run did not come to its end, if it did not.
    public var failure: RunFailure?
}

/// Why a run did not come to its end.
public struct RunFailure: Error, Hashable, Sendable {
    /// What happened, in a sentence.
    public var message: String
    /// Whether a person ended it.
    public var isInterrupted: Bool
}

/// A run that cannot start.
public struct RunError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String
}

/// Runs `scenario` with real processes, judges it, and writes the record.
///
/// The same scenario and seed make the same choices; timing is the host's. Throws
/// `ScenarioError`, `RecordError` or ``RunError`` if the run cannot start; a run that started and
/// did not come to its end gives a result with a ``RunResult/failure``.
public func run(_ scenario: Scenario, options: RunOptions = RunOptions()) async throws -> RunResult
{
    try await run(scenario, options: options) { _ in }
}

/// The same, told several times a second how the run goes.
package func run(
    _ scenario: Scenario, options: RunOptions,
    watch: @escaping @Sendable (RunProgress) -> Void
) async throws -> RunResult {
    let plan = try Plan(options.applied(to: scenario), seed: options.seed)
    let (executable, arguments) =
        try options.nodeExecutable.map { ($0, []) } ?? nodeProgram.command()
    guard FileManager.default.isExecutableFile(atPath: executable) else {
        throw RunError(description: "'\(executable)' is not an executable; build region-node")
    }
    let run = try RunFolder(plan: plan, engine: .processes, options: options)
    var settings = RunSettings(
        executable: executable, keepsData: options.keepsData, isVerbose: options.isVerbose)
    settings.arguments = arguments
    let end: RunEnd
    do {
        end = try await ProcessRun.carryOut(
            plan, strategies: strategies, settings: settings, folder: run.folder, watch: watch)
    } catch let error as InvalidWorkload {
        throw RunError(description: "the scenario's workload: \(error)")
    }
    return try run.finish(end)
}
