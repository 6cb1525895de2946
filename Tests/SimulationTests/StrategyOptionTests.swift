import Foundation
import RegionCore
import Scenarios
import Testing

/// What strategies object to, told before anything runs, with its place.
struct StrategyOptionTests {
    private func problems(_ replication: String) -> [String] {
        do {
            _ = try Scenario.decode(
                yaml: """
                    name: options
                    topology: {regions: [us-east-1, eu-west-1, ap-northeast-1]}
                    replication: \(replication)
                    """, file: nil, strategies: strategies.descriptions)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scenarios")

    /// Options and distances of the scenarios that come with the project suit their strategies.
    @Test func shippedScenariosAreAccepted() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count > 20)
        for name in names {
            _ = try Scenario.load(
                path: Self.folder.appendingPathComponent(name).path,
                strategies: strategies.descriptions)
        }
    }

    /// Distances count: what suits one room is too short for the world.
    @Test func leasesMustOutlastTheRoundTripsOfTheRegions() throws {
        let found = try #require(problems("{strategy: primary-backup, detect_after: 400ms}").first)
        #expect(
            found.hasPrefix("3:14: replication.lease: 200ms is too short to be renewed"), "\(found)"
        )
        #expect(problems("{strategy: primary-backup, detect_after: 4s}").isEmpty)
    }

    @Test func whatHasNoEffectIsRefused() {
        for (options, option) in [
            ("acknowledgements: 2", "acknowledgements"),
            ("mode: sync, acknowledgements: 2", "acknowledgements"),
            ("degrade_after: 2s", "degrade_after"),
        ] {
            let found = problems("{strategy: primary-backup, \(options)}")
            #expect(found.count == 1 && found[0].contains("replication.\(option): "), "\(found)")
        }
        let alone = problems("{strategy: primary-backup, mode: semi-sync, regions: [us-east-1]}")
        #expect(alone.first?.contains("the group has one member") == true, "\(alone)")
    }
}
