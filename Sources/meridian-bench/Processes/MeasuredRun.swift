import Conduct
import Determinism
import Foundation
import Meridian
import Orchestration
import Recording
import RegionCore
import Scenarios

/// A run with real processes whose record is read and thrown away.
///
/// It goes the way of `meridian run` up to the record; what takes long and is not measured, the
/// judgement, is left out.
struct MeasuredRun {
    let plan: Plan
    let contents: RecordContents
    /// What each node used from time 0 to the end, in the order of the Plan.
    let usage: [NodeUsage]
    /// Processor time that this process used: clients, conduct and record.
    let harnessTime: TimeSpan

    /// Carries out the scenario that `yaml` describes.
    static func carryOut(_ yaml: String, in place: Workplace) async throws -> MeasuredRun {
        let scenario = try Scenario.decode(yaml: yaml, strategies: strategies.descriptions)
        let plan = try Plan(scenario)
        let path = place.newFolder(plan.name)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let before = HostFigures.ownProcessorTime
        let settings = RunSettings(executable: try place.nodeExecutable())
        let (folder, end) = try await recorded(plan, settings, at: path)
        let harnessTime = HostFigures.ownProcessorTime - before
        guard end.isComplete else {
            throw BenchFailure("\(plan.name): \(end.failure ?? "the run did not end")")
        }
        let contents = try folder.read()
        return MeasuredRun(
            plan: plan, contents: contents, usage: contents.events.compactMap(NodeUsage.init),
            harnessTime: harnessTime)
    }

    /// Carries out `plan` and leaves its record at `path`.
    static func recorded(
        _ plan: Plan, _ settings: RunSettings, at path: String,
        watch: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) async throws -> (RecordFolder, RunEnd) {
        let folder = try RecordFolder.create(at: path)
        try folder.write(plan: plan.yaml)
        var information = RunInformation(
            meridian: ToolVersion.meridian, toolchain: ToolVersion.toolchain, latencyData: "",
            commandLine: CommandLine.arguments, engine: .processes, scenario: plan.name,
            seed: plan.seed, host: [], startedAt: "")
        let end = try await ProcessRun.carryOut(
            plan, strategies: strategies, settings: settings, folder: folder, watch: watch)
        information.isComplete = end.isComplete
        information.failure = end.failure
        try folder.write(information)
        return (folder, end)
    }

    /// Latencies in milliseconds, sorted, of the operations of `region`'s clients (of all
    /// clients without one) that were planned in `window` and succeeded.
    func latencies(region: String? = nil, in window: Range<TimeSpan>) -> [Double] {
        contents.history.compactMap { operation -> Double? in
            guard operation.outcome == .ok, region == nil || operation.region == region,
                window.contains(operation.planned - .zero)
            else { return nil }
            return operation.latency?.milliseconds
        }.sorted()
    }

    /// Operations that were not done, or of which that is unknown.
    var failures: Int {
        contents.samples.reduce(0) { $0 + $1.fail + $1.info }
    }

    /// Operations a second that succeeded in `window`, whose ends are whole intervals of samples.
    func rate(in window: Range<TimeSpan>) -> Double {
        let samples = contents.samples.filter {
            $0.time - .zero > window.lowerBound && $0.time - .zero <= window.upperBound
        }
        let count = samples.reduce(0) { $0 + $1.ok }
        return Double(count) / (window.upperBound - window.lowerBound).seconds
    }
}

/// The value below which `share` of the sorted `values` lie; NaN if there are none.
func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let rank = Int((Double(values.count) * share).rounded(.up))
    return values[min(max(rank, 1), values.count) - 1]
}

/// Something that a benchmark cannot go on without.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
