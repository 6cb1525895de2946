import Determinism
import Testing

@testable import Replication

struct QuorumTests {
    /// From member 0 the others are 10, 20, 30 and 40 ms of round trip away.
    static func distances(_ one: Int, _ other: Int) -> TimeSpan {
        .milliseconds(10 * abs(one - other))
    }

    /// The write of one member takes its sync of 0.2 ms; one of k takes the round trip to the
    /// k-1th nearest other, and that one's sync.
    @Test(arguments: 1...5)
    func aWriteTakesTheRoundTripToTheKthNearest(count: Int) throws {
        let group = try QuorumGroup(
            5, options: ["write": .integer(count)], roundTrip: Self.distances)
        let (reply, took) = try group.ask(0, .write([1]))
        #expect(reply.outcome == .done(nil))
        let sync = TimeSpan.microseconds(200)
        // A write leaves when it is on disk here.
        let expected = count == 1 ? sync : .milliseconds(10 * (count - 1)) + sync * 2
        #expect(took == expected)
    }

    @Test(arguments: 1...5)
    func aReadTakesTheRoundTripToTheKthNearest(count: Int) throws {
        let group = try QuorumGroup(
            5, options: ["read": .integer(count)], roundTrip: Self.distances)
        let (reply, took) = try group.ask(0, .read)
        #expect(reply.texts == [])
        #expect(took == .milliseconds(10 * (count - 1)))
    }

    @Test func quorumsThatMeetShowTheLatest() throws {
        let group = try QuorumGroup()
        _ = try group.write(0, "a")
        #expect(try group.read(2) == ["a"])
        _ = try group.write(1, "b")
        for reader in 0..<3 { #expect(try group.read(reader) == ["b"]) }
    }

    @Test func quorumsThatDoNotMeetShowWhatIsOld() throws {
        let group = try QuorumGroup(options: ["read": .integer(1), "write": .integer(1)])
        _ = try group.write(0, "a")
        group.cluster.run(for: .seconds(1))
        _ = try group.write(0, "b")
        #expect(try group.read(1) == ["a"])
        group.cluster.run(for: .seconds(1))
        #expect(try group.read(1) == ["b"])
    }

    @Test func whoCannotReachAQuorumRefusesAtOnceAndSaysThatNothingWasDone() throws {
        let group = try QuorumGroup()
        group.cluster.crash(group.members[1])
        group.cluster.crash(group.members[2])
        let refused = try group.ask(0, .write([1]))
        #expect(refused.took == .zero)
        let error = try #require(refused.reply.error)
        #expect(error.code == .consensusNotAchieved && !error.isIndefinite)
        #expect(try group.ask(0, .read).reply.error?.isIndefinite == false)
        try group.cluster.start(group.members[1])
        group.cluster.run(for: .seconds(1))
        #expect(try group.read(0) == [])
    }

    @Test func aWriteWhoseTimeIsOverMayStillReachTheOthers() throws {
        let group = try QuorumGroup()
        group.cluster.isolate(group.members[0])
        let (reply, took) = try group.ask(0, .write(Array("late".utf8)))
        #expect(reply.error?.code == .consensusNotAchieved && reply.error?.isIndefinite == true)
        #expect(took >= .seconds(2) && took < .milliseconds(2001))
        let read = try group.ask(0, .read)
        #expect(read.reply.error?.isIndefinite == false)
        group.cluster.healAll()
        group.cluster.run(for: .seconds(3))
        #expect(try group.read(2) == ["late"])
    }

    @Test func aHintReachesWhoWasAway() throws {
        let group = try QuorumGroup(options: ["anti_entropy": .duration(.seconds(100_000))])
        group.cluster.isolate(group.members[2])
        _ = try group.write(0, "a")
        group.cluster.run(for: .seconds(30))
        #expect(try !group.holds(2, "a"))
        group.cluster.healAll()
        group.cluster.run(for: .seconds(3))
        #expect(try group.holds(2, "a"))
    }

    /// Without hints, what a member missed is left to reads and to comparison.
    @Test func withoutHintsWhoWasAwayIsLeftToReadRepair() throws {
        let group = try QuorumGroup(options: [
            "hinted_handoff": .toggle(false), "anti_entropy": .duration(.seconds(100_000)),
        ])
        group.cluster.isolate(group.members[2])
        _ = try group.write(0, "a")
        group.cluster.run(for: .seconds(30))
        group.cluster.healAll()
        group.cluster.run(for: .seconds(30))
        #expect(try !group.holds(2, "a"))
        #expect(try group.read(1) == ["a"])
        group.cluster.run(for: .seconds(1))
        #expect(try group.holds(2, "a"))
        #expect(group.cluster.transitions.contains(QuorumTransition.readRepaired.name))
    }

    @Test func withoutReadRepairOnlyComparisonHeals() throws {
        let group = try QuorumGroup(options: [
            "hinted_handoff": .toggle(false), "read_repair": .toggle(false),
            "anti_entropy": .duration(.seconds(100)),
        ])
        group.cluster.isolate(group.members[2])
        _ = try group.write(0, "a")
        group.cluster.run(for: .seconds(30))
        group.cluster.healAll()
        #expect(try group.read(1) == ["a"])
        group.cluster.run(for: .seconds(1))
        #expect(try !group.holds(2, "a"))
        group.cluster.run(for: .seconds(300))
        #expect(try group.holds(2, "a"))
    }

    @Test func aNarrowReadAsksOthersWhenTheNearestIsSilent() throws {
        let group = try QuorumGroup(
            5, options: ["read_fanout": .choice("quorum")], roundTrip: Self.distances)
        _ = try group.write(0, "a")
        group.cluster.run(for: .seconds(1))
        var asked: Set<MemberID> = []
        group.cluster.filter = { message, _, target in
            if case .get = message.body { asked.insert(target) }
            return true
        }
        #expect(try group.read(0) == ["a"])
        #expect(asked == [group.members[1], group.members[2]])
        group.cluster.cutBoth(group.members[0], group.members[1])
        #expect(try group.read(0) == ["a"])
        #expect(asked.count == 4)
        #expect(group.cluster.transitions.contains(QuorumTransition.askedMore.name))
    }

    @Test func concurrentWritesAreResolvedAsInEventual() throws {
        let group = try QuorumGroup(options: ["resolve": .choice("siblings"), "write": .integer(1)])
        group.cluster.isolate(group.members[0])
        _ = try group.write(0, "a")
        _ = try group.write(1, "b")
        group.cluster.healAll()
        group.cluster.run(for: .seconds(3))
        #expect(try group.read(2)?.sorted() == ["a", "b"])
        let context = try group.ask(2, .read).reply.context
        try group.ask(2, .write(Array("c".utf8)), context: context)
        #expect(try group.read(0) == ["c"])
    }

    /// A member that lost its disk has forgotten what it was counted for. Until it has the state
    /// of so many others that one of them has every acknowledged write, it answers no read.
    @Test func whoLostItsDiskCompletesItsStateFromEnoughOthers() throws {
        let group = try QuorumGroup()
        group.cluster.isolate(group.members[2])
        _ = try group.write(0, "a")
        // Member 2 can reach who comes back, and nobody else.
        let reborn = try group.loseDisk(0)
        group.cluster.cutBoth(reborn, group.members[1])
        group.cluster.run(for: .seconds(10))
        // Only member 1 has the write, which nobody can reach.
        let quorum = try #require(group.cluster.replica(reborn))
        #expect(!quorum.view.isReady)
        group.cluster.healAll()
        group.cluster.run(until: { quorum.view.isReady }, within: .seconds(60))
        #expect(quorum.view.isReady)
        group.cluster.crash(group.members[1])
        #expect(try group.read(2) == ["a"])
    }
}

struct QuorumOptionTests {
    private func description(_ options: [String: OptionValue]) -> String? {
        do {
            _ = try QuorumGroup(options: options)
            return nil
        } catch let error as InvalidOption {
            return error.description
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        (["read": OptionValue.integer(4)], "4 of 3 members"),
        (["write": .integer(0)], "0 of 3 members"),
        (["write_back": .toggle(true), "read": .integer(1)], "do not meet"),
        (["write_back": .toggle(true), "resolve": .choice("siblings")], "last-writer-wins"),
        (["write_back": .toggle(true), "resolve": .choice("merge")], "last-writer-wins"),
    ])
    func whatCannotBeIsRefused(options: [String: OptionValue], reason: String) {
        #expect(description(options)?.contains(reason) == true)
    }

    @Test func sizesThatMeetAreTaken() {
        #expect(
            description(["write_back": .toggle(true), "read": .integer(1), "write": .integer(3)])
                == nil)
        #expect(description(["read": .integer(1), "write": .integer(1)]) == nil)
    }
}
