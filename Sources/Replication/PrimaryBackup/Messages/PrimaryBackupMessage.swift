import Determinism
import Geography

/// What members of a primary-backup group send each other.
///
/// The content is the strategy's own affair; others carry it as bytes.
public struct PrimaryBackupMessage: ReplicaMessage, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    enum Body: Hashable, Sendable {
        /// Of the group in which the failover manager decides.
        case manager(RaftMessage)
        /// A member lives, for the managers.
        case beat(Beat)
        /// What the manager has decided, in answer to a beat or because it is news.
        case decided(Decision)
        /// The manager asks a member to follow no primary before this epoch.
        case seal(Term)
        /// The member does not, and where its log ends.
        case sealed(Term, lastEpoch: Term, lastIndex: LogIndex)
        /// A primary asks where the receiver's log ends.
        case ask(Configuration)
        /// Where it ends, in answer or because entries did not fit.
        case position(Position)
        /// Extends the receiver's log.
        case append(Extension)
        /// The receiver has the primary's log up to here durably.
        case appended(Term, LogIndex)
        /// A piece of a copy of the state.
        indirect case copy(CopyPiece)
        /// So much of the copy has arrived.
        case copied(Term, through: LogIndex, nextOffset: UInt64)
        /// The receiver is not the primary any more: this was decided since.
        case superseded(Configuration)
        /// A member that lost its disk asks for the state under its new identity.
        case join
        /// A primary asks the manager to count a new life of a node, which has the state.
        case admit(MemberID, epoch: Term)
        /// A primary asks the manager to make a member the primary, which has all it has.
        case handOver(to: MemberID, epoch: Term)
        /// A member passes a client's request on to the primary.
        indirect case forward(UInt64, ClientRequest)
        /// A member passes an administrator's request on to the primary.
        indirect case forwardAdministration(UInt64, Administration)
        /// The answer to what was passed on.
        indirect case forwardReply(UInt64, ClientReply)
    }

    /// Entries are writes.
    public var kind: MessageKind {
        switch body {
        case .manager(let message): message.kind
        case .append, .copy: .write
        case .appended, .copied: .writeAck
        case .forward(_, let request): request.isRead ? .read : .write
        case .forwardReply(_, let reply): reply.isOfRead ? .readReply : .writeAck
        case .beat, .decided, .seal, .sealed, .ask, .position, .superseded, .join, .admit,
            .handOver, .forwardAdministration:
            .other
        }
    }

    /// Beats, their answers, and what managers send each other without news.
    public var isKeepAlive: Bool {
        switch body {
        case .manager(let message): message.isKeepAlive
        case .beat: true
        case .decided(let decision): decision.beat != nil
        case .seal, .sealed, .ask, .position, .append, .appended, .copy, .copied, .superseded,
            .join, .admit, .handOver, .forward, .forwardAdministration, .forwardReply:
            false
        }
    }
}

/// A member's sign of life.
struct Beat: Hashable, Sendable {
    /// When it was sent, by the sender's monotonic clock, in nanoseconds: comes back with the
    /// answer, so that a lease counts from the moment of asking.
    var sent: UInt64
    /// The epoch of the configuration that the sender knows.
    var epoch: Term
    /// Whether it is the primary of that epoch.
    var isPrimary: Bool
}

/// What the failover manager has decided.
struct Decision: Hashable, Sendable {
    var configuration: Configuration
    /// When the beat was sent that this answers; `nil` if it answers none.
    var beat: UInt64?
    /// Whether the primary may rely on the decision for the length of a lease since.
    var isLease: Bool
}

/// Where the log of a member ends.
struct Position: Hashable, Sendable {
    /// The epoch of the primary that is told.
    var epoch: Term
    var lastIndex: LogIndex
    /// The last entry that is applied and cannot be taken back.
    var applied: LogIndex
    var history: EpochHistory
}

/// Entries for a log after an entry that both have.
struct Extension: Hashable, Sendable {
    var epoch: Term
    var previousIndex: LogIndex
    var previousEpoch: Term
    var entries: [LogEntry]
}

/// A piece of a copy of the primary's state.
struct CopyPiece: Hashable, Sendable {
    var epoch: Term
    /// The last entry applied to the state.
    var through: LogIndex
    /// Up to where the receiver's log agreed with the primary's.
    var fork: LogIndex
    var totalBytes: UInt64
    var offset: UInt64
    var bytes: [UInt8]
}
