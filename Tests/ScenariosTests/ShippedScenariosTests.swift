import Foundation
import Replication
import Scenarios
import Testing

/// The files in `scenarios/`.
enum Shipped {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scenarios")

    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.sorted()

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }
}

@Suite struct ShippedScenariosTests {
    @Test func noneIsMissing() {
        let named: Set = [
            "first-outage.yaml", "split-brain.yaml", "eventual-conflicts.yaml",
            "leader-crash.yaml", "one-way-cut.yaml", "one-way-cut-without-prevote.yaml",
            "gray-failure.yaml", "rolling-restart.yaml", "zone-outage.yaml", "data-loss.yaml",
            "clock-skew.yaml", "disk-trouble.yaml", "slow-node.yaml",
            "narrow-link.yaml", "sessions.yaml", "sessions-clock.yaml",
            "github-style-failover.yaml",
        ]
        #expect(named.isSubset(of: Shipped.names))
    }

    @Test(arguments: Shipped.names)
    func everyFileSuitsTheStrategiesThatComeWithIt(_ name: String) throws {
        let strategies = [
            Raft.strategy, Eventual.strategy, Quorum.strategy, PrimaryBackup.strategy,
        ]
        _ = try Plan(Scenario.load(path: Shipped.path(name), strategies: strategies))
    }

    @Test(arguments: Shipped.names)
    func everyFileDecodesAndPlans(_ name: String) throws {
        let scenario = try Scenario.load(path: Shipped.path(name), strategies: Strategies.all)
        #expect("\(scenario.name).yaml" == name)
        #expect(scenario.title != nil)
        #expect(!scenario.expectations.isEmpty)
        let plan = try Plan(scenario)
        #expect(!plan.nodes.isEmpty)
    }
}
