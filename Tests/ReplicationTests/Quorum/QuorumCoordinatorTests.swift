import Determinism
import Testing

@testable import Replication

/// Nodes without a replica that coordinate what clients ask.
struct QuorumCoordinatorTests {
    /// Member k is 10 (3 - k) ms of round trip from the coordinator, number 3.
    @Test(arguments: 1...3)
    func anOperationTakesTheRoundTripToTheKthNearestMember(count: Int) throws {
        let group = try QuorumGroup(
            coordinators: 1, options: ["read": .integer(count), "write": .integer(count)],
            roundTrip: QuorumTests.distances)
        let sync = TimeSpan.microseconds(200)
        let write = try group.ask(3, .write(Array("a".utf8)))
        #expect(write.reply.outcome == .done(nil))
        #expect(write.took == .milliseconds(10 * count) + sync * 2)
        group.cluster.run(for: .seconds(1))
        let read = try group.ask(3, .read)
        #expect(read.reply.texts == ["a"])
        #expect(read.took == .milliseconds(10 * count))
    }

    @Test func whatItTookInReachesWhoWasAway() throws {
        let group = try QuorumGroup(
            coordinators: 1, options: ["anti_entropy": .duration(.seconds(100_000))])
        let away = group.members[1]
        group.cluster.isolate(away)
        _ = try group.write(3, "a")
        _ = try group.write(3, "b")
        group.cluster.run(for: .seconds(30))
        #expect(try group.holds(0, "b") && !group.holds(1, "b"))
        group.cluster.healAll()
        group.cluster.run(for: .seconds(3))
        #expect(try group.holds(1, "b"))
    }

    /// It was stopped before it had told anybody more than the quorum, and goes on afterwards under
    /// numbers of its own.
    @Test func itsWritesKeepTheirNamesOverARestart() throws {
        let group = try QuorumGroup(coordinators: 1, options: ["write_back": .toggle(true)])
        let coordinator = group.coordinators[0]
        _ = try group.write(3, "a")
        group.cluster.crash(coordinator)
        try group.cluster.start(coordinator)
        group.cluster.run(for: .seconds(1))
        _ = try group.write(3, "b")
        for reader in 0...3 { #expect(try group.read(reader) == ["b"]) }
    }

    @Test func itIsNoReplica() throws {
        let group = try QuorumGroup(coordinators: 1)
        _ = try group.write(3, "a")
        let coordinator = try #require(group.cluster.replica(group.coordinators[0]))
        #expect(coordinator.finalState().isEmpty)
        #expect(coordinator.view.isReady)
        group.cluster.crash(group.members[0])
        group.cluster.crash(group.members[1])
        let refused = try group.ask(3, .write([1])).reply.error
        #expect(refused?.code == .consensusNotAchieved && refused?.isIndefinite == false)
    }

    @Test func aReplicaIsNone() throws {
        #expect(throws: InvalidOption.self) {
            try QuorumGroup(options: ["coordinators": .regions([RegionID(index: 1)])])
        }
    }
}
