import Consistency
import Exploration
import Foundation
import Judgement
import RegionCore
import Scenarios
import Testing

/// What the pages of the strategies promise, seen in the outage of `compare-outage.yaml`: two of
/// five regions are cut off for ten seconds.
struct PromiseTests {
    private static let far = "us-west-2"
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../scenarios/compare-outage.yaml").path

    /// A strategy, and what must show under each seed.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var options: [String: String] = [:]
        /// Whether every run is linearizable and loses nothing.
        var isLinearizable = false
        /// The shares of operations that clients beside the smaller and the larger side had
        /// answered while it was cut off, in percent.
        var smaller: ClosedRange<Double>
        var larger: ClosedRange<Double>
        /// Whether each run shows stale reads, and lost acknowledged writes; `nil`: who knows.
        var isStale: Bool?
        var loses: Bool? = false
        var conflicts: Bool = false

        var testDescription: String {
            options.sorted { $0.key < $1.key }.reduce(name) { "\($0):\($1.key)=\($1.value)" }
        }
    }

    private static let refused = 0.0...35.0
    private static let served = 85.0...100.0

    private static func primaryBackup(_ options: String...) -> [String: String] {
        var result = ["detect_after": "4s"]
        for option in options {
            let parts = option.split(separator: "=").map(String.init)
            result[parts[0]] = parts[1]
        }
        return result
    }

    static let cases = [
        Case(
            name: "raft", options: ["preferred_leader": "us-east-1"], isLinearizable: true,
            smaller: refused, larger: served, isStale: false),
        Case(name: "quorum", smaller: refused, larger: served),
        Case(
            name: "quorum", options: ["write_back": "on"], isLinearizable: true, smaller: refused,
            larger: served, isStale: false),
        Case(
            name: "quorum", options: ["read": "1", "write": "1"], smaller: served,
            larger: served, isStale: true, conflicts: true),
        Case(name: "eventual", smaller: served, larger: served, isStale: true, conflicts: true),
        // The primary stays on the larger side.
        Case(
            name: "primary-backup", options: primaryBackup("mode=semi-sync"),
            isLinearizable: true, smaller: refused, larger: served, isStale: false),
        Case(
            name: "primary-backup", options: primaryBackup("mode=sync"), isLinearizable: true,
            smaller: refused, larger: 0.0...80.0, isStale: false),
        // The primary is cut off, and another is promoted where that is safe.
        Case(
            name: "primary-backup",
            options: primaryBackup("primary=\(far)", "mode=semi-sync", "acknowledgements=2"),
            isLinearizable: true, smaller: 0.0...60.0, larger: 50.0...100.0, isStale: false),
        Case(
            name: "primary-backup",
            options: primaryBackup("primary=\(far)", "mode=semi-sync"), isLinearizable: true,
            smaller: 0.0...80.0, larger: refused, isStale: false),
        Case(
            name: "primary-backup", options: primaryBackup("primary=\(far)", "mode=async"),
            smaller: 30.0...90.0, larger: served, loses: true),
        Case(
            name: "primary-backup",
            options: primaryBackup("primary=\(far)", "mode=async", "fencing=off"),
            smaller: served, larger: served, isStale: true, loses: true),
    ]

    @Test(arguments: cases)
    func anOutageShowsWhatIsPromised(_ tested: Case) throws {
        let registry = StrategyRegistry.standard
        let source = try ScenarioSource(path: Self.path, strategies: registry.descriptions)
        let scenario = try source.scenario(
            strategy: tested.name,
            options: tested.options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        for seed in 1...3 as ClosedRange<UInt64> {
            let run = try SeedRun.measure(
                try Plan(scenario, seed: seed), strategies: registry)
            let report = run.report
            #expect(report.verdict == .pass, "seed \(seed): \(report.remarks)")
            let consistency = report.consistency
            if tested.isLinearizable {
                #expect(consistency.linearizable.verdict == .valid, "seed \(seed)")
            }
            if let isStale = tested.isStale {
                #expect((consistency.staleness.staleReads > 0) == isStale, "seed \(seed)")
            }
            if let loses = tested.loses {
                #expect(((consistency.lostUpdates ?? 0) > 0) == loses, "seed \(seed)")
            }
            #expect((consistency.conflicts.detected > 0) || !tested.conflicts, "seed \(seed)")
            let shares = Dictionary(
                report.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            for (regions, range) in [
                ([Self.far, "ap-southeast-2"], tested.smaller),
                (["us-east-1", "eu-west-1", "ap-northeast-1"], tested.larger),
            ] {
                let mean =
                    regions.compactMap { shares["availability_percent.\($0).during"] }
                    .reduce(0, +) / Double(regions.count)
                #expect(range.contains(mean), "seed \(seed), \(regions): \(mean)")
            }
        }
    }
}
