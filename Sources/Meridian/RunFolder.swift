import Conduct
import Foundation
import Geography
import Recording
import Scenarios

/// The folder of a run that is about to begin: what stands in it before, and what is added when
/// the run has ended. Both engines use it.
struct RunFolder {
    let folder: RecordFolder
    private var information: RunInformation
    private let started: Date
    private let watchChecks: @Sendable (CheckProgress) -> Void

    init(plan: Plan, engine: RunInformation.Engine, options: RunOptions) throws {
        started = Date()
        watchChecks = options.watchChecks
        let path = options.folder ?? "runs/\(plan.name)-\(compactTime(started))"
        folder = try RecordFolder.create(at: path)
        try folder.write(plan: plan.yaml)
        information = RunInformation(plan: plan, engine: engine, options: options, at: started)
        try folder.write(information)
    }

    /// Completes the record and judges it, from its folder or, where that is known, from memory.
    func finish(
        _ end: RunEnd, memory: RecordMemory? = nil, delivered: UInt64? = nil
    ) throws -> RunResult {
        let ended = Date()
        var information = information
        information.isComplete = end.isComplete
        information.failure = end.failure
        information.endedAt = longTime(ended)
        information.wallMilliseconds = ((ended.timeIntervalSince(started)) * 1000).rounded()
        information.delivered = delivered.map { Int64(clamping: $0) }
        if end.isComplete { information.lines = try folder.countLines() }
        try folder.write(information)
        guard let memory else { return try judge(folder: folder.path, watch: watchChecks) }
        let contents = memory.contents(run: information, plan: try folder.readPlan())
        return try judge(contents, in: folder, watch: watchChecks)
    }
}

extension RunInformation {
    /// What is known of a run of `plan` when it starts.
    init(plan: Plan, engine: Engine, options: RunOptions, at start: Date) {
        self.init(
            meridian: ToolVersion.meridian, toolchain: ToolVersion.toolchain,
            latencyData: provenance(of: plan), commandLine: options.commandLine,
            engine: engine, scenario: plan.name, seed: plan.seed, host: hostDescription(),
            startedAt: longTime(start))
    }
}

private func provenance(of plan: Plan) -> String {
    let matrix = plan.scenario.topology.latency
    let parts = [matrix.statistic, matrix.source, matrix.date].filter { !$0.isEmpty }
    return "\(matrix.rawValue): " + parts.joined(separator: "; ")
}

private func hostDescription() -> [JSONValue.Member] {
    let process = ProcessInfo.processInfo
    return [
        .init("system", .text(process.operatingSystemVersionString)),
        .init("processors", .count(process.activeProcessorCount)),
        .init("memory_bytes", .count(process.physicalMemory)),
    ]
}

private func longTime(_ date: Date) -> String {
    ISO8601DateFormatter().string(from: date)
}

/// `date` in UTC as names of folders have it: `20260131T120000Z`.
func compactTime(_ date: Date) -> String {
    String(longTime(date).filter { $0 != "-" && $0 != ":" })
}
