import Determinism
import Geography
import NodeHost
import RegionCore
import Replication
import Testing

/// What a node is told of priorities and of the replication log, and what it tells.
struct PriorityTests {
    @Test func prioritiesAndTheLogAreToldInTheConfiguration() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 2, in: scratch)
        configuration.logsReplication = true
        configuration.groups[0].priority = .high
        let back = try NodeConfiguration.decoded(try configuration.encoded())
        #expect(back.groups[0].placement.priority == .high)
        #expect(back.setup(member: MemberID(node(0)), isRejoining: false).logsReplication)
        // Without them it is as it was.
        let plain = testConfiguration(0, of: 2, in: scratch)
        #expect(plain.groups[0].priority == nil)
        #expect(plain.groups[0].placement.priority == .normal)
        #expect(!plain.setup(member: MemberID(node(0)), isRejoining: false).logsReplication)
    }

    @Test func whatPrioritiesMetIsToldInTheStatus() throws {
        var counters = LinkCounters()
        counters.framesQueued = 1
        counters.highFrames = 2
        counters.highBytes = 3
        counters.highNanoseconds = 4
        counters.normalFrames = 5
        counters.normalBytes = 6
        counters.normalNanoseconds = 7
        counters.lowFrames = 8
        counters.lowBytes = 9
        counters.lowNanoseconds = 10
        var status = NodeStatus(
            member: MemberID(node(1)), launch: 2,
            time: NodeTime(monotonic: .zero, wall: WallTime(nanosecondsSince1970: 5)))
        status.links = [LinkStatus(target: node(0), counters: counters, isConnected: true)]
        status.replicationNotesDropped = 300
        let back = try NodeStatus.decoded(status.encoded)
        #expect(back.links == status.links)
        #expect(back.replicationNotesDropped == 300)
    }

    @Test func groupsOfOnePriorityNeedNoManager() {
        func priorities(_ ranks: TrafficPriority...) -> GroupPriorities {
            GroupPriorities(
                of: ranks.map { rank in
                    GroupPlacement(
                        name: rank.name, strategy: "raft", options: StrategyOptions(), voters: [],
                        priority: rank)
                })
        }
        #expect(!priorities(.high, .high).differ)
        #expect(priorities(.high, .high)[of: GroupID(index: 0)] == .normal)
        let mixed = priorities(.high, .low)
        #expect(mixed.differ)
        #expect(mixed[of: GroupID(index: 1)] == .low)
        #expect(mixed[of: GroupID(index: 9)] == .normal)
    }
}
