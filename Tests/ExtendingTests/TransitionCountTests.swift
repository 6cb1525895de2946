import Determinism
import RegionCore
import Replication
import Testing

/// What a node tells of the transitions of its groups, whichever strategy they have.
struct TransitionCountTests {
    private let member = MemberID(NodeID(region: RegionID(index: 0)))
    private let elsewhere = MemberID(NodeID(region: RegionID(index: 1)))

    private func node() throws -> RegionNode {
        var registry = StrategyRegistry.standard
        registry.register(LocalOnly.self)
        func group(_ strategy: String, _ voters: [MemberID]) -> GroupPlacement {
            GroupPlacement(
                name: strategy, strategy: strategy, options: StrategyOptions(), voters: voters)
        }
        return try RegionNode(
            setup: NodeSetup(
                member: member,
                groups: [
                    group("raft", [member]), group("local-only", [member]),
                    group("eventual", [elsewhere]),
                ],
                roundTrips: RoundTripTable(
                    regionCount: 2, spans: Array(repeating: .zero, count: 4)),
                seed: 1),
            registry: registry)
    }

    @Test func aNodeTellsWhatItsGroupsCounted() throws {
        let node = try node()
        let raft = GroupID(index: 0)
        let names = Raft.strategy.transitions
        #expect(node.transitionCounts(of: raft) == Array(repeating: 0, count: names.count))
        var actions = NodeActions()
        let time = NodeTime(monotonic: .zero, wall: WallTime(nanosecondsSince1970: 0))
        node.start(at: time, into: &actions)
        for record in actions.records where record.group == raft {
            try node.handle(.durable(record.position, group: raft), at: time, into: &actions)
        }
        let counts = try #require(node.transitionCounts(of: raft))
        let happened = zip(names, counts).filter { $0.1 > 0 }
        #expect(happened.map(\.0) == ["follower>candidate", "candidate>leader"])
        #expect(happened.map(\.1) == [1, 1])
    }

    @Test func aStrategyNeedNotCount() throws {
        let node = try node()
        #expect(LocalOnly.strategy.transitions == [])
        #expect(node.transitionCounts(of: GroupID(index: 1)) == [])
    }

    @Test func ofGroupsElsewhereNothingIsTold() throws {
        #expect(try node().transitionCounts(of: GroupID(index: 2)) == nil)
    }

    @Test(arguments: StrategyRegistry.standard.descriptions.map(\.name))
    func namesAreUnique(_ strategy: String) throws {
        let description = try #require(StrategyRegistry.standard.description(of: strategy))
        #expect(Set(description.transitions).count == description.transitions.count)
        #expect(!description.transitions.isEmpty)
    }
}
