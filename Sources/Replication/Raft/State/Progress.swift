import DequeModule
import Determinism

/// What a leader knows about another member's log, and what is on the way to it.
struct Progress: Sendable {
    let member: MemberID
    /// The last index up to which the member's log is known to agree, durably.
    var match: LogIndex = .zero
    /// The next index to send.
    var next: LogIndex
    var mode: Mode = .probe(sentAt: nil)
    /// Messages with entries under way, oldest first.
    var inFlight: Deque<Sent> = []
    var inFlightBytes = 0
    /// When the member was last heard from in the leader's term.
    var lastHeard: Instant
    /// The last round of confirmation that the member answered.
    var confirmedRound: UInt64 = 0
    /// The commit index that the member was last told.
    var toldCommit: LogIndex = .zero
    /// The entry that removed the member, and until when the leader tries to tell it so.
    var departure: Departure?

    /// How entries are sent to the member.
    enum Mode: Sendable {
        /// It is not known where the logs part: one message at a time, sent then, if one is
        /// under way. Leads to `replicate` when one is accepted, to `snapshot` when the next
        /// entry is no longer in the log.
        case probe(sentAt: Instant?)
        /// Entries are sent ahead of their answers. Leads to `probe` when a message was lost or
        /// rejected, to `snapshot` as above.
        case replicate
        /// The member receives the state. Leads to `replicate` when it has it.
        case snapshot(SnapshotTransfer)
    }

    struct Sent: Sendable {
        var last: LogIndex
        var bytes: Int
        var at: Instant
    }

    struct Departure: Sendable {
        var index: LogIndex
        var deadline: Instant
    }

    /// Whether another message with entries may be sent ahead.
    var hasRoom: Bool {
        inFlight.count < RaftOptions.windowMessagesMax
            && inFlightBytes < RaftOptions.windowBytesMax
    }

    mutating func sent(through last: LogIndex, bytes: Int, at now: Instant) {
        inFlight.append(Sent(last: last, bytes: bytes, at: now))
        inFlightBytes += bytes
    }

    /// Takes note that the logs agree up to `index`; whether that is news.
    mutating func matched(_ index: LogIndex) -> Bool {
        while let first = inFlight.first, first.last <= index {
            inFlightBytes -= first.bytes
            inFlight.removeFirst()
        }
        next = max(next, index.next)
        guard index > match else { return false }
        match = index
        return true
    }

    /// Goes back to finding out where the logs part, from `next` on.
    mutating func startProbing(from next: LogIndex) {
        mode = .probe(sentAt: nil)
        self.next = next
        inFlight.removeAll(keepingCapacity: true)
        inFlightBytes = 0
    }
}

/// A snapshot on its way to one member.
struct SnapshotTransfer: Sendable {
    var snapshot: OutgoingSnapshot
    /// Everything before this has arrived.
    var acknowledged = 0
    /// Everything before this was sent.
    var sent = 0
    /// When something was last sent or acknowledged.
    var lastActivity: Instant
}

/// The state at an index, encoded once for every member that needs it.
struct OutgoingSnapshot: Sendable {
    var lastIndex: LogIndex
    var lastTerm: Term
    var bytes: [UInt8]
}
