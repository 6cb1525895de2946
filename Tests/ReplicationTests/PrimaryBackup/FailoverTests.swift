import Determinism
import Testing

@testable import Replication

/// Detection, promotion, leases and what becomes of an old primary.
struct FailoverTests {
    private static let safe: [String: OptionValue] = ["mode": .choice("semi-sync")]

    @Test func aReplicaIsPromotedAndHasWhatWasAcknowledged() throws {
        let group = try PrimaryGroup(options: Self.safe)
        // One replica alone has the write: it must be the one promoted.
        group.cluster.cutBoth(group.members[0], group.members[1])
        #expect(try group.write(0, "kept"))
        group.cluster.crash(group.members[0])
        group.cluster.run(until: { !group.primaries.isEmpty }, within: .seconds(20))
        #expect(group.primaries == [2])
        #expect(try group.read(1) == "kept")
        #expect(try group.write(1, "next"))
        try group.cluster.start(group.members[0])
        group.settle()
        #expect(try group.holds(0) == "next")
    }

    @Test func aFencedPrimaryStopsBeforeTheNextOneStarts() throws {
        for isFenced in [true, false] {
            let group = try PrimaryGroup(options: ["fencing": .toggle(isFenced)])
            group.cluster.isolate(group.members[0])
            var overlap = 0
            var lastAcknowledged = Instant.zero
            var firstServed: Instant?
            for number in 0..<600 where firstServed == nil || number < 400 {
                let old = group.begin(0, .write([1]), key: "old")
                let new = group.begin(1, .write([2]), key: "new")
                group.cluster.run(for: .milliseconds(20))
                if let reply = group.cluster.replies[old], reply.reply.outcome == .done(nil) {
                    lastAcknowledged = max(lastAcknowledged, reply.at)
                    if firstServed != nil { overlap += 1 }
                }
                if let reply = group.cluster.replies[new], reply.reply.outcome == .done(nil),
                    firstServed == nil
                {
                    firstServed = reply.at
                }
            }
            let served = try #require(firstServed)
            if isFenced {
                #expect(overlap == 0 && lastAcknowledged < served)
            } else {
                #expect(overlap > 0, "an unfenced primary goes on")
            }
        }
    }

    @Test func safePromotionWaitsUntilEnoughWereHeardAndNewestDoesNot() throws {
        for isSafe in [true, false] {
            var options = Self.safe
            options["promotion"] = .choice(isSafe ? "safe" : "newest")
            options["manager"] = .regions([RegionID(index: 1), RegionID(index: 3), .init(index: 4)])
            let group = try PrimaryGroup(5, options: options)
            // Of five, four must be heard with one acknowledgement.
            group.cluster.partition([
                [group.members[0], group.members[2]],
                [group.members[1], group.members[3], group.members[4]],
            ])
            group.cluster.run(for: .seconds(20))
            #expect(group.primaries.contains { $0 != 0 } == !isSafe)
            group.cluster.healAll()
            group.settle()
            #expect(group.primaries.count == 1)
        }
    }

    @Test(arguments: [("keep", 3), ("discard", 0)])
    func whatOnlyAnOldPrimaryHasIsToldAndHandled(_ policy: String, _ kept: Int) throws {
        let group = try PrimaryGroup(
            options: ["fencing": .toggle(false), "on_divergence": .choice(policy)])
        #expect(try group.write(0, "common"))
        group.cluster.run(for: .seconds(1))
        group.cluster.isolate(group.members[0])
        for text in ["a", "b"] { #expect(try group.write(0, text, key: "lost")) }
        #expect(try group.write(0, "east", key: "both"))
        group.cluster.run(until: { group.primaries.count == 2 }, within: .seconds(20))
        #expect(try group.write(1, "west", key: "both"))
        group.cluster.healAll()
        group.settle()
        let told = try #require(group.notes("log-out-of-line").first)
        #expect(told["writes"] == 3 && told["lost"] == 2 && told["diverged"] == 1)
        #expect(group.notes("write-out-of-line").count == 3)
        #expect(try group.holds(0, key: "both") == "west")
        #expect(try group.holds(0, key: "lost") == nil)
        #expect(try group.replica(0).setAside.count == kept)
        group.cluster.crash(group.members[0])
        try group.cluster.start(group.members[0])
        group.settle()
        #expect(try group.replica(0).setAside.count == kept)
    }

    @Test func aPrimaryThatRestartsHasLostItsReign() throws {
        let group = try PrimaryGroup(options: Self.safe)
        #expect(try group.write(0, "before"))
        group.cluster.crash(group.members[0])
        try group.cluster.start(group.members[0])
        #expect(group.primaries.isEmpty)
        group.settle()
        #expect(try group.replica(0).configuration.epoch > Term(1))
        #expect(try group.read(1) == "before")
    }

    @Test func aMemberThatLostItsDiskIsGivenTheStateAndCounts() throws {
        let group = try PrimaryGroup(options: Self.safe)
        for number in 0..<50 { #expect(try group.write(0, "v\(number)", key: "k\(number % 7)")) }
        try group.loseDisk(2)
        group.settle(.seconds(60))
        #expect(try group.replica(0).configuration.members.contains(testMember(2, incarnation: 1)))
        // It is the only one whose acknowledgement can come.
        group.cluster.isolate(group.members[1])
        #expect(try group.write(0, "more"))
        #expect(try group.holds(2, key: "k0") == "v49")
    }

    @Test func thePrimaryLosesItsDiskAndNothingIsLost() throws {
        let group = try PrimaryGroup(options: Self.safe)
        #expect(try group.write(0, "kept"))
        try group.loseDisk(0)
        group.settle(.seconds(60))
        #expect(group.primaries != [0])
        #expect(try group.read(0) == "kept")
    }

    @Test func aHandoverLosesNothingAndAnswers() throws {
        let group = try PrimaryGroup()
        var pending: [UInt64] = []
        for number in 0..<20 { pending.append(group.begin(0, .write([UInt8(number)]))) }
        let order = group.cluster.administer(
            group.members[1], .transferLeader(to: RegionID(index: 2)))
        for number in 20..<40 { pending.append(group.begin(1, .write([UInt8(number)]))) }
        group.cluster.run(for: .seconds(5))
        #expect(group.cluster.replies[order]?.reply.outcome == .done(nil))
        #expect(group.primaries == [2])
        for request in pending {
            #expect(group.cluster.replies[request]?.reply.outcome == .done(nil))
        }
        #expect(group.notes("log-out-of-line").isEmpty)
        let refused = group.cluster.administer(group.members[2], .remove(group.members[0]))
        group.cluster.run(for: .seconds(1))
        guard case .failed(let error)? = group.cluster.replies[refused]?.reply.outcome else {
            Issue.record("members cannot be removed")
            return
        }
        #expect(error.code == .refused)
    }

    @Test func compactionKeepsTheStateAndTheManager() throws {
        let group = try PrimaryGroup(options: [
            "mode": .choice("semi-sync"), "snapshot_at": .size(2000),
        ])
        for number in 0..<200 { #expect(try group.write(0, "v\(number)", key: "k\(number % 9)")) }
        group.cluster.isolate(group.members[0])
        group.cluster.run(until: { group.primaries.contains { $0 != 0 } }, within: .seconds(20))
        #expect(group.cluster.checkpointCount > 0)
        for member in group.members { group.cluster.crash(member) }
        group.cluster.healAll()
        try group.cluster.startAll()
        group.settle(.seconds(60))
        for key in 0..<9 { #expect(try group.read(0, key: "k\(key)")?.hasPrefix("v1") == true) }
        #expect(try group.replica(0).configuration.epoch > Term(1))
    }
}
