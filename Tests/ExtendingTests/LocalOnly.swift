import Determinism
import Geography
import Replication

/// A strategy that replicates nothing: every node keeps what its own clients write. Durable,
/// always available, and never in agreement: a baseline to compare others with.
final class LocalOnly: Replica {
    /// Replicas of this strategy have nothing to say to each other.
    struct Message: ReplicaMessage {
        var kind: MessageKind { .other }
        var encodedSize: Int { 0 }
        func encode(into writer: inout ByteWriter) {}
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Message {
            Message()
        }
    }

    static let strategy = StrategyDescription(
        name: "local-only", promise: "Every node keeps what its own clients write.",
        options: [], operations: [.register: [.read, .write, .delete]],
        recognisesRepeats: false, needsSession: false, hasLeader: false, isLinearizable: false)

    private let setup: GroupSetup
    private var state = RegisterTable()
    private var written: UInt64 = 0

    init(setup: GroupSetup, options: StrategyOptions) throws(InvalidOption) {
        self.setup = setup
    }

    func replay(_ record: KeyedValue) { apply(record) }

    func handle(
        _ input: ReplicaInput<Message>, at now: NodeTime,
        into output: inout ReplicaOutput<Message, KeyedValue>
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
        _ output: inout ReplicaOutput<Message, KeyedValue>
    ) {
        guard case .operate(let key, let operation, _) = request.command else {
            let error = ServiceError(.unsupported, "no sessions here", isIndefinite: false)
            return output.reply(.failed(error), to: handle)
        }
        if operation == .read { return output.reply(state.read(key), to: handle) }
        guard let write = KeyedValue(key, operation) else {
            let error = ServiceError(
                .unsupported, "local-only has no \(operation.kind)", isIndefinite: false)
            return output.reply(.failed(error), to: handle)
        }
        output.persist(write)
        let version = apply(write)
        output.replicated(key, version, bytes: write.encodedSize, from: setup.member)
        output.reply(ClientReply(.done(nil), version: version), to: handle, .onceDurable)
    }

    @discardableResult
    private func apply(_ write: KeyedValue) -> Version {
        written += 1
        let version = Version.sequence(epoch: setup.member.packed, index: written)
        state.apply(write, version)
        return version
    }

    var nextWake: Instant { .distantFuture }

    var view: GroupView {
        GroupView(
            role: .peer, leader: nil, term: 0, commitIndex: written, lastIndex: written,
            applied: .index(written), lag: 0, digest: state.digest,
            keyCount: UInt64(state.count), voters: setup.voters, learners: setup.learners,
            isReady: true)
    }

    func finalState() -> [FinalEntry] { state.finalState }
}
