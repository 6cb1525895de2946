import Determinism
import Foundation
import RegionCore
import Replication
import Testing

/// The merge of `docs/extending.md`: that nodes which registered it merge by it, and that the
/// document shows this very file.
struct OwnMergeTests {
    private let members = (0..<2).map { MemberID(NodeID(region: RegionID(index: $0))) }
    private let time = NodeTime(monotonic: .zero, wall: WallTime(nanosecondsSince1970: 1))
    private let group = GroupID(index: 0)
    private let key = Key("lot")

    private var registry: StrategyRegistry {
        var registry = StrategyRegistry.standard
        registry.register(HighestBids.self)
        return registry
    }

    private let options = StrategyOptions([
        "resolve": .choice("merge"), "merge": .choice("highest-bids"),
    ])

    private func node(_ index: Int) throws -> RegionNode {
        let placement = GroupPlacement(
            name: "lots", strategy: "eventual", options: options, voters: members)
        let table = RoundTripTable(
            regionCount: 2, spans: Array(repeating: .zero, count: 4))
        return try RegionNode(
            setup: NodeSetup(
                member: members[index], groups: [placement], roundTrips: table, seed: 1),
            registry: registry)
    }

    /// Lets a node carry out an operation, and returns what it answers.
    private func ask(
        _ node: RegionNode, _ operation: Replication.Operation, _ sequence: UInt64
    ) throws -> ClientReply.Outcome? {
        var actions = NodeActions()
        let request = ClientRequest(
            client: ClientID(rawValue: 1), sequence: sequence,
            command: .operate(key, operation, context: VersionVector()))
        try node.handle(
            .request(
                request, group: group, RequestHandle(connection: 1, request: sequence)),
            at: time, into: &actions)
        for record in actions.records {
            try node.handle(
                .durable(record.position, group: record.group), at: time, into: &actions)
        }
        for case .reply(let reply, _) in actions.actions { return reply.outcome }
        return nil
    }

    @Test func aNodeMergesByIt() throws {
        let node = try node(0)
        var actions = NodeActions()
        node.start(at: time, into: &actions)
        _ = try ask(node, .write(Array("ann:30".utf8)), 1)
        _ = try ask(node, .write(Array("bob:20".utf8)), 2)
        _ = try ask(node, .write(Array("ann:10".utf8)), 3)
        #expect(try ask(node, .read, 4) == .values([.bytes(Array("ann:30".utf8))]))
    }

    @Test func mergingIsAJoin() throws {
        func bids(_ texts: String...) -> HighestBids {
            var result = HighestBids()
            for (index, text) in texts.enumerated() {
                result.apply(
                    .write(Array(text.utf8)),
                    MergeUpdate(
                        dot: Dot(member: members[0], counter: UInt64(index + 1)),
                        timestamp: .zero))
            }
            return result
        }
        let states = [
            bids(), bids("ann:30"), bids("bob:20", "ann:1"), bids("ann:30", "eve:40"),
            bids("nonsense"),
        ]
        func join(_ left: HighestBids, _ right: HighestBids) -> HighestBids {
            var result = left
            result.merge(right)
            return result
        }
        for first in states {
            #expect(join(first, first) == first)
            #expect(try HighestBids.decoded(first.encoded) == first)
            for second in states {
                #expect(join(first, second) == join(second, first))
                for third in states {
                    #expect(join(join(first, second), third) == join(first, join(second, third)))
                }
            }
        }
        #expect(join(states[1], states[3]).value == .bytes(Array("eve:40".utf8)))
    }

    @Test func scenariosCanNameIt() throws {
        for name in ["eventual", "quorum"] {
            let description = try #require(registry.description(of: name))
            let option = try #require(description.options.first { $0.name == "merge" })
            guard case .choice(let words) = option.type else {
                Issue.record("no choice")
                continue
            }
            #expect(words.contains("highest-bids"))
            #expect(description.supports(.write, on: .register, with: options))
            #expect(!description.supports(.delete, on: .register, with: options))
            let setup = GroupSetup(
                group: group, member: members[0], voters: members,
                roundTrips: RoundTripTable(regionCount: 0, spans: []),
                random: RandomStream(seed: 1, name: "test"))
            #expect(description.objection?(setup, options) == nil)
            let standard = try #require(StrategyRegistry.standard.description(of: name))
            #expect(standard.objection?(setup, options)?.option == "merge")
        }
    }

    @Test func theDocumentShowsThisExample() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let source = try String(
            contentsOf: tests.appendingPathComponent("HighestBids.swift"), encoding: .utf8)
        let document = try String(
            contentsOf: tests.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("docs/extending.md"), encoding: .utf8)
        #expect(document.contains("```swift\n\(source)```"))
    }
}
