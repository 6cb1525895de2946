import Determinism
import Testing

@testable import Replication

@Suite struct RaftBasicsTests {
    @Test func aFreshGroupElectsItsFirstMemberWithinThreeRoundTrips() throws {
        let group = try RaftCluster(5, roundTrip: .milliseconds(200))
        let leader = try group.awaitLeader(within: .milliseconds(900))
        #expect(leader == group.members[0])
        #expect(group.notes(.leaderElected) == 1)
    }

    @Test func theFirstLeaderIsOfThePreferredRegion() throws {
        let group = try RaftCluster(
            3, options: ["preferred_leader": .region(RegionID(index: 2))])
        #expect(try group.awaitLeader(within: .seconds(1)) == group.members[2])
    }

    @Test func aWriteTakesOneMajorityRoundTripAtTheLeader() throws {
        let group = try RaftCluster(5, roundTrip: .milliseconds(100))
        group.cluster.jitter = .zero
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let asked = group.cluster.now
        let reply = try group.ask(leader, .write(bytes("v")))
        #expect(reply.isDone)
        let took = group.cluster.now - asked
        #expect(took >= .milliseconds(100) && took < .milliseconds(101))
    }

    @Test func aWriteThroughAFollowerTakesItsRoundTripMore() throws {
        let group = try RaftCluster(3, roundTrip: .milliseconds(100))
        group.cluster.jitter = .zero
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let follower = try #require(group.members.first { $0 != leader })
        let asked = group.cluster.now
        #expect(try group.ask(follower, .write(bytes("v"))).isDone)
        let took = group.cluster.now - asked
        #expect(took >= .milliseconds(200) && took < .milliseconds(201))
    }

    @Test func everyOperationOfARegister() throws {
        let group = try RaftCluster()
        let leader = try group.awaitLeader()
        #expect(try group.ask(leader, .read).outcome == .values([]))
        let written = try group.ask(leader, .write(bytes("a")))
        #expect(written.isDone && written.version != nil)
        let read = try group.ask(leader, .read)
        #expect(read.outcome == .values([.bytes(bytes("a"))]))
        #expect(read.version == written.version)
        let mismatch = try group.ask(
            leader, .compareAndSet(expected: bytes("x"), new: bytes("b")))
        #expect(mismatch.outcome == .mismatch(actual: .bytes(bytes("a"))))
        #expect(
            try group.ask(leader, .compareAndSet(expected: bytes("a"), new: bytes("b"))).isDone)
        #expect(try group.ask(leader, .read).outcome == .values([.bytes(bytes("b"))]))
        #expect(try group.ask(leader, .delete).isDone)
        #expect(try group.ask(leader, .read).outcome == .values([]))
        #expect(try group.ask(leader, .compareAndSet(expected: nil, new: bytes("c"))).isDone)
        let refused = try group.ask(leader, .append(bytes("x")))
        #expect(refused.error?.code == .unsupported && refused.error?.isIndefinite == false)
        #expect(group.awaitConvergence())
    }

    @Test func countersAndLists() throws {
        let counters = try RaftCluster(valueType: .counter)
        let first = try counters.awaitLeader()
        #expect(try counters.ask(first, .increment(5)).outcome == .done(.integer(5)))
        #expect(try counters.ask(first, .increment(-7)).outcome == .done(.integer(-2)))
        #expect(try counters.ask(first, .read).outcome == .values([.integer(-2)]))
        _ = try counters.ask(first, .delete)
        #expect(try counters.ask(first, .increment(.max)).isDone)
        let overflow = try counters.ask(first, .increment(1))
        #expect(overflow.error?.code == .invalid && overflow.error?.isIndefinite == false)

        let lists = try RaftCluster(valueType: .list)
        let second = try lists.awaitLeader()
        for text in ["a", "b", "c"] {
            #expect(try lists.ask(second, .append(bytes(text))).isDone)
        }
        #expect(
            try lists.ask(second, .read).outcome
                == .values([.list([bytes("a"), bytes("b"), bytes("c")])]))
        let before = try lists.raft(second).view.digest
        _ = try lists.ask(second, .append(bytes("x")), key: "other")
        _ = try lists.ask(second, .delete, key: "other")
        #expect(try lists.raft(second).view.digest == before)
        #expect(lists.awaitConvergence())
    }

    @Test func aBurstSharesMessagesAndRecords() throws {
        let group = try RaftCluster()
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let messages = group.cluster.messageCount
        let records = group.cluster.recordCount
        for number in 0..<1000 {
            group.submit(leader, .write(bytes("\(number)")), key: "\(number)")
        }
        let count = group.cluster.replies.count
        group.cluster.run(
            until: { group.cluster.replies.count == count + 1000 }, within: .seconds(5))
        #expect(group.cluster.replies.count == count + 1000)
        #expect(group.cluster.messageCount - messages < 40)
        #expect(group.cluster.recordCount - records < 12)
        #expect(group.awaitConvergence())
    }

    @Test func aGroupOfOneCommitsOnItsOwnDisk() throws {
        let group = try RaftCluster(1)
        let leader = try group.awaitLeader()
        let asked = group.cluster.now
        #expect(try group.ask(leader, .write(bytes("v"))).isDone)
        #expect(group.cluster.now - asked >= .microseconds(200))
        #expect(try group.ask(leader, .read).outcome == .values([.bytes(bytes("v"))]))
    }

    @Test func anIdleGroupOnlySendsHeartbeats() throws {
        let group = try RaftCluster()
        try group.awaitLeader()
        group.cluster.run(for: .seconds(2))
        let before = group.cluster.recordCount
        let messages = group.cluster.messageCount
        var others = 0
        group.cluster.filter = { message, _, _ in
            if !message.isKeepAlive { others += 1 }
            return true
        }
        group.cluster.run(for: .seconds(10))
        #expect(others == 0)
        #expect(group.cluster.recordCount == before)
        #expect(group.cluster.messageCount - messages <= 10 * 20 * 4 + 8)
    }

    @Test func aRestartedGroupHasEverything() throws {
        let group = try RaftCluster()
        let leader = try group.awaitLeader()
        for number in 0..<50 {
            #expect(try group.ask(leader, .write(bytes("\(number)")), key: "\(number)").isDone)
        }
        for member in group.members { group.cluster.crash(member) }
        for member in group.members {
            group.invariants.forget(member)
            try group.cluster.start(member)
        }
        let next = try group.awaitLeader()
        for number in 0..<50 {
            #expect(
                try group.ask(next, .read, key: "\(number)").outcome
                    == .values([.bytes(bytes("\(number)"))]))
        }
        #expect(group.awaitConvergence())
        let states = try group.members.map { try group.raft($0).finalState() }
        #expect(states[0].count == 50 && states.allSatisfy { $0 == states[0] })
    }

    @Test func tooFewAcceptancesAreSaidHonestly() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let friend = try #require(group.members.first { $0 != leader })
        let others = group.members.filter { $0 != leader && $0 != friend }
        group.cluster.partition([[leader, friend], others])
        let reply = try group.ask(leader, .write(bytes("v")))
        #expect(reply.error?.code == .consensusNotAchieved)
        #expect(reply.error?.isIndefinite == true)
        #expect(
            reply.error?.message.hasPrefix("consensus not achieved: 2/5 regions accepted")
                == true)
    }
}
