import Determinism
import Testing

@testable import Replication

/// Changing the membership (4), handing over leadership (3.10), and coming back without a disk.
@Suite struct RaftMembershipTests {
    @Test("4.1: a member is added as learner, promoted, and removed, under load")
    func addPromoteRemove() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        for number in 0..<20 { _ = try group.ask(leader, .write(bytes("\(number)"))) }
        let newcomer = testMember(3)
        group.cluster.add(group.setup(newcomer))
        try group.cluster.start(newcomer)
        #expect(try group.administer(leader, .addLearner(newcomer)).isDone)
        #expect(try group.raft(leader).view.learners == [newcomer])
        #expect(group.awaitConvergence())
        group.cluster.run(for: .milliseconds(100))
        #expect(try group.administer(leader, .promote(newcomer)).isDone)
        #expect(try group.raft(leader).view.voters == group.members + [newcomer])
        let removed = try #require(group.members.last { $0 != leader })
        #expect(try group.administer(leader, .remove(removed)).isDone)
        #expect(group.awaitConvergence(among: group.cluster.live.filter { $0 != removed }))
        let left = group.members.filter { $0 != removed } + [newcomer]
        for member in left { #expect(try group.raft(member).view.voters == left) }
        #expect(try group.ask(newcomer, .write(bytes("v"))).isDone)
        group.cluster.run(for: .seconds(5))
        let refused = try group.ask(removed, .write(bytes("x")))
        #expect(refused.error?.code == .notMember && refused.error?.isIndefinite == false)
    }

    @Test("4.1: one change at a time")
    func oneAtATime() throws {
        let probe = try RaftProbe(3)
        probe.elect()
        probe.settle()
        probe.accept(1, by: 1)
        let first = probe.give(
            .administer(.addLearner(testMember(4)), RequestHandle(connection: 1, request: 1)))
        #expect(first.replies.isEmpty && probe.raft.membership.learners == [testMember(4)])
        let second = probe.give(
            .administer(.addLearner(testMember(5)), RequestHandle(connection: 1, request: 2)))
        #expect(second.replies.map { $0.error?.code } == [.refused])
        #expect(second.replies.map { $0.error?.isIndefinite } == [false])
        probe.settle()
        let committed = probe.accept(2, by: 1)
        #expect(committed.replies.map(\.isDone) == [true])
        let third = probe.give(
            .administer(.addLearner(testMember(5)), RequestHandle(connection: 1, request: 3)))
        #expect(third.replies.isEmpty && probe.raft.membership.learners.count == 2)
    }

    @Test("4.1, correction of 2015: none before the leader has committed an entry of its term")
    func notBeforeTheFirstEntry() throws {
        let probe = try RaftProbe(4)
        probe.elect()
        probe.settle()
        let early = probe.give(
            .administer(.remove(testMember(3)), RequestHandle(connection: 1, request: 1)))
        #expect(early.replies.map { $0.error?.code } == [.refused])
        #expect(probe.raft.membership.voters.count == 4)
        for number in 1...2 { probe.accept(1, by: number) }
        let later = probe.give(
            .administer(.remove(testMember(3)), RequestHandle(connection: 1, request: 2)))
        #expect(later.replies.isEmpty && probe.raft.membership.voters.count == 3)
    }

    @Test("4.1: a membership is in effect once it is in the log, and no longer when removed again")
    func rollback() throws {
        let probe = try RaftProbe(3)
        let changed = Membership(voters: (0..<4).map { testMember($0) })
        let entry = LogEntry(
            term: Term(2), time: 0, payload: LogEntry.Payload.membership(changed).encoded)
        probe.receive(
            .append(
                AppendRequest(
                    term: Term(2), previousIndex: .zero, previousTerm: .zero,
                    commitIndex: .zero, entries: [entry])), from: 1)
        #expect(probe.raft.membership == changed)
        #expect(try probe.restarted().raft.membership == changed)
        probe.receive(appendRequest(3, terms: [3]), from: 2)
        #expect(probe.raft.membership.voters.count == 3)
        #expect(try probe.restarted().raft.membership.voters.count == 3)
    }

    @Test("4.2.1: learners receive everything and count for nothing")
    func learners() throws {
        let group = try RaftCluster(3, learners: 2)
        let leader = try group.awaitLeader()
        let listeners = [testMember(3), testMember(4)]
        #expect(try group.ask(listeners[0], .write(bytes("v"))).isDone)
        #expect(group.awaitConvergence())
        #expect(try group.raft(listeners[0]).view.role == .learner)
        let voters = group.members.filter { $0 != leader }
        group.cluster.crash(voters[0])
        group.cluster.crash(voters[1])
        let refused = try group.ask(leader, .write(bytes("w")))
        #expect(refused.error?.message.contains("1/3 regions") == true)
        group.cluster.run(for: .seconds(10))
        #expect(group.leaders.isEmpty)
    }

    @Test("The option `learners` makes learners of the founding members of these regions")
    func learnersByOption() throws {
        let group = try RaftCluster(
            5,
            options: [
                "learners": .regions([RegionID(index: 4), RegionID(index: 3)])
            ])
        let leader = try group.awaitLeader()
        let view = try group.raft(leader).view
        #expect(view.voters == Array(group.members.prefix(3)))
        #expect(view.learners == Array(group.members.suffix(2)))
    }

    @Test("4.2.2: a member whose removal is not committed can still be elected to commit it")
    func removedButNeeded() throws {
        let group = try RaftCluster(2)
        let leader = try group.awaitLeader()
        let other = try #require(group.members.first { $0 != leader })
        _ = try group.ask(leader, .write(bytes("v")))
        group.cluster.isolate(leader)
        // The other one needs the vote of the leader, whose log is ahead, to be elected.
        group.cluster.administer(leader, .remove(leader))
        group.cluster.run(for: .seconds(2))
        #expect(group.leader == nil)
        group.cluster.healAll()
        try group.awaitLeader { $0 == other }
        #expect(try group.raft(other).membership == Membership(voters: [other]))
        #expect(try group.ask(other, .write(bytes("w"))).isDone)
    }

    @Test("4.2.2: a leader that is removed goes on until that is committed, then yields")
    func leaderRemovesItself() throws {
        let group = try RaftCluster(4)
        let leader = try group.awaitLeader()
        let reply = try group.administer(leader, .remove(leader))
        #expect(reply.isDone)
        let asked = group.cluster.now
        let next = try group.awaitLeader { $0 != leader }
        #expect(group.cluster.now - asked < .milliseconds(200))
        #expect(try group.raft(next).view.voters == group.members.filter { $0 != leader })
        group.cluster.run(for: .seconds(10))
        #expect(group.leader == next)
    }

    @Test("4.2.3: a removed member that does not know it disturbs nobody")
    func removedMemberDoesNotDisturb() throws {
        let group = try RaftCluster(4)
        let leader = try group.awaitLeader()
        let removed = try #require(group.members.last { $0 != leader })
        group.cluster.isolate(removed)
        #expect(try group.administer(leader, .remove(removed)).isDone)
        group.cluster.run(for: .seconds(20))
        let term = try group.raft(leader).term
        group.cluster.healAll()
        group.cluster.run(for: .seconds(20))
        #expect(group.leader == leader)
        #expect(try group.raft(leader).term == term)
        #expect(group.notes(.leaderSteppedDown) == 0)
    }

    @Test("The only voter cannot be removed; who does not belong cannot be promoted")
    func refusals() throws {
        let group = try RaftCluster(1)
        let leader = try group.awaitLeader()
        #expect(try group.administer(leader, .remove(leader)).error?.code == .refused)
        #expect(try group.administer(leader, .promote(testMember(2))).error?.code == .refused)
        #expect(try group.administer(leader, .remove(testMember(2))).isDone)
        #expect(
            try group.administer(leader, .transferLeader(to: RegionID(index: 2))).error?.code
                == .refused)
    }

    @Test("3.10: leadership is handed over on demand, without losing a request")
    func transfer() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let target = group.members[3]
        var numbers: [UInt64] = []
        for number in 0..<50 {
            let member = group.members[number % 5]
            numbers.append(group.submit(member, .write(bytes("\(number)")), key: "\(number)"))
            if number == 25 {
                numbers.append(
                    group.cluster.administer(
                        group.members[4], .transferLeader(to: target.node.region)))
            }
            group.cluster.run(for: .milliseconds(3))
        }
        group.cluster.run(for: .seconds(2))
        #expect(group.leader == target && target != leader)
        for number in numbers {
            #expect(group.cluster.replies[number]?.reply.isDone == true)
        }
    }

    @Test("3.10: a transfer to a member that does not answer is given up, and the leader goes on")
    func transferFails() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let target = try #require(group.members.last { $0 != leader })
        group.cluster.cut(from: leader, to: target)
        let asked = group.cluster.administer(
            leader, .transferLeader(to: target.node.region))
        let write = group.submit(leader, .write(bytes("v")))
        group.cluster.run(for: .seconds(2))
        #expect(group.cluster.replies[asked]?.reply.error?.code == .refused)
        #expect(group.cluster.replies[write]?.reply.isDone == true)
        #expect(group.leader == leader)
    }

    @Test("A voter that lost its disk comes back as a learner, and is a voter once it caught up")
    func lostDisk() throws {
        for count in [3, 5] {
            let group = try RaftCluster(count)
            let leader = try group.awaitLeader()
            for number in 0..<100 {
                _ = try group.ask(leader, .write(bytes("\(number)")), key: "\(number)")
            }
            let lost = try #require(group.members.last { $0 != leader })
            group.cluster.destroy(lost)
            group.cluster.run(for: .seconds(3))
            let back = MemberID(lost.node, incarnation: 1)
            group.cluster.add(group.setup(back, isRejoining: true))
            var roles: [GroupView.Role] = []
            let checks = group.cluster.afterStep
            group.cluster.afterStep = { cluster, member in
                checks(cluster, member)
                guard member == back, let raft = cluster.replica(back) else { return }
                if roles.last != raft.view.role { roles.append(raft.view.role) }
                #expect(raft.membership.contains(back) || raft.hardState.vote == nil)
            }
            try group.cluster.start(back)
            let voters = group.members.filter { $0 != lost } + [back]
            group.cluster.run(
                until: {
                    group.leader.flatMap { group.cluster.replica($0)?.view.voters }
                        == voters.sorted()
                }, within: .seconds(20))
            #expect(try group.raft(leader).view.voters == voters.sorted())
            #expect(try group.raft(leader).view.learners.isEmpty)
            #expect(group.awaitConvergence())
            #expect(roles == [.learner, .follower])
            #expect(try group.raft(back).finalState().count == 100)
            // It counts again: another may fail now.
            let other = try #require(group.members.first { $0 != leader && $0 != lost })
            group.cluster.crash(other)
            #expect(try group.ask(leader, .write(bytes("again"))).isDone)
        }
    }

    @Test("A learner that lost its disk comes back as a learner")
    func learnerLostDisk() throws {
        let group = try RaftCluster(3, learners: 1)
        let leader = try group.awaitLeader()
        let lost = testMember(3)
        group.cluster.destroy(lost)
        let back = MemberID(lost.node, incarnation: 1)
        group.cluster.add(group.setup(back, isRejoining: true))
        try group.cluster.start(back)
        group.cluster.run(for: .seconds(5))
        #expect(try group.raft(leader).view.learners == [back])
        #expect(try group.raft(leader).view.voters == group.members)
        #expect(group.awaitConvergence())
    }

    @Test("A disk lost twice leaves one identity, the last")
    func lostDiskTwice() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        let lost = try #require(group.members.last { $0 != leader })
        group.cluster.destroy(lost)
        let first = MemberID(lost.node, incarnation: 1)
        group.cluster.add(group.setup(first, isRejoining: true))
        try group.cluster.start(first)
        group.cluster.run(for: .milliseconds(60))
        group.cluster.destroy(first)
        let second = MemberID(lost.node, incarnation: 2)
        group.cluster.add(group.setup(second, isRejoining: true))
        try group.cluster.start(second)
        group.cluster.run(for: .seconds(20))
        let view = try group.raft(leader).view
        #expect(view.voters == (group.members.filter { $0 != lost } + [second]).sorted())
        #expect(view.learners.isEmpty)
        #expect(group.awaitConvergence())
    }

    @Test("A life that was replaced gets no vote and leads nobody")
    func replacedLives() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        let raft = try group.raft(leader)
        let old = MemberID(testMember(2).node)
        #expect(!raft.membership.isSuperseded(old))
        let replaced = raft.membership.removing(old).addingLearner(
            MemberID(old.node, incarnation: 1))
        #expect(replaced.isSuperseded(old))
        #expect(replaced.earlierLife(of: MemberID(old.node, incarnation: 2)) != nil)
        #expect(!replaced.isSuperseded(testMember(1)))
    }

    @Test("A member that belongs to nothing yet neither votes nor serves")
    func strangers() throws {
        let group = try RaftCluster(3, start: false)
        let stranger = MemberID(testMember(1).node, incarnation: 4)
        group.cluster.add(group.setup(stranger, isRejoining: true))
        try group.cluster.start(stranger)
        let reply = try group.ask(stranger, .write(bytes("v")))
        #expect(reply.error?.code == .recovering && reply.error?.isIndefinite == false)
        group.cluster.input(
            .message(RaftMessage(voteRequest(5)), from: testMember(0)), to: stranger)
        #expect(try group.raft(stranger).term == .zero)
        #expect(try !group.raft(stranger).view.isReady)
    }
}
