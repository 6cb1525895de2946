import DequeModule
import Determinism

/// The raft group in which the failover manager decides, inside the nodes of another group: its
/// messages and records travel as that group's.
final class ManagerGroup {
    let raft: Raft
    private var output = ReplicaOutput<RaftMessage, RaftRecord>()
    /// For each of the outer journal's positions that holds a record of the manager, how many
    /// that makes.
    private var positions: Deque<(outer: JournalPosition, inner: JournalPosition)> = []
    private var lastRequest: UInt64 = 0
    /// What was answered and not looked at yet.
    private var answers: Deque<(number: UInt64, reply: ClientReply)> = []

    /// Where the decision is stored.
    static let key = Key("configuration")

    init(_ raft: Raft) { self.raft = raft }

    /// Whether this node leads the managers: it is the one that acts.
    var isLeader: Bool { raft.isLeader }

    var nextWake: Instant { raft.nextWake }

    /// Takes an input, passes on what it brings about, and says whether a checkpoint is due, with
    /// its bytes.
    func handle(
        _ input: ReplicaInput<RaftMessage>, at now: NodeTime, into outer: inout PrimaryBackup.Output
    ) -> [UInt8]? {
        raft.handle(input, at: now, into: &output)
        return passOn(into: &outer)
    }

    /// The outer journal is durable up to `position`.
    func durable(
        _ position: JournalPosition, at now: NodeTime, into outer: inout PrimaryBackup.Output
    ) -> [UInt8]? {
        var reached: JournalPosition?
        while let first = positions.first, first.outer <= position {
            reached = first.inner
            positions.removeFirst()
        }
        guard let reached else { return nil }
        return handle(.durable(reached), at: now, into: &outer)
    }

    /// Asks for what is decided, or decides if the decision is still `expected` (`nil`: none).
    /// Returns the number that ``takeAnswer()`` tells the answer with.
    func ask(
        _ operation: Operation, at now: NodeTime, into outer: inout PrimaryBackup.Output
    ) -> (number: UInt64, checkpoint: [UInt8]?) {
        lastRequest += 1
        let request = ClientRequest(
            client: ClientID(rawValue: 0), sequence: lastRequest,
            command: .operate(Self.key, operation, context: VersionVector()))
        let handle = RequestHandle(connection: .max, request: lastRequest)
        return (lastRequest, self.handle(.request(request, handle), at: now, into: &outer))
    }

    /// The next answer.
    func takeAnswer() -> (number: UInt64, reply: ClientReply)? { answers.popFirst() }

    /// What stands for all records of the manager so far.
    func checkpoint(into outer: inout PrimaryBackup.Output) -> [UInt8] {
        let bytes = raft.checkpointForNow(&output)
        _ = passOn(into: &outer)
        return bytes
    }

    private func passOn(into outer: inout PrimaryBackup.Output) -> [UInt8]? {
        if output.isEmpty { return nil }
        var checkpoint: [UInt8]?
        var inner = output.position.rawValue - UInt64(output.records.count)
        for record in output.records {
            inner += 1
            let position = outer.persist(PrimaryBackupRecord(.manager(record)))
            positions.append((position, JournalPosition(rawValue: inner)))
        }
        for effect in output.effects {
            switch effect {
            case .send(let message, let member, let timing):
                outer.send(PrimaryBackupMessage(.manager(message)), to: member, timing)
            case .reply(let reply, let handle, _): answers.append((handle.request, reply))
            case .note(let note):
                outer.note(Note.Kind(rawValue: "manager-" + note.kind.rawValue), note.fields)
            case .checkpoint(let bytes, _): checkpoint = bytes
            }
        }
        output.removeAll()
        return checkpoint
    }
}
