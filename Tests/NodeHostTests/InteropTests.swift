import Foundation
import RegionCore
import Replication
import Testing
import Tokens

@testable import NodeHost

/// A client in another language, written from `docs/protocol.md`, against a real node.
@Suite struct InteropTests {
    private static let interpreter = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: interpreter != nil, "python3 is not installed"))
    func anIndependentClientWritesAndReads() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        for (name, type) in [("cart", ValueType.set), ("profile", .map)] {
            let group = GroupPlacement(
                name: name, strategy: "eventual",
                options: StrategyOptions(["resolve": .choice("merge")]),
                voters: configuration.groups[0].voters, valueType: type)
            configuration.groups.append(GroupConfiguration(group))
        }
        let node = try TestNode(configuration, in: scratch)
        defer { try? node.stop() }
        try expectInterop(
            "--port", "\(node.port)", "--token", "run", "--sets", "1", "--maps", "2")
    }

    @Test(.enabled(if: interpreter != nil, "python3 is not installed"))
    func anIndependentClientLogsInOnOneNodeAndValidatesOnAnother() throws {
        let rings = try TokenKeyRing.make(regions: ["n0", "n1"])
        let cluster = try TestCluster(2) { $0.offerSessions(rings) }
        defer { try? cluster.stop() }
        try expectInterop(
            "--port", "\(cluster.nodes[0].port)", "--token", "run", "--sessions-at",
            "\(cluster.nodes[1].port)")
    }

    private func expectInterop(_ arguments: String...) throws {
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Interop/client.py")
        let client = Process()
        let output = Pipe()
        let errors = Pipe()
        client.executableURL = URL(fileURLWithPath: try #require(Self.interpreter))
        client.arguments = [program.path] + arguments
        client.standardOutput = output
        client.standardError = errors
        try client.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
        client.waitUntilExit()
        #expect(client.terminationStatus == 0, "\(String(decoding: complaints, as: UTF8.self))")
        #expect(String(decoding: said, as: UTF8.self) == "interop ok\n")
    }
}
