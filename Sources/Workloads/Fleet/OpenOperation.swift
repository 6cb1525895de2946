import Determinism
import Replication

/// An operation under way, in its place in the fleet. Places are used again; the generation tells
/// their operations apart.
struct OpenOperation: Sendable {
    /// What the operation is for.
    enum Purpose: Hashable, Sendable {
        /// An operation of the workload.
        case operation
        /// The write of a probe, which is read beside that region so long after it is done.
        case probe(reader: Int, after: TimeSpan)
        /// The read of a read-modify-write.
        case readBeforeCas
        /// Opening a session.
        case openSession
    }

    /// One sending of the request.
    struct Attempt: Sendable {
        var node: NodeID
        var fate: Fate
    }

    /// What came of an attempt.
    enum Fate: Hashable, Sendable {
        /// Nothing yet.
        case awaited
        /// Nothing within the attempt timeout; an answer still counts while the operation is open.
        case silent
        /// A failure after which it may take effect nevertheless.
        case indefinite
        /// A failure after which it cannot take effect.
        case definite
    }

    var generation: UInt32 = 0
    var isOpen = false
    var purpose = Purpose.operation
    var client = 0
    var group = 0
    var key = 0
    var operation = Operation.read
    /// The session that a request of the sessions is about; a login has none.
    var session: HeldSession?
    /// Whether the operation can change the state.
    var isUpdate = false
    var index: UInt64 = 0
    var process: UInt64 = 0
    var planned = Instant.zero
    var invoked = Instant.zero
    var context = VersionVector()
    /// Filled when the operation is sent for the first time.
    var request = ClientRequest(client: ClientID(rawValue: 0), sequence: 0, command: .openSession)
    var attempts: [Attempt] = []
    /// Where on its route the operation stands.
    var position = 0
    /// How often it has waited before it turned to nodes again.
    var waits = 0
    /// How many hints in a row it has followed.
    var hints = 0
    /// Whether a retry is on the agenda.
    var isRetryPlanned = false
    var lastError: String?

    /// Whether the operation may have taken effect, or may yet.
    @inline(__always)
    var mayTakeEffect: Bool { isUpdate && attempts.contains { $0.fate != .definite } }
}
