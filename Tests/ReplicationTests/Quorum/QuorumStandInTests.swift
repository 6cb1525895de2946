import Determinism
import Testing

@testable import Replication

/// Sloppy quorums: nodes without a replica stand in for members that are away.
struct QuorumStandInTests {
    private static func group(sloppy: Bool = true, read: Int = 2) throws -> QuorumGroup {
        try QuorumGroup(
            coordinators: 2,
            options: [
                "sloppy": .toggle(sloppy), "read": .integer(read),
                "anti_entropy": .duration(.seconds(100_000)),
            ])
    }

    @Test func aWriteGoesOnWhereTwoOfThreeMembersAreAway() throws {
        for isSloppy in [true, false] {
            let group = try Self.group(sloppy: isSloppy)
            for number in [1, 2] { group.cluster.crash(group.members[number]) }
            let outcome = try group.write(0, "kept").outcome
            #expect((outcome == .done(nil)) == isSloppy)
        }
    }

    @Test func aStandInHandsOverWhatItTookWhenTheMemberIsBack() throws {
        let group = try Self.group()
        for number in [1, 2] { group.cluster.crash(group.members[number]) }
        #expect(try group.write(0, "kept").outcome == .done(nil))
        // Who coordinated it is gone for good: only the stand-in has it.
        group.cluster.crash(group.members[0])
        for number in [1, 2] { try group.cluster.start(group.members[number]) }
        group.cluster.run(for: .seconds(5))
        #expect(try group.holds(1, "kept") && group.holds(2, "kept"))
    }

    @Test func aStandInThatWasRestartedStillHandsOver() throws {
        let group = try Self.group()
        for number in [1, 2] { group.cluster.crash(group.members[number]) }
        #expect(try group.write(0, "kept").outcome == .done(nil))
        group.cluster.crash(group.members[0])
        for standIn in group.coordinators { group.cluster.crash(standIn) }
        for standIn in group.coordinators { try group.cluster.start(standIn) }
        for number in [1, 2] { try group.cluster.start(group.members[number]) }
        group.cluster.run(for: .seconds(5))
        #expect(try group.holds(1, "kept") && group.holds(2, "kept"))
    }

    @Test func aCoordinatorStandsInItselfAndReadsWhatStandInsHave() throws {
        let group = try Self.group()
        for number in [1, 2] { group.cluster.crash(group.members[number]) }
        #expect(try group.write(3, "kept").outcome == .done(nil))
        #expect(try group.read(3) == ["kept"])
        #expect(try group.read(0) == ["kept"])
    }

    /// The price: a write whose quorum was not of members is not seen by a quorum that is.
    @Test func quorumsNeedNotMeet() throws {
        let group = try Self.group()
        #expect(try group.write(0, "old").outcome == .done(nil))
        group.cluster.run(for: .seconds(1))
        // Members 1 and 2 are cut off from everybody else, and from no stand-in of their own.
        group.cluster.partition([
            [group.members[1], group.members[2]], [group.members[0]] + group.coordinators,
        ])
        #expect(try group.write(0, "new").outcome == .done(nil))
        #expect(try group.read(1) == ["old"])
        group.cluster.healAll()
        group.cluster.run(for: .seconds(5))
        #expect(try group.read(1) == ["new"])
    }

    @Test func whatCannotBeSloppyIsRefused() {
        #expect(throws: InvalidOption.self) {
            try QuorumGroup(options: ["sloppy": .toggle(true)])
        }
        #expect(throws: InvalidOption.self) {
            try QuorumGroup(
                coordinators: 1, options: ["sloppy": .toggle(true), "write_back": .toggle(true)])
        }
    }
}
