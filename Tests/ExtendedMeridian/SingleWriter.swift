import Determinism
import Geography
import Replication

/// One member orders all writes in a log that the others follow; everybody answers reads from what
/// it has. A write is acknowledged once `copies` members besides the writer have it on disk. Nobody
/// takes the writer's place: while it is away, nothing is written.
final class SingleWriter: Replica {
    /// From the writer, whose log has `end` entries: the one after the first `position`. From the
    /// others: the first `end` are on my disk.
    struct Message: ReplicaMessage {
        var position: UInt64 = 0
        var end: UInt64
        var entry: KeyedValue?

        var kind: MessageKind { entry == nil ? .writeAck : .write }
        var encodedSize: Int { 17 + (entry?.encodedSize ?? 0) }
        func encode(into writer: inout ByteWriter) {
            writer.writeInteger(position)
            writer.writeInteger(end)
            writer.writeBool(entry != nil)
            entry?.encode(into: &writer)
        }
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Message {
            Message(
                position: try reader.readInteger(), end: try reader.readInteger(),
                entry: try reader.readBool() ? try KeyedValue.decode(from: &reader) : nil)
        }
    }
    typealias Output = ReplicaOutput<Message, KeyedValue>

    static let strategy = StrategyDescription(
        name: "single-writer", promise: "One member orders all writes, everybody answers reads.",
        options: [
            .init(
                "copies", .integer(0...255), default: .integer(1), help: "others that have a write")
        ],
        operations: [.register: [.read, .write, .delete]], recognisesRepeats: false,
        needsSession: false, hasLeader: true, isLinearizable: false)

    private let setup: GroupSetup
    private let copies: Int
    private var log: [KeyedValue] = []
    private var state = RegisterTable()
    private var others: [(member: MemberID, has: UInt64, sent: UInt64)]
    private var waiting: [(position: UInt64, handle: RequestHandle)] = []
    private var isReady: Bool
    private(set) var nextWake = Instant.distantFuture

    private var end: UInt64 { UInt64(log.count) }
    private var writer: MemberID { setup.voters[0] }

    init(setup: GroupSetup, options: StrategyOptions) throws(InvalidOption) {
        guard case .integer(let copies)? = options["copies"], copies < setup.voters.count else {
            throw InvalidOption("copies", "there are only \(setup.voters.count - 1) other members")
        }
        self.setup = setup
        self.copies = copies
        others = setup.voters.filter { $0.node != setup.member.node }.map { ($0, 0, 0) }
        isReady = !setup.isRejoining
    }

    func replay(_ record: KeyedValue) {
        log.append(record)
        state.apply(record, .sequence(epoch: 1, index: end))
    }

    func handle(_ input: ReplicaInput<Message>, at now: NodeTime, into output: inout Output) {
        switch input {
        case .request(let request, let handle): answer(request, handle, &output)
        case .administer(_, let handle): output.reply(refusal(.refused, "fixed"), to: handle)
        case .message(let message, let sender) where sender == writer:
            if let entry = message.entry, message.position == end { take(entry, &output) }
            isReady = isReady || end >= message.end
            output.send(Message(end: end), to: writer, .onceDurable)
        case .message(let message, let sender):
            for index in others.indices where others[index].member == sender {
                others[index].has = min(end, max(others[index].has, message.end))
            }
        case .connected(let member):
            for index in others.indices where others[index].member.node == member.node {
                // One that comes back without its disk has another identity, and nothing.
                let has = others[index].member == member ? others[index].has : 0
                others[index] = (member, has, has)
            }
            if setup.member == writer { output.send(Message(end: end), to: member, .onceDurable) }
        case .wake:
            nextWake = .distantFuture
            for index in others.indices { others[index].sent = others[index].has }
        case .start, .durable, .disconnected: break
        }
        if setup.member == writer { replicate(now, &output) }
    }

    private func replicate(_ now: NodeTime, _ output: inout Output) {
        for (index, other) in others.enumerated() {
            others[index].sent = min(end, other.sent + 500)
            for position in other.sent..<others[index].sent {
                let message = Message(position: position, end: end, entry: log[Int(position)])
                output.send(message, to: other.member, .onceDurable)
            }
        }
        while let first = waiting.first {
            if others.count(where: { $0.has >= first.position }) < copies { break }
            waiting.removeFirst()
            let version = Version.sequence(epoch: 1, index: first.position)
            output.reply(ClientReply(.done(nil), version: version), to: first.handle, .onceDurable)
        }
        // What was lost on the way is sent again after a second.
        let isBehind = others.contains { $0.has < end }
        nextWake = isBehind ? min(nextWake, now.monotonic + .seconds(1)) : .distantFuture
    }

    private func answer(_ request: ClientRequest, _ handle: RequestHandle, _ output: inout Output) {
        guard isReady, case .operate(let key, let operation, _) = request.command else {
            return output.reply(refusal(.recovering, "its log is lost"), to: handle)
        }
        if operation == .read {
            output.reply(state.read(key), to: handle, .onceDurable)
        } else if setup.member != writer {
            output.reply(refusal(.noLeader, "another member writes"), to: handle)
        } else if let entry = KeyedValue(key, operation) {
            take(entry, &output)
            waiting.append((end, handle))
        } else {
            output.reply(refusal(.unsupported, "no \(operation.kind) here"), to: handle)
        }
    }

    private func refusal(_ code: ServiceError.Code, _ why: String) -> ClientReply {
        .failed(ServiceError(code, why, isIndefinite: false, hint: writer.node))
    }

    private func take(_ entry: KeyedValue, _ output: inout Output) {
        output.persist(entry)
        replay(entry)
        let version = Version.sequence(epoch: 1, index: end)
        output.replicated(entry.key, version, bytes: entry.encodedSize, from: writer)
    }

    var view: GroupView {
        GroupView(
            role: setup.member == writer ? .leader : .follower, leader: writer, term: 1,
            commitIndex: end, lastIndex: end, applied: .index(end), lag: 0, digest: state.digest,
            keyCount: UInt64(state.count), voters: setup.voters, learners: [], isReady: isReady)
    }

    func finalState() -> [FinalEntry] { state.finalState }
}
