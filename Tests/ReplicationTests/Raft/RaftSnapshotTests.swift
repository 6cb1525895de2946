import Determinism
import Testing

@testable import Replication

/// Compaction and the transfer of snapshots (5).
@Suite struct RaftSnapshotTests {
    private func value(_ number: Int, bytes count: Int = 1000) -> [UInt8] {
        Array(repeating: UInt8(truncatingIfNeeded: number), count: count)
    }

    @Test("5.1: the log is compacted past the limit, and a restart begins at the checkpoint")
    func compaction() throws {
        let group = try RaftCluster(3, options: ["snapshot_at": .size(50_000)])
        let leader = try group.awaitLeader()
        for number in 0..<300 {
            _ = try group.ask(leader, .write(value(number)), key: "\(number % 20)")
        }
        #expect(group.awaitConvergence())
        #expect(group.cluster.checkpointCount >= 3 * 4)
        for member in group.members {
            let raft = try group.raft(member)
            #expect(raft.log.baseIndex > .zero)
            #expect(raft.journalBytes <= 52_000)
            group.cluster.crash(member)
            #expect((group.cluster.nodes[member]?.journal.count ?? 0) < 100)
        }
        for member in group.members {
            group.invariants.forget(member)
            try group.cluster.start(member)
        }
        let next = try group.awaitLeader()
        for number in 280..<300 {
            #expect(
                try group.ask(next, .read, key: "\(number % 20)").outcome
                    == .values([.bytes(value(number))]))
        }
        #expect(group.awaitConvergence())
    }

    @Test("5.1: the limit is the state's size when that is larger")
    func proportionalCompaction() throws {
        let group = try RaftCluster(1, options: ["snapshot_at": .size(10_000)])
        let leader = try group.awaitLeader()
        for number in 0..<400 {
            _ = try group.ask(leader, .write(value(number)), key: "\(number)")
        }
        // With a fixed limit there would be about forty.
        #expect(group.cluster.checkpointCount > 3 && group.cluster.checkpointCount < 12)
    }

    @Test("5.2: a member that is too far behind receives the state in pieces")
    func install() throws {
        let group = try RaftCluster(
            3,
            options: [
                "snapshot_at": .size(500_000), "commit_timeout": .duration(.seconds(5)),
            ])
        let leader = try group.awaitLeader()
        let away = try #require(group.members.last { $0 != leader })
        group.cluster.isolate(away)
        for number in 0..<40 {
            let reply = try group.ask(
                leader, .write(value(number, bytes: 100_000)), key: "\(number % 30)")
            #expect(reply.isDone)
        }
        var chunks = 0
        var largest = 0
        group.cluster.filter = { message, _, _ in
            if case .snapshot(let chunk) = message.body {
                chunks += 1
                largest = max(largest, chunk.bytes.count)
            }
            return true
        }
        group.cluster.healAll()
        #expect(group.awaitConvergence())
        #expect(chunks >= 3 && chunks <= 6 && largest <= Limits.snapshotChunkBytes)
        #expect(group.notes(.snapshotInstalled) == 1)
        #expect(try group.raft(away).finalState() == group.raft(leader).finalState())
        group.cluster.crash(away)
        group.invariants.forget(away)
        try group.cluster.start(away)
        #expect(try group.raft(away).finalState().count == 30)
        #expect(group.awaitConvergence())
    }

    @Test("5.2: a transfer that is interrupted goes on where it stopped")
    func resume() throws {
        let group = try RaftCluster(
            3,
            options: [
                "snapshot_at": .size(500_000), "commit_timeout": .duration(.seconds(5)),
            ])
        let leader = try group.awaitLeader()
        let away = try #require(group.members.last { $0 != leader })
        group.cluster.isolate(away)
        for number in 0..<120 {
            _ = try group.ask(
                leader, .write(value(number, bytes: 100_000)), key: "\(number % 100)")
        }
        let raft = try group.raft(leader)
        var delivered: [UInt64: Int] = [:]
        var isCut = false
        let cluster = group.cluster
        cluster.filter = { message, _, target in
            guard case .snapshot(let chunk) = message.body else { return true }
            delivered[chunk.offset, default: 0] += 1
            if delivered.count == 6, !isCut {
                isCut = true
                cluster.after(.milliseconds(12)) { $0.isolate(target) }
                cluster.after(.milliseconds(600)) { $0.healAll() }
            }
            return true
        }
        cluster.healAll()
        #expect(group.awaitConvergence())
        #expect(isCut && delivered.count >= 9)
        // The first pieces arrived before the cut and are not sent again.
        #expect(delivered[0] == 1)
        #expect(delivered.values.reduce(0, +) < delivered.count * 2)
        #expect(try group.raft(away).finalState() == raft.finalState())
    }

    @Test("5.2: a leader that dies during a transfer is replaced, and the next begins it anew")
    func newLeaderDuringTransfer() throws {
        let group = try RaftCluster(
            5,
            options: [
                "snapshot_at": .size(300_000), "commit_timeout": .duration(.seconds(5)),
            ])
        let leader = try group.awaitLeader()
        let away = try #require(group.members.last { $0 != leader })
        group.cluster.isolate(away)
        for number in 0..<60 {
            _ = try group.ask(
                leader, .write(value(number, bytes: 100_000)), key: "\(number % 50)")
        }
        let cluster = group.cluster
        var isKilled = false
        cluster.filter = { message, source, _ in
            guard case .snapshot = message.body, !isKilled else { return true }
            isKilled = true
            cluster.after(.milliseconds(15)) { $0.crash(source) }
            return true
        }
        cluster.healAll()
        let next = try group.awaitLeader { $0 != leader }
        #expect(group.awaitConvergence())
        #expect(isKilled)
        #expect(try group.raft(away).finalState() == group.raft(next).finalState())
    }

    @Test("5.2: a crash just after a snapshot was acknowledged loses nothing of it")
    func acknowledgedSnapshotsAreDurable() throws {
        let probe = try RaftProbe(3)
        var machine = probe.raft.emptyMachine
        for number in 0..<10 {
            let command = LogCommand(
                session: 0, sequence: 0, firstUnanswered: 0, key: Key("\(number)"),
                operation: .write(bytes("v")))
            _ = machine.apply(
                LogEntry(
                    term: Term(2), time: 1, payload: LogEntry.Payload.command(command).encoded))
        }
        let snapshot = Snapshot(membership: probe.raft.membership, machine: machine).encoded
        let result = probe.receive(
            .snapshot(
                SnapshotChunk(
                    term: Term(3), lastIndex: LogIndex(10), lastTerm: Term(2),
                    totalBytes: UInt64(snapshot.count), offset: 0, bytes: snapshot)), from: 1)
        #expect(result.appendReplies.map(\.result) == [.matched(LogIndex(10))])
        #expect(result.sent.last?.timing == .onceDurable)
        // Even if the checkpoint itself never reaches the disk, the records do.
        #expect(result.checkpoints.count == 1)
        let again = try probe.restarted()
        #expect(again.raft.finalState().count == 10)
        #expect(again.raft.commitIndex == LogIndex(10))
        #expect(again.raft.term == Term(3))
    }

    @Test("A checkpoint holds the whole member, and is the same for the same history")
    func checkpoints() throws {
        let probe = try RaftProbe(3, records: journal(terms: [1, 1, 2], currentTerm: 2))
        probe.receive(appendRequest(3, after: 3, 2, commit: 2, terms: [3, 3]), from: 1)
        let bytes = probe.raft.checkpointBytes()
        #expect(bytes == probe.raft.checkpointBytes())
        let copy = try RaftProbe(3, start: false)
        try copy.raft.restore(checkpoint: bytes)
        #expect(copy.raft.hardState == probe.raft.hardState)
        #expect(copy.raft.commitIndex == LogIndex(2))
        #expect(copy.raft.log.lastIndex == LogIndex(5))
        #expect(
            copy.raft.log.entries(after: LogIndex(2)) == probe.raft.log.entries(after: LogIndex(2)))
        for length in stride(from: 0, to: bytes.count, by: 3) {
            let other = try RaftProbe(3, start: false)
            #expect(throws: MalformedBytes.self) {
                try other.raft.restore(checkpoint: Array(bytes[..<length]))
            }
        }
    }
}
