import Determinism
import Testing

@testable import Replication

/// Reads: by read index (6.4), by lease (6.4.1), and local.
@Suite struct RaftReadTests {
    @Test("6.4: a deposed leader never answers a read from what it has")
    func noStaleReads() throws {
        for reads in ["read-index", "lease"] {
            let group = try RaftCluster(
                5, options: ["reads": .choice(reads), "check_quorum": .toggle(false)])
            let old = try group.awaitLeader()
            #expect(try group.ask(old, .write(bytes("old"))).isDone)
            group.cluster.isolate(old)
            let new = try group.awaitLeader(within: .seconds(10)) { $0 != old }
            #expect(try group.ask(new, .write(bytes("new"))).isDone)
            #expect(try group.raft(old).isLeader)
            let reply = try group.ask(old, .read)
            #expect(reply.error?.code == .consensusNotAchieved)
            #expect(reply.error?.isIndefinite == false)
            #expect(try group.ask(new, .read).outcome == .values([.bytes(bytes("new"))]))
        }
    }

    @Test("6.4: a new leader serves no read before it has committed an entry of its term")
    func afterTheFirstEntry() throws {
        let probe = try RaftProbe(3, records: journal(terms: [1, 1], currentTerm: 1))
        probe.elect()
        probe.settle()
        let read = probe.ask(.read)
        #expect(read.replies.isEmpty && probe.raft.commitIndex == .zero)
        let first = probe.wait(probe.raft.options.heartbeat)
        #expect(first.replies.isEmpty)
        probe.receive(
            .heartbeatReply(
                HeartbeatReply(term: probe.raft.term, round: 1, confirmsReads: false)), from: 1)
        probe.accept(3, by: 1)
        probe.wait(.milliseconds(5))
        let confirmed = probe.receive(
            .heartbeatReply(
                HeartbeatReply(
                    term: probe.raft.term, round: probe.raft.reads.lastRound,
                    confirmsReads: true)), from: 1)
        #expect(confirmed.replies.map(\.outcome) == [.values([])])
    }

    @Test("6.4: only a round that began after the read confirms it")
    func onlyLaterRounds() throws {
        let probe = try RaftProbe(3)
        probe.elect()
        probe.settle()
        probe.accept(1, by: 1)
        probe.wait(probe.raft.options.heartbeat)
        let earlier = probe.raft.reads.lastRound
        probe.wait(.milliseconds(1))
        probe.ask(.read)
        let stale = probe.receive(
            .heartbeatReply(
                HeartbeatReply(term: probe.raft.term, round: earlier, confirmsReads: false)),
            from: 1)
        #expect(stale.replies.isEmpty)
        let invented = probe.receive(
            .heartbeatReply(
                HeartbeatReply(term: probe.raft.term, round: 1 << 50, confirmsReads: true)),
            from: 1)
        #expect(invented.replies.isEmpty)
        let answered = probe.receive(
            .heartbeatReply(
                HeartbeatReply(
                    term: probe.raft.term, round: probe.raft.reads.lastRound,
                    confirmsReads: true)), from: 1)
        #expect(answered.replies.count == 1)
    }

    @Test("6.4: many reads share a round, and one alone begins at once")
    func batching() throws {
        let group = try RaftCluster(3, roundTrip: .milliseconds(20))
        group.cluster.jitter = .zero
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        let asked = group.cluster.now
        _ = try group.ask(leader, .read)
        #expect(group.cluster.now - asked < .milliseconds(21))
        group.cluster.run(for: .milliseconds(100))
        let messages = group.cluster.messageCount
        let replies = group.cluster.replies.count
        for _ in 0..<1000 { group.submit(leader, .read) }
        group.cluster.run(
            until: { group.cluster.replies.count == replies + 1000 }, within: .seconds(1))
        #expect(group.cluster.replies.count == replies + 1000)
        #expect(group.cluster.messageCount - messages < 20)
    }

    @Test("6.4: a read at a follower is passed on, and asked again if the leader is lost")
    func readsSurviveTheLeader() throws {
        let group = try RaftCluster(
            5, options: ["commit_timeout": .duration(.seconds(10))])
        let leader = try group.awaitLeader()
        let follower = try #require(group.members.last { $0 != leader })
        #expect(try group.ask(follower, .write(bytes("v"))).isDone)
        group.cluster.isolate(leader)
        let reply = try group.ask(follower, .read)
        #expect(reply.outcome == .values([.bytes(bytes("v"))]))
    }

    @Test("A write under way to a leader that is lost is answered as indefinite")
    func lostWrites() throws {
        let group = try RaftCluster(5)
        let leader = try group.awaitLeader()
        let follower = try #require(group.members.last { $0 != leader })
        let number = group.submit(follower, .write(bytes("v")))
        group.cluster.crash(leader)
        group.cluster.run(for: .milliseconds(1))
        let reply = try #require(group.cluster.replies[number]?.reply)
        #expect(reply.error?.code == .leadershipLost && reply.error?.isIndefinite == true)
    }

    @Test("6.4.1: within its lease the leader answers without a message")
    func leaseReads() throws {
        let group = try RaftCluster(3, options: ["reads": .choice("lease")])
        let leader = try group.awaitLeader()
        #expect(try group.ask(leader, .write(bytes("v"))).isDone)
        group.cluster.run(for: .seconds(1))
        let asked = group.cluster.now
        #expect(try group.ask(leader, .read).outcome == .values([.bytes(bytes("v"))]))
        #expect(group.cluster.now == asked)
    }

    @Test("6.4.1: a lease begins when its heartbeat was sent, and is shortened by the drift")
    func leaseBegin() throws {
        let probe = try RaftProbe(3, options: ["reads": .choice("lease")])
        probe.elect()
        probe.settle()
        probe.accept(1, by: 1)
        probe.wait(probe.raft.options.heartbeat)
        let sentAt = probe.time
        let round = probe.raft.reads.lastRound
        probe.wait(.milliseconds(30))
        probe.receive(
            .heartbeatReply(
                HeartbeatReply(term: probe.raft.term, round: round, confirmsReads: false)),
            from: 1)
        let lower = probe.raft.options.electionTimeout.lowerBound
        #expect(probe.raft.options.leaseSpan < lower)
        #expect(probe.raft.reads.leaseEnd == sentAt + probe.raft.options.leaseSpan)
        #expect(probe.ask(.read, sequence: 1).replies.count == 1)
        probe.wait((sentAt + probe.raft.options.leaseSpan) - probe.time)
        #expect(probe.ask(.read, sequence: 2).replies.isEmpty)
    }

    @Test("6.4.1: the lease ends before leadership is handed over, for the rest of the term")
    func leaseEndsBeforeTransfer() throws {
        let probe = try RaftProbe(3, options: ["reads": .choice("lease")])
        probe.elect()
        probe.settle()
        for number in 1...2 { probe.accept(1, by: number) }
        probe.wait(probe.raft.options.heartbeat)
        func confirm() {
            probe.receive(
                .heartbeatReply(
                    HeartbeatReply(
                        term: probe.raft.term, round: probe.raft.reads.lastRound,
                        confirmsReads: false)), from: 1)
        }
        confirm()
        #expect(probe.ask(.read, sequence: 1).replies.count == 1)
        let handed = probe.give(
            .administer(
                .transferLeader(to: RegionID(index: 2)),
                RequestHandle(connection: 9, request: 9)))
        #expect(handed.sent.contains { $0.body == .timeoutNow(probe.raft.term) })
        #expect(probe.ask(.read, sequence: 2).replies.isEmpty)
        let abandoned = probe.wait(probe.raft.options.electionTimeout.lowerBound)
        #expect(abandoned.replies.contains { $0.error?.code == .refused })
        confirm()
        #expect(probe.raft.reads.leaseEnd.map { $0 > probe.time } == true)
        #expect(probe.ask(.read, sequence: 3).replies.isEmpty)
    }

    @Test("6.4.1: a restarted voter waits out the longest lease that it may have granted")
    func restartedVoterWaits() throws {
        let probe = try RaftProbe(3, options: ["reads": .choice("lease")])
        probe.receive(appendRequest(2, terms: [2]), from: 1)
        let again = try probe.restarted()
        let request = voteRequest(3, last: 9, lastTerm: 2)
        #expect(again.receive(request, from: 2).votes.map(\.isGranted) == [false])
        #expect(again.raft.term == Term(2))
        again.wait(again.raft.options.electionTimeout.lowerBound)
        #expect(again.receive(request, from: 2).votes.map(\.isGranted) == [false])
        again.wait(again.raft.options.leaseWait - again.raft.options.electionTimeout.lowerBound)
        #expect(again.receive(request, from: 2).votes.map(\.isGranted) == [true])
    }

    @Test("6.4.1: leases hold with pre-vote off: a leader that is heard is protected")
    func leaseWithoutPreVote() throws {
        let probe = try RaftProbe(
            3, options: ["reads": .choice("lease"), "prevote": .toggle(false)])
        probe.receive(appendRequest(2, terms: [2]), from: 1)
        let ignored = probe.receive(voteRequest(9, last: 9, lastTerm: 9), from: 2)
        #expect(ignored.votes.map(\.isGranted) == [false])
        #expect(probe.raft.term == Term(2))
    }

    @Test("Local reads are answered by any member at once, and may be stale")
    func localReads() throws {
        let group = try RaftCluster(3, options: ["reads": .choice("local")])
        let leader = try group.awaitLeader()
        let follower = try #require(group.members.last { $0 != leader })
        #expect(try group.ask(leader, .write(bytes("a"))).isDone)
        #expect(group.awaitConvergence())
        group.cluster.isolate(follower)
        #expect(try group.ask(leader, .write(bytes("b"))).isDone)
        let asked = group.cluster.now
        #expect(try group.ask(follower, .read).outcome == .values([.bytes(bytes("a"))]))
        #expect(group.cluster.now == asked)
        #expect(try group.ask(leader, .read).outcome == .values([.bytes(bytes("b"))]))
    }
}
