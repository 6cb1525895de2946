import Determinism
import Geography
import Replication

/// A strategy that replicates nothing: every node keeps what its own clients write. Durable,
/// always available, and never in agreement: a baseline to compare others with.
final class LocalOnly: Replica {
    /// Replicas of this strategy have nothing to say to each other.
    struct Message: ReplicaMessage {
        var kind: MessageKind { .other }
        var isKeepAlive: Bool { false }
        var encodedSize: Int { 0 }
        func encode(into writer: inout ByteWriter) {}
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Message {
            Message()
        }
    }

    /// A write as the journal holds it; no value: a delete.
    struct Record: ByteCodable {
        var key: Key
        var value: Value?

        var encodedSize: Int { key.encodedSize + 1 + (value?.encodedSize ?? 0) }
        func encode(into writer: inout ByteWriter) {
            key.encode(into: &writer)
            writer.writeBool(value != nil)
            value?.encode(into: &writer)
        }
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Record {
            let key = try Key.decode(from: &reader)
            return Record(
                key: key, value: try reader.readBool() ? try Value.decode(from: &reader) : nil)
        }
    }

    static let strategy = StrategyDescription(
        name: "local-only", promise: "Every node keeps what its own clients write.",
        options: [], operations: [.register: [.read, .write, .delete]],
        recognisesRepeats: false, needsSession: false, hasLeader: false, isLinearizable: false)

    private let setup: GroupSetup
    private var state: [Key: (value: Value, version: Version)] = [:]
    private var digest = StateDigest()
    private var written: UInt64 = 0

    init(setup: GroupSetup, options: StrategyOptions) throws(InvalidOption) {
        self.setup = setup
    }

    func restore(checkpoint: [UInt8]) throws(MalformedBytes) {
        throw MalformedBytes("this strategy makes no checkpoints")
    }

    func replay(_ record: Record) throws(MalformedBytes) { apply(record) }

    func handle(
        _ input: ReplicaInput<Message>, at now: NodeTime,
        into output: inout ReplicaOutput<Message, Record>
    ) {
        switch input {
        case .request(let request, let handle): answer(request, handle, &output)
        case .administer(_, let handle):
            let error = ServiceError(.refused, "there are no members", isIndefinite: false)
            output.reply(.failed(error), to: handle)
        case .start, .message, .durable, .wake, .connected, .disconnected: break
        }
    }

    private func answer(
        _ request: ClientRequest, _ handle: RequestHandle,
        _ output: inout ReplicaOutput<Message, Record>
    ) {
        guard case .operate(let key, let operation, _) = request.command else {
            let error = ServiceError(.unsupported, "no sessions here", isIndefinite: false)
            return output.reply(.failed(error), to: handle)
        }
        let record: Record
        switch operation {
        case .read:
            let held = state[key]
            return output.reply(
                ClientReply(.values(held.map { [$0.value] } ?? []), version: held?.version),
                to: handle)
        case .write(let bytes): record = Record(key: key, value: .bytes(bytes))
        case .delete: record = Record(key: key, value: nil)
        case .compareAndSet, .append, .increment, .transaction, .call:
            let error = ServiceError(
                .unsupported, "local-only has no \(operation.kind)", isIndefinite: false)
            return output.reply(.failed(error), to: handle)
        }
        output.persist(record)
        let version = apply(record)
        output.reply(ClientReply(.done(nil), version: version), to: handle, .onceDurable)
    }

    @discardableResult
    private func apply(_ record: Record) -> Version {
        written += 1
        let version = Version.sequence(epoch: setup.member.packed, index: written)
        if let old = state.removeValue(forKey: record.key) {
            digest.remove(record.key, old.value.encoded)
        }
        if let value = record.value {
            state[record.key] = (value, version)
            digest.add(record.key, value.encoded)
        }
        return version
    }

    var nextWake: Instant { .distantFuture }

    var view: GroupView {
        GroupView(
            role: .peer, leader: nil, term: 0, commitIndex: written, lastIndex: written,
            applied: .index(written), lag: 0, digest: digest, keyCount: UInt64(state.count),
            voters: setup.voters, learners: setup.learners, isReady: true)
    }

    func finalState() -> [FinalEntry] {
        state.keys.sorted().compactMap { key in
            state[key].map { FinalEntry(key: key, values: [($0.value, $0.version)]) }
        }
    }
}
