import Determinism
import Testing

@testable import Replication

/// Elections under partial failures: what pre-vote, check-quorum and the protection of a living
/// leader do, and what happens without them.
@Suite struct RaftElectionTests {
    @Test("9.6: a member that was cut off does not depose the leader when it returns")
    func preVote() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        let away = try #require(group.members.first { $0 != leader })
        let term = try group.raft(leader).term
        group.cluster.isolate(away)
        group.cluster.run(for: .seconds(20))
        #expect(try group.raft(away).term == term)
        group.cluster.healAll()
        group.cluster.run(for: .seconds(5))
        #expect(group.leader == leader)
        #expect(try group.raft(leader).term == term)
        #expect(group.notes(.leaderSteppedDown) == 0)
    }

    @Test("3.4: without pre-vote its term has grown, and it does")
    func noPreVote() throws {
        let group = try RaftCluster(3, options: ["prevote": .toggle(false)])
        let leader = try group.awaitLeader()
        let away = try #require(group.members.first { $0 != leader })
        let term = try group.raft(leader).term
        group.cluster.isolate(away)
        group.cluster.run(for: .seconds(20))
        #expect(try group.raft(away).term > Term(term.rawValue + 5))
        group.cluster.healAll()
        group.cluster.run(for: .seconds(5))
        #expect(group.notes(.leaderSteppedDown) > 0)
        #expect(try group.raft(try group.awaitLeader()).term > term)
    }

    @Test("6.2: a leader that hears no majority steps down, and answers what it was asked")
    func checkQuorum() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        group.cluster.isolate(leader)
        let number = group.submit(leader, .write(bytes("v")))
        let timeout = try group.raft(leader).options.electionTimeout.upperBound
        group.cluster.run(for: timeout * 2)
        #expect(try !group.raft(leader).isLeader)
        #expect(group.cluster.replies[number]?.reply.error?.code == .consensusNotAchieved)
        #expect(group.cluster.replies[number]?.reply.error?.isIndefinite == true)
        #expect(try group.awaitLeader() != leader)
    }

    @Test("6.2: with check-quorum off it goes on to believe in itself")
    func noCheckQuorum() throws {
        let group = try RaftCluster(5, options: ["check_quorum": .toggle(false)])
        let leader = try group.awaitLeader()
        group.cluster.isolate(leader)
        group.cluster.run(for: .seconds(20))
        #expect(try group.raft(leader).isLeader)
        #expect(group.leaders.count == 2)
        group.cluster.healAll()
        group.cluster.run(for: .seconds(5))
        #expect(group.leaders.count == 1)
    }

    @Test("4.2.3: a member that hears a leader ignores candidates, but for a transfer")
    func stickiness() throws {
        let probe = try RaftProbe(3)
        probe.receive(appendRequest(2, terms: [2]), from: 1)
        let ignored = probe.receive(voteRequest(9, last: 9, lastTerm: 9), from: 2)
        #expect(ignored.votes.map(\.isGranted) == [false])
        #expect(probe.raft.term == Term(2))
        let asked = probe.receive(
            voteRequest(9, last: 9, lastTerm: 9, isPreVote: true), from: 2)
        #expect(asked.votes.map(\.isGranted) == [false])
        let transfer = probe.receive(
            voteRequest(9, last: 9, lastTerm: 9, isTransfer: true), from: 2)
        #expect(transfer.votes.map(\.isGranted) == [true])
    }

    @Test("4.2.3: once the leader is silent for the shortest timeout, candidates are heard")
    func stickinessEnds() throws {
        let probe = try RaftProbe(3)
        probe.receive(appendRequest(2, terms: [2]), from: 1)
        probe.wait(probe.raft.options.electionTimeout.lowerBound)
        let asked = probe.receive(
            voteRequest(3, last: 9, lastTerm: 2, isPreVote: true), from: 2)
        #expect(asked.votes.map(\.isGranted) == [true])
        let granted = probe.receive(voteRequest(3, last: 9, lastTerm: 2), from: 2)
        #expect(granted.votes.map(\.isGranted) == [true])
    }

    @Test("3.4: timeouts are drawn anew from the range, differently for each member")
    func randomisedTimeouts() throws {
        let group = try RaftCluster(5)
        try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let range = try group[1].options.electionTimeout
        var waits: Set<Int64> = []
        for number in 1..<5 {
            let raft = try group[number]
            let contact = try #require(raft.lastLeaderContact)
            let wait = raft.electionDeadline - contact
            #expect(range.contains(wait))
            waits.insert(wait.nanoseconds)
        }
        #expect(waits.count == 4)
    }

    @Test("One bad direction of one link changes no leader; without pre-vote it does")
    func oneWayCut() throws {
        for (isOn, changes) in [(true, 0), (false, 1)] {
            let group = try RaftCluster(3, options: ["prevote": .toggle(isOn)])
            let leader = try group.awaitLeader()
            let other = try #require(group.members.last { $0 != leader })
            group.cluster.cut(from: leader, to: other)
            group.cluster.run(for: .seconds(20))
            let count = group.notes(.leaderSteppedDown)
            #expect(isOn ? count == changes : count >= changes)
            #expect(group.leader != nil)
        }
    }

    @Test("A killed leader is replaced within two of the longest timeouts")
    func failover() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let group = try RaftCluster(5, seed: seed)
            let leader = try group.awaitLeader()
            group.cluster.run(for: .seconds(2))
            let timeout = try group.raft(leader).options.electionTimeout.upperBound
            group.cluster.crash(leader)
            try group.awaitLeader(within: timeout * 2)
        }
    }

    @Test("Leadership returns to the preferred region once its node has caught up")
    func preferredLeaderReturns() throws {
        let group = try RaftCluster(
            3, options: ["preferred_leader": .region(RegionID(index: 1))])
        let home = group.members[1]
        #expect(try group.awaitLeader() == home)
        group.cluster.crash(home)
        let deputy = try group.awaitLeader { $0 != home }
        for number in 0..<100 {
            #expect(try group.ask(deputy, .write(bytes("\(number)"))).isDone)
        }
        group.invariants.forget(home)
        try group.cluster.start(home)
        #expect(try group.awaitLeader(within: .seconds(10)) { $0 == home } == home)
        #expect(
            try group.ask(home, .read).outcome == .values([.bytes(bytes("99"))]))
    }

    @Test("Members of far-flung groups have timeouts that suit the distance")
    func automaticTimeouts() throws {
        let near = try RaftCluster(3, roundTrip: .milliseconds(1))
        let far = try RaftCluster(3, roundTrip: .milliseconds(250))
        #expect(try near[0].options.electionTimeout == .milliseconds(300)...(.milliseconds(600)))
        #expect(try far[0].options.electionTimeout == .milliseconds(750)...(.milliseconds(1500)))
        #expect(try far[0].options.heartbeat == .milliseconds(125))
        try far.awaitLeader()
        far.cluster.run(for: .seconds(60))
        #expect(far.notes(.leaderElected) == 1)
    }
}

/// The three partial partitions of Ng, Haridi and Carbone, "Omni-Paxos: Breaking the Barriers of
/// Partial Connectivity" (EuroSys 2023), section 2. `docs/strategies/raft.md` tells the same.
@Suite struct RaftPartialPartitionTests {
    /// Cuts every link but those of the hub.
    private func star(_ group: RaftCluster, hub: MemberID, without: [MemberID] = []) {
        for one in group.members {
            for other in group.members where one < other {
                let isSpoke = one == hub || other == hub
                let isOut = without.contains(one) || without.contains(other)
                if !isSpoke || isOut { group.cluster.cutBoth(one, other) }
            }
        }
    }

    @Test("Quorum loss: check-quorum makes the leader yield to the one that reaches a majority")
    func quorumLoss() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let hub = group.members[2]
        #expect(leader != hub)
        star(group, hub: hub)
        #expect(try group.awaitLeader(within: .seconds(10)) { $0 == hub } == hub)
        #expect(try group.ask(hub, .write(bytes("v"))).isDone)
        group.cluster.run(for: .seconds(30))
        #expect(group.leader == hub)
    }

    @Test("Quorum loss without check-quorum: the hub hears a leader, so nothing gets on")
    func quorumLossWithoutCheckQuorum() throws {
        let group = try RaftCluster(5, options: ["check_quorum": .toggle(false)])
        let leader = try group.awaitLeader()
        let hub = group.members[2]
        star(group, hub: hub)
        group.cluster.run(for: .seconds(30))
        #expect(try group.raft(leader).isLeader)
        #expect(
            try group.ask(leader, .write(bytes("v"))).error?.code == .consensusNotAchieved)
        group.cluster.healAll()
        group.cluster.run(for: .seconds(5))
        #expect(try group.ask(try group.awaitLeader(), .write(bytes("w"))).isDone)
    }

    @Test("Constrained election: the only member that reaches a majority lacks entries; Raft waits")
    func constrainedElection() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let hub = group.members[2]
        group.cluster.run(for: .seconds(1))
        // The hub misses a write that all others have.
        group.cluster.isolate(hub)
        #expect(try group.ask(leader, .write(bytes("v"))).isDone)
        #expect(group.awaitConvergence(among: group.members.filter { $0 != hub }))
        let term = try group.raft(leader).term
        group.cluster.healAll()
        group.cluster.filter = { message, _, target in
            // It must not be brought up to date in the moment between the two partitions.
            if case .append = message.body { return target != hub }
            return true
        }
        star(group, hub: hub, without: [leader])
        group.cluster.run(for: .seconds(1))
        group.cluster.filter = { _, _, _ in true }
        group.cluster.run(for: .seconds(30))
        // Nobody is elected, by 3.6.1, and with pre-vote no term is wasted.
        #expect(group.leader == nil)
        for member in group.members { #expect(try group.raft(member).term == term) }
        group.cluster.healAll()
        let next = try group.awaitLeader(within: .seconds(10))
        #expect(try group.ask(next, .read).outcome == .values([.bytes(bytes("v"))]))
    }

    @Test("Constrained election: if most are no further than the hub, it is elected")
    func constrainedElectionWithFewAhead() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let hub = group.members[2]
        #expect(group.awaitConvergence())
        star(group, hub: hub, without: [leader])
        #expect(try group.awaitLeader(within: .seconds(10)) { $0 == hub } == hub)
        #expect(try group.ask(hub, .write(bytes("v"))).isDone)
    }

    @Test("Chained: the end that lost the leader cannot depose it; the others go on")
    func chained() throws {
        let group = try RaftCluster(3)
        let leader = try group.awaitLeader()
        let others = group.members.filter { $0 != leader }
        let (middle, end) = (others[0], others[1])
        let term = try group.raft(leader).term
        group.cluster.cutBoth(leader, end)
        group.cluster.run(for: .seconds(30))
        #expect(group.leader == leader)
        #expect(try group.raft(leader).term == term)
        #expect(try group.ask(leader, .write(bytes("v"))).isDone)
        #expect(try group.ask(middle, .write(bytes("w"))).isDone)
        let refused = try group.ask(end, .write(bytes("x")))
        #expect(refused.error?.code == .noLeader && refused.error?.isIndefinite == false)
    }

    @Test("Chained without pre-vote: the ends depose each other until the middle happens to lead")
    func chainedWithoutPreVote() throws {
        var depositions = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let group = try RaftCluster(3, seed: seed, options: ["prevote": .toggle(false)])
            let leader = try group.awaitLeader()
            let others = group.members.filter { $0 != leader }
            group.cluster.cutBoth(leader, others[1])
            group.cluster.run(for: .seconds(120))
            depositions += group.notes(.leaderSteppedDown)
            #expect(group.leader == others[0])
        }
        #expect(depositions > 6)
    }
}
