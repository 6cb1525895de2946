import Determinism
import Testing

@testable import Replication

/// Exactly-once requests through client sessions (6.3).
@Suite struct RaftSessionTests {
    @Test("6.3: a repeat takes effect once, at whichever members it arrives and however often")
    func repeats() throws {
        let group = try RaftCluster(3, valueType: .counter)
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        let numbers = (0..<9).map { number in
            group.submit(
                group.members[number % 3], .increment(5), session: session, sequence: 1)
        }
        group.cluster.run(for: .seconds(2))
        for number in numbers {
            #expect(group.cluster.replies[number]?.reply.outcome == .done(.integer(5)))
        }
        #expect(try group.ask(leader, .read).outcome == .values([.integer(5)]))
    }

    @Test("6.3: it does so after a change of leader and a restart of every member")
    func repeatsAcrossLeaders() throws {
        let group = try RaftCluster(
            3, valueType: .counter, options: ["snapshot_at": .size(2_000)])
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        let first = try group.ask(leader, .increment(1), session: session, sequence: 1)
        group.cluster.crash(leader)
        let second = try group.awaitLeader { $0 != leader }
        #expect(
            try group.ask(second, .increment(1), session: session, sequence: 1) == first)
        for number in 2...60 as ClosedRange<UInt64> {
            _ = try group.ask(
                second, .increment(1), session: session, sequence: number, firstUnanswered: 0)
        }
        #expect(group.cluster.checkpointCount > 0)
        for member in group.members {
            if group.cluster.replica(member) != nil { group.cluster.crash(member) }
        }
        for member in group.members {
            group.invariants.forget(member)
            try group.cluster.start(member)
        }
        let third = try group.awaitLeader()
        for number in [1, 2, 30, 60] as [UInt64] {
            let reply = try group.ask(third, .increment(1), session: session, sequence: number)
            #expect(reply.outcome == .done(.integer(Int64(number))))
        }
        #expect(try group.ask(third, .read).outcome == .values([.integer(60)]))
        #expect(group.awaitConvergence())
    }

    @Test("6.3: sequences may arrive in any order, each is applied once")
    func outOfOrder() throws {
        let group = try RaftCluster(3, valueType: .list)
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        for number in [5, 2, 9, 2, 5, 1] as [UInt64] {
            let reply = try group.ask(
                leader, .append(bytes("\(number)")), session: session, sequence: number,
                firstUnanswered: 1)
            #expect(reply.isDone)
        }
        #expect(
            try group.ask(leader, .read).outcome
                == .values([.list(["5", "2", "9", "1"].map(bytes))]))
    }

    @Test("6.3: an unknown session is refused, definitely, and nothing is applied")
    func unknownSession() throws {
        let group = try RaftCluster(3, valueType: .counter)
        let leader = try group.awaitLeader()
        let reply = try group.ask(leader, .increment(1), session: 77, sequence: 1)
        #expect(reply.error?.code == .sessionExpired && reply.error?.isIndefinite == false)
        #expect(try group.ask(leader, .read).outcome == .values([]))
    }

    @Test("6.3: a session expires by the log's time, alike everywhere, and never applies again")
    func expiry() throws {
        let group = try RaftCluster(
            3, valueType: .counter, options: ["session_timeout": .duration(.seconds(10))])
        let leader = try group.awaitLeader()
        let idle = try group.openSession(1, at: leader)
        let busy = try group.openSession(2, at: leader)
        #expect(try group.ask(leader, .increment(1), session: idle, sequence: 1).isDone)
        for number in 1...6 as ClosedRange<UInt64> {
            group.cluster.run(for: .seconds(4))
            #expect(
                try group.ask(leader, .increment(1), session: busy, sequence: number).isDone)
        }
        let late = try group.ask(leader, .increment(1), session: idle, sequence: 1)
        #expect(late.error?.code == .sessionExpired && late.error?.isIndefinite == false)
        #expect(try group.ask(leader, .read).outcome == .values([.integer(7)]))
        #expect(group.notes(.sessionExpired) == 1)
        #expect(group.awaitConvergence())
        for member in group.members {
            #expect(try group.raft(member).machine.sessions.count == 1)
        }
    }

    @Test("6.3: who passed a write on and then leads never says that nothing was done")
    func repeatsOfAFollowerThatComesToLead() throws {
        let group = try RaftCluster(
            3, valueType: .counter,
            options: [
                "session_timeout": .duration(.seconds(10)),
                "commit_timeout": .duration(.seconds(10)),
            ])
        let old = try group.awaitLeader()
        let session = try group.openSession(at: old)
        let heir = try #require(group.members.last { $0 != old })
        // The answer to the follower is lost, and nobody else seeks votes.
        group.cluster.filter = { message, source, _ in
            switch message.body {
            case .forwardReply: false
            case .vote: source == heir
            default: true
            }
        }
        let number = group.submit(heir, .increment(1), session: session, sequence: 1)
        let isApplied = group.cluster.run(
            until: { group.cluster.replica(heir)?.machine.values.byteCount ?? 0 > 0 },
            within: .seconds(5))
        #expect(isApplied && group.cluster.replies[number] == nil)
        group.cluster.crash(old)
        // By the clock of the new leader the session has expired when it tries again.
        group.cluster.nodes[heir]?.wallOffset = .seconds(3600)
        #expect(try group.awaitLeader() == heir)
        group.cluster.run(for: .seconds(1))
        let reply = try #require(group.cluster.replies[number]?.reply)
        #expect(reply.error?.code == .sessionExpired && reply.error?.isIndefinite == true)
        #expect(try group.ask(heir, .read).outcome == .values([.integer(1)]))
    }

    @Test("6.3: a leader whose clock jumps back neither revives nor ages a session")
    func clocksJump() throws {
        let group = try RaftCluster(
            3, valueType: .counter, options: ["session_timeout": .duration(.seconds(10))])
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        #expect(try group.ask(leader, .increment(1), session: session, sequence: 1).isDone)
        let before = try group.raft(leader).machine.logTime
        group.cluster.nodes[leader]?.wallOffset = .seconds(-3600)
        #expect(try group.ask(leader, .increment(1), session: session, sequence: 2).isDone)
        #expect(try group.raft(leader).machine.logTime == before)
        group.cluster.nodes[leader]?.wallOffset = .seconds(3600)
        let late = try group.ask(leader, .increment(1), session: session, sequence: 3)
        #expect(late.error?.code == .sessionExpired)
        #expect(group.awaitConvergence())
    }

    @Test("6.3: answers that the client has are forgotten, and not given up for applying again")
    func firstUnanswered() throws {
        let group = try RaftCluster(3, valueType: .counter)
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        for number in 1...20 as ClosedRange<UInt64> {
            _ = try group.ask(
                leader, .increment(1), session: session, sequence: number,
                firstUnanswered: number)
        }
        let stray = try group.ask(leader, .increment(1), session: session, sequence: 3)
        #expect(stray.error?.code == .invalid && stray.error?.isIndefinite == true)
        #expect(try group.ask(leader, .read).outcome == .values([.integer(20)]))
    }

    @Test("6.3: the number of sessions is bounded; the one longest unused makes room")
    func boundedSessions() throws {
        let group = try RaftCluster(
            3, valueType: .counter, options: ["sessions_max": .integer(3)])
        let leader = try group.awaitLeader()
        var sessions: [UInt64] = []
        for client in 1...3 as ClosedRange<UInt64> {
            sessions.append(try group.openSession(client, at: leader))
            group.cluster.run(for: .milliseconds(10))
        }
        _ = try group.ask(leader, .increment(1), session: sessions[0], sequence: 1)
        let fourth = try group.openSession(4, at: leader)
        let evicted = try group.ask(leader, .increment(1), session: sessions[1], sequence: 1)
        #expect(evicted.error?.code == .sessionExpired)
        for session in [sessions[0], sessions[2], fourth] {
            #expect(
                try group.ask(leader, .increment(1), session: session, sequence: 2).isDone)
        }
        #expect(group.awaitConvergence())
    }

    @Test("A session keeps a bounded number of answers")
    func boundedAnswers() {
        var table = SessionTable(timeoutMilliseconds: 1000, sessionsMax: 10)
        #expect(table.open(1, at: 0) == nil)
        for number in 1...UInt64(SessionTable.answersMax) {
            if case .new = table.admit(session: 1, sequence: number, firstUnanswered: 0, at: 0) {
                table.keep(ClientReply(.done(nil)), session: 1, sequence: number)
            }
        }
        let next = UInt64(SessionTable.answersMax) + 1
        guard
            case .answered(let reply) = table.admit(
                session: 1, sequence: next, firstUnanswered: 0, at: 0)
        else {
            Issue.record("one too many was admitted")
            return
        }
        #expect(reply.error?.code == .overloaded && reply.error?.isIndefinite == false)
        guard case .new = table.admit(session: 1, sequence: next, firstUnanswered: 9, at: 0)
        else {
            Issue.record("room was not made")
            return
        }
    }

    @Test("Without a session every arrival is applied")
    func noSession() throws {
        let group = try RaftCluster(3, valueType: .counter)
        let leader = try group.awaitLeader()
        _ = try group.ask(leader, .increment(1), sequence: 1)
        _ = try group.ask(leader, .increment(1), sequence: 1)
        #expect(try group.ask(leader, .read).outcome == .values([.integer(2)]))
    }
}
