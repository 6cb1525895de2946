import Determinism
import Foundation
import RegionCore
import Replication
import Testing

/// The example of `docs/extending.md`: that it works, and that the document shows this very file.
struct ExtendingTests {
    private let member = MemberID(NodeID(region: RegionID(index: 0)))
    private let time = NodeTime(monotonic: .zero, wall: WallTime(nanosecondsSince1970: 0))
    private let key = Key("greeting")

    private func node() throws -> RegionNode {
        var registry = StrategyRegistry.standard
        registry.register(LocalOnly.self)
        let group = GroupPlacement(
            name: "default", strategy: "local-only", options: StrategyOptions(),
            voters: [member])
        let table = RoundTripTable(regionCount: 1, spans: [.zero])
        return try RegionNode(
            setup: NodeSetup(member: member, groups: [group], roundTrips: table, seed: 1),
            registry: registry)
    }

    private func request(_ operation: Replication.Operation, _ sequence: UInt64) -> NodeEvent {
        .request(
            ClientRequest(
                client: ClientID(rawValue: 1), sequence: sequence,
                command: .operate(key, operation, context: VersionVector())),
            group: GroupID(index: 0), RequestHandle(connection: 1, request: sequence))
    }

    private func reply(_ actions: NodeActions) -> ClientReply.Outcome? {
        for case .reply(let reply, _) in actions.actions { return reply.outcome }
        return nil
    }

    @Test func aWriteIsAcknowledgedOnceItIsDurableAndReadBack() throws {
        let node = try node()
        var actions = NodeActions()
        node.start(at: time, into: &actions)
        try node.handle(request(.write([1, 2]), 1), at: time, into: &actions)
        #expect(actions.records.count == 1)
        #expect(reply(actions) == nil, "an acknowledgement before the record is durable")
        let record = try #require(actions.records.first)
        actions.removeAll()
        try node.handle(
            .durable(record.position, group: record.group), at: time, into: &actions)
        #expect(reply(actions) == .done(nil))
        actions.removeAll()
        try node.handle(request(.read, 2), at: time, into: &actions)
        #expect(reply(actions) == .values([.bytes([1, 2])]))

        let reborn = try self.node()
        try reborn.recover(
            GroupID(index: 0), checkpoint: nil,
            checkpointThrough: JournalPosition(rawValue: 0), records: [record.record.encoded])
        #expect(
            reborn.finalState(of: GroupID(index: 0)) == node.finalState(of: GroupID(index: 0)))
    }

    @Test func theDocumentShowsThisExample() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let source = try String(
            contentsOf: tests.appendingPathComponent("LocalOnly.swift"), encoding: .utf8)
        let document = try String(
            contentsOf: tests.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("docs/extending.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(source)```"))
    }
}
