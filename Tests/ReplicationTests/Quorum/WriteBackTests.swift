import Determinism
import Testing

@testable import Replication

/// Linearizable registers by quorums: multi-writer ABD.
struct WriteBackTests {
    private static let options: [String: OptionValue] = ["write_back": .toggle(true)]

    @Test func aWriteTakesTwoRoundTripsAndAReadOneIfAllAgree() throws {
        let group = try QuorumGroup(
            5, options: Self.options, roundTrip: QuorumTests.distances)
        let write = try group.ask(0, .write([1]))
        #expect(write.took == .milliseconds(40) + .microseconds(400))
        group.cluster.run(for: .seconds(1))
        let read = try group.ask(0, .read)
        #expect(read.took == .milliseconds(20))
    }

    /// The new value is at one member that a reader hears of: who reads it lets no later read see
    /// the old one.
    @Test func whoReadsANewValueWritesItBack() throws {
        for writesBack in [true, false] {
            let group = try QuorumGroup(
                options: ["write_back": .toggle(writesBack), "read_repair": .toggle(false)])
            _ = try group.write(0, "old")
            group.cluster.run(for: .seconds(1))
            // The write reaches nobody else, and its coordinator hears of members 1 only.
            group.cluster.filter = { message, source, target in
                if case .writes = message.body { return false }
                return true
            }
            let pending = group.begin(0, .write(Array("new".utf8)))
            group.cluster.run(for: .milliseconds(100))
            #expect(group.cluster.replies[pending] == nil)
            group.cluster.cutBoth(group.members[1], group.members[2])
            #expect(try group.read(1) == ["new"])
            group.cluster.isolate(group.members[0])
            let healed = [group.members[1], group.members[2]]
            group.cluster.heal(healed[0], healed[1])
            let seen = try group.read(2)
            #expect(seen == (writesBack ? ["new"] : ["old"]))
        }
    }

    /// A clock that is behind must not let a write lose to an earlier one.
    @Test func aWriteComesAfterAllThatWasAcknowledgedWhateverTheClocksSay() throws {
        let group = try QuorumGroup(options: Self.options)
        group.cluster.nodes[group.members[0]]?.wallOffset = .seconds(30)
        _ = try group.write(0, "first")
        _ = try group.write(1, "second")
        #expect(try group.read(2) == ["second"])
        let plain = try QuorumGroup(options: ["write": .integer(2)])
        plain.cluster.isolate(plain.members[1])
        plain.cluster.nodes[plain.members[0]]?.wallOffset = .seconds(30)
        _ = try plain.write(0, "first")
        plain.cluster.healAll()
        plain.cluster.isolate(plain.members[0])
        #expect(try plain.write(1, "second").outcome == .done(nil))
        plain.cluster.healAll()
        plain.cluster.run(for: .seconds(3))
        // Without asking first, the earlier write with the later time wins in the end.
        #expect(try plain.read(2) == ["first"])
    }

    @Test func deletesAreNeverForgotten() throws {
        let group = try QuorumGroup(options: Self.options)
        _ = try group.write(0, "a")
        try group.ask(1, .delete)
        #expect(try group.read(2) == [])
        group.cluster.run(for: .seconds(120))
        for member in group.members {
            #expect(group.cluster.replica(member)?.store.table[Key("k")]?.isTombstone == true)
        }
    }

    @Test func theMembersAreFixed() throws {
        let group = try QuorumGroup(options: Self.options)
        let asked = group.cluster.administer(group.members[0], .remove(group.members[2]))
        group.cluster.run(for: .seconds(1))
        #expect(group.cluster.replies[asked]?.reply.error?.code == .refused)
    }
}
