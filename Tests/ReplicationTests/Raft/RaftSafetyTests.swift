import Determinism
import Testing

@testable import Replication

/// One test per safety claim of the dissertation's chapter 3; the numbers are its sections.
@Suite struct RaftSafetyTests {
    @Test("3.4: a member votes for at most one candidate per term, across restarts too")
    func oneVotePerTerm() throws {
        let probe = try RaftProbe()
        let first = probe.receive(voteRequest(5), from: 1)
        #expect(first.votes.map(\.isGranted) == [true])
        #expect(first.sent.first?.timing == .onceDurable)
        #expect(
            first.records.last?.body
                == .hardState(HardState(term: Term(5), vote: testMember(1))))
        #expect(probe.receive(voteRequest(5), from: 2).votes.map(\.isGranted) == [false])
        let again = try probe.restarted()
        #expect(again.receive(voteRequest(5), from: 2).votes.map(\.isGranted) == [false])
        #expect(again.receive(voteRequest(5), from: 1).votes.map(\.isGranted) == [true])
        #expect(again.receive(voteRequest(4), from: 2).votes.map(\.isGranted) == [false])
    }

    @Test("3.4: a candidate needs a majority, and counts itself only once its vote is durable")
    func majorityOfVotes() throws {
        let probe = try RaftProbe(5)
        #expect(probe.raft.role == .candidate)
        let granted = VoteReply(term: Term(1), isPreVote: false, isGranted: true)
        probe.receive(.voteReply(granted), from: 1)
        probe.receive(.voteReply(granted), from: 1)
        probe.receive(.voteReply(granted), from: 2)
        #expect(probe.raft.role == .candidate)
        probe.settle()
        #expect(probe.raft.isLeader)
    }

    @Test("3.4: votes of strangers, of learners and of other terms do not count")
    func onlyVotersCount() throws {
        let probe = try RaftProbe(5)
        probe.settle()
        for number in [6, 7] {
            probe.receive(
                .voteReply(VoteReply(term: Term(1), isPreVote: false, isGranted: true)),
                from: number)
        }
        probe.receive(
            .voteReply(VoteReply(term: .zero, isPreVote: false, isGranted: true)), from: 1)
        probe.receive(
            .voteReply(VoteReply(term: Term(1), isPreVote: true, isGranted: true)), from: 2)
        #expect(!probe.raft.isLeader)
    }

    @Test("3.4: a leader or candidate that learns of a later term steps down")
    func laterTermsWin() throws {
        let probe = try RaftProbe()
        probe.elect()
        #expect(probe.raft.isLeader)
        let term = probe.raft.term.rawValue
        probe.receive(
            .appendReply(
                AppendReply(
                    term: Term(term + 3),
                    result: .rejected(previous: .zero, hintIndex: .zero, hintTerm: .zero))),
            from: 1)
        #expect(probe.raft.role == .follower && probe.raft.term == Term(term + 3))
        #expect(probe.records.last?.body == .hardState(HardState(term: Term(term + 3))))
    }

    @Test("3.5: a leader never removes or changes entries of its log")
    func leaderAppendOnly() throws {
        let probe = try RaftProbe()
        probe.elect()
        probe.ask(.write(bytes("a")))
        let before = probe.raft.log.lastIndex
        let reply = probe.receive(
            appendRequest(probe.raft.term.rawValue, terms: [1, 1, 1, 1]), from: 1)
        #expect(probe.raft.isLeader && probe.raft.log.lastIndex == before)
        #expect(reply.sent.isEmpty && reply.records.isEmpty)
    }

    @Test("3.5: entries are taken only after an entry that both logs have")
    func consistencyCheck() throws {
        let probe = try RaftProbe(
            5, records: journal(terms: [1, 1, 2], currentTerm: 2))
        let missing = probe.receive(appendRequest(3, after: 5, 3, terms: [3]), from: 1)
        #expect(
            missing.appendReplies.map(\.result) == [
                .rejected(previous: LogIndex(5), hintIndex: LogIndex(3), hintTerm: Term(2))
            ])
        let other = probe.receive(appendRequest(3, after: 3, 3, terms: [3]), from: 1)
        #expect(
            other.appendReplies.map(\.result) == [
                .rejected(previous: LogIndex(3), hintIndex: LogIndex(3), hintTerm: Term(2))
            ])
        #expect(probe.raft.log.lastIndex == LogIndex(3))
        let fitting = probe.receive(appendRequest(3, after: 2, 1, terms: [3, 3]), from: 1)
        #expect(fitting.appendReplies.map(\.result) == [.matched(LogIndex(4))])
        #expect(fitting.sent.last?.timing == .onceDurable)
        #expect(probe.raft.log.term(at: LogIndex(3)) == Term(3))
    }

    @Test("3.5: a repeated or older request removes nothing that came later")
    func repeatsAreHarmless() throws {
        let probe = try RaftProbe()
        probe.receive(appendRequest(2, terms: [1, 1, 2]), from: 1)
        let again = probe.receive(appendRequest(2, terms: [1]), from: 1)
        #expect(again.appendReplies.map(\.result) == [.matched(LogIndex(1))])
        #expect(again.records.isEmpty)
        #expect(probe.raft.log.lastIndex == LogIndex(3))
    }

    @Test("3.5, figure 3.6: a leader brings logs of every shape to its own")
    func figure36() throws {
        let shapes: [[UInt64]] = [
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4],
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
            [1, 1, 1, 4, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ]
        let group = try RaftCluster(7, start: false)
        for (member, shape) in zip(group.members, shapes) {
            let records = journal(terms: shape, currentTerm: 7)
            group.cluster.nodes[member]?.journal = records.enumerated().map {
                (UInt64($0.offset + 1), $0.element.encoded)
            }
            group.cluster.nodes[member]?.durable = UInt64(records.count)
        }
        // The members with longer logs are away until the leader of the figure is elected.
        for number in [0, 1, 2, 5, 6] { try group.cluster.start(group.members[number]) }
        let leader = try group.awaitLeader { $0 == group.members[0] }
        for number in [3, 4] { try group.cluster.start(group.members[number]) }
        #expect(group.awaitConvergence())
        let wanted = try group.raft(leader).log.entries(after: .zero)
        #expect(wanted.prefix(10).map(\.term.rawValue) == shapes[0])
        for member in group.members {
            #expect(try group.raft(member).log.entries(after: .zero) == wanted)
        }
    }

    @Test("3.5: a log that differs in many entries is found out in few rounds, by terms")
    func fastBacktracking() throws {
        let group = try RaftCluster(3, start: false)
        let long = Array(repeating: UInt64(1), count: 10) + Array(repeating: 3, count: 500)
        let other = Array(repeating: UInt64(1), count: 10) + Array(repeating: 2, count: 400)
        for (member, shape) in zip(group.members, [long, long, other]) {
            let records = journal(terms: shape, currentTerm: 3)
            group.cluster.nodes[member]?.journal = records.enumerated().map {
                (UInt64($0.offset + 1), $0.element.encoded)
            }
            group.cluster.nodes[member]?.durable = UInt64(records.count)
        }
        var rejections = 0
        group.cluster.filter = { message, _, _ in
            if case .appendReply(let reply) = message.body, case .rejected = reply.result {
                rejections += 1
            }
            return true
        }
        try group.cluster.startAll()
        try group.awaitLeader()
        #expect(group.awaitConvergence())
        #expect(rejections > 0 && rejections <= 3)
    }

    @Test(
        "3.6.1: a vote goes only to a candidate whose log is at least as complete",
        arguments: [
            (1, 9, false), (2, 2, false), (2, 3, true), (2, 4, true), (3, 1, true), (1, 3, false),
        ] as [(UInt64, UInt64, Bool)])
    func upToDate(lastTerm: UInt64, last: UInt64, isGranted: Bool) throws {
        for isPreVote in [false, true] {
            let probe = try RaftProbe(
                5, records: journal(terms: [1, 1, 2], currentTerm: 2))
            let result = probe.receive(
                voteRequest(4, last: last, lastTerm: lastTerm, isPreVote: isPreVote), from: 1)
            #expect(result.votes.map(\.isGranted) == [isGranted])
        }
    }

    @Test("3.6.2, figure 3.7: an entry of an earlier term is not committed by counting members")
    func figure37() throws {
        // As S1 of the figure: leads again, with an entry of term 2 that it now brings to most.
        let probe = try RaftProbe(5, records: journal(terms: [1, 2], currentTerm: 3))
        probe.elect()
        #expect(probe.raft.isLeader && probe.raft.term == Term(4))
        #expect(probe.raft.log.lastIndex == LogIndex(3))
        probe.settle()
        for number in 1...4 { probe.accept(2, by: number) }
        #expect(probe.raft.commitIndex == .zero)
        probe.accept(3, by: 1)
        #expect(probe.raft.commitIndex == .zero)
        probe.accept(3, by: 2)
        #expect(probe.raft.commitIndex == LogIndex(3))
    }

    @Test("3.6.3: a follower applies only what its own log shares with the leader's")
    func commitOnlyWhatIsVerified() throws {
        let probe = try RaftProbe(5, records: journal(terms: [1, 1, 1], currentTerm: 1))
        probe.receive(
            .heartbeat(
                Heartbeat(term: Term(2), commitIndex: LogIndex(3), round: 1, confirmsReads: false)),
            from: 1)
        #expect(probe.raft.commitIndex == .zero)
        probe.receive(appendRequest(2, after: 1, 1, commit: 3, terms: []), from: 1)
        #expect(probe.raft.commitIndex == LogIndex(1))
        probe.receive(appendRequest(2, after: 1, 1, commit: 3, terms: [2, 2]), from: 1)
        #expect(probe.raft.commitIndex == LogIndex(3))
        #expect(probe.raft.log.term(at: LogIndex(2)) == Term(2))
    }

    @Test("3.6.3: what is committed is never removed, whatever a message says")
    func committedStays() throws {
        let probe = try RaftProbe()
        probe.receive(appendRequest(2, commit: 2, terms: [1, 1, 2]), from: 1)
        #expect(probe.raft.commitIndex == LogIndex(2))
        let result = probe.receive(appendRequest(3, after: 0, 0, terms: [3]), from: 2)
        #expect(result.appendReplies.isEmpty)
        #expect(probe.raft.log.term(at: LogIndex(1)) == Term(1))
    }

    @Test("3.8: the leader's own acceptance counts only once its disk has the entry")
    func ownDiskCounts() throws {
        let probe = try RaftProbe(3)
        probe.elect()
        probe.accept(1, by: 1)
        #expect(probe.raft.commitIndex == .zero)
        probe.settle()
        #expect(probe.raft.commitIndex == LogIndex(1))
    }

    @Test("3.8: what was on disk and was replaced does not count for what replaced it")
    func replacedEntriesAreNotDurable() throws {
        let probe = try RaftProbe(3)
        probe.receive(appendRequest(2, terms: [1, 2, 2, 2]), from: 1)
        probe.receive(appendRequest(2, after: 4, 2, terms: [2]), from: 1)
        let before = probe.receive(appendRequest(3, after: 1, 1, terms: [3]), from: 2).position
        #expect(probe.raft.durability.durableIndex == .zero)
        probe.receive(appendRequest(3, after: 2, 3, terms: [3]), from: 2)
        probe.give(.durable(before))
        #expect(probe.raft.durability.durableIndex == LogIndex(2))
        probe.receive(appendRequest(4, after: 1, 1, terms: [4, 4, 4]), from: 1)
        #expect(probe.raft.durability.durableIndex == LogIndex(1))
        probe.settle()
        #expect(probe.raft.durability.durableIndex == LogIndex(4))
    }

    @Test("10.2.1: the leader's disk works while the entries are under way, or not at all")
    func slowLeaderDisk() throws {
        let group = try RaftCluster(3, roundTrip: .milliseconds(20))
        group.cluster.jitter = .zero
        let leader = try group.awaitLeader()
        group.cluster.run(for: .seconds(1))
        group.cluster.nodes[leader]?.writeDelay = .milliseconds(200)
        let asked = group.cluster.now
        #expect(try group.ask(leader, .write(bytes("v"))).isDone)
        #expect(group.cluster.now - asked < .milliseconds(25))
    }

    @Test("10.2.1: appends are pipelined, within a bounded window")
    func pipelining() throws {
        let probe = try RaftProbe(3)
        probe.elect()
        probe.settle()
        probe.accept(1, by: 1)
        var sent = 0
        for number in 1...200 {
            let result = probe.ask(.write(bytes("v")), sequence: UInt64(number))
            sent += result.sent.filter { $0.to == testMember(1) }.count
            sent += probe.wait(.milliseconds(1)).appends.count
        }
        #expect(sent == RaftOptions.windowMessagesMax)
        let next = probe.accept(10, by: 1)
        #expect(next.appends.count == 1)
        #expect((next.appends.first?.entries.count ?? 0) > 100)
    }

    @Test("3.8: what is persisted is replayed to the same log and membership")
    func replay() throws {
        let probe = try RaftProbe()
        probe.receive(appendRequest(2, terms: [1, 1, 2]), from: 1)
        probe.receive(appendRequest(3, after: 1, 1, commit: 1, terms: [3, 3, 3]), from: 2)
        let again = try probe.restarted()
        #expect(
            again.raft.log.entries(after: .zero) == probe.raft.log.entries(after: .zero))
        #expect(again.raft.hardState == probe.raft.hardState)
        #expect(throws: MalformedBytes.self) {
            try again.raft.replay(RaftRecord(.entries(after: LogIndex(9), entries(terms: [3]))))
        }
        #expect(throws: MalformedBytes.self) {
            try again.raft.replay(RaftRecord(.hardState(HardState(term: Term(1)))))
        }
    }
}
