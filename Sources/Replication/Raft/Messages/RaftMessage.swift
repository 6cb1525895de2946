import Determinism
import Geography

/// What members of a Raft group send each other.
///
/// The content is the strategy's own affair; others carry it as bytes.
public struct RaftMessage: ReplicaMessage, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    /// The messages of the protocol. Requests and their answers carry the sender's term. Large
    /// ones stand apart, so that the others are small.
    enum Body: Hashable, Sendable {
        case vote(VoteRequest)
        case voteReply(VoteReply)
        case append(AppendRequest)
        case appendReply(AppendReply)
        case heartbeat(Heartbeat)
        case heartbeatReply(HeartbeatReply)
        indirect case snapshot(SnapshotChunk)
        case snapshotReply(SnapshotReply)
        /// The leader asks the receiver to seek election at once (3.10).
        case timeoutNow(Term)
        /// A member that lost its disk asks to be taken in under its new identity; or a member
        /// that was asked passes that on to the leader.
        case join(MemberID)
        /// A follower passes a client's request on to the leader.
        indirect case forward(UInt64, ClientRequest)
        /// A follower passes an administrator's request on to the leader.
        indirect case forwardAdministration(UInt64, Administration)
        /// The leader's answer to what was passed on.
        indirect case forwardReply(UInt64, ClientReply)
    }

    /// Entries are writes, confirmations of reads are reads.
    public var kind: MessageKind {
        switch body {
        case .append(let request): request.entries.isEmpty ? .other : .write
        case .snapshot: .write
        case .appendReply, .snapshotReply: .writeAck
        case .heartbeat(let heartbeat): heartbeat.confirmsReads ? .read : .other
        case .heartbeatReply(let reply): reply.confirmsReads ? .readReply : .other
        case .forward(_, let request): request.isRead ? .read : .write
        case .forwardReply(_, let reply): reply.isOfRead ? .readReply : .writeAck
        case .vote, .voteReply, .timeoutNow, .join, .forwardAdministration: .other
        }
    }

    /// Heartbeats of a round.
    public func isSame(as other: RaftMessage) -> Bool {
        guard case .heartbeat(let mine) = body, case .heartbeat(let others) = other.body else {
            return false
        }
        return mine == others
    }

    /// Heartbeats that no read waits for.
    public var isKeepAlive: Bool {
        switch body {
        case .heartbeat(let heartbeat): !heartbeat.confirmsReads
        case .heartbeatReply(let reply): !reply.confirmsReads
        case .vote, .voteReply, .append, .appendReply, .snapshot, .snapshotReply, .timeoutNow,
            .join, .forward, .forwardAdministration, .forwardReply:
            false
        }
    }
}

/// Asks for a vote (3.4), or whether one would be given (pre-vote, 9.6).
struct VoteRequest: Hashable, Sendable {
    /// The term of the election; a pre-vote asks about the term that would come.
    var term: Term
    /// The end of the candidate's log.
    var lastIndex: LogIndex
    var lastTerm: Term
    /// Whether this only asks.
    var isPreVote: Bool
    /// Whether the leader itself wants the candidate to be elected, so that a voter need not
    /// protect it (4.2.3).
    var isTransfer: Bool
}

/// Gives or refuses a vote.
struct VoteReply: Hashable, Sendable {
    /// The voter's term; the term asked about, if a pre-vote is given.
    var term: Term
    var isPreVote: Bool
    var isGranted: Bool
}

/// Extends the receiver's log after an entry that both have (3.5).
struct AppendRequest: Hashable, Sendable {
    var term: Term
    var previousIndex: LogIndex
    var previousTerm: Term
    /// The leader's commit index.
    var commitIndex: LogIndex
    var entries: [LogEntry]
}

/// Answers an ``AppendRequest``.
struct AppendReply: Hashable, Sendable {
    var term: Term
    var result: Result

    enum Result: Hashable, Sendable {
        /// The logs agree up to here, durably.
        case matched(LogIndex)
        /// The entry before the new ones was not found; the logs may agree up to the hint.
        case rejected(previous: LogIndex, hintIndex: LogIndex, hintTerm: Term)
    }
}

/// Shows that the leader lives, tells what is committed and asks for confirmation of a round.
struct Heartbeat: Hashable, Sendable {
    var term: Term
    var commitIndex: LogIndex
    /// Counts the leader's rounds of confirmation in its term.
    var round: UInt64
    /// Whether reads wait for the round.
    var confirmsReads: Bool
}

/// Confirms that at this moment no later leader is known (6.4).
struct HeartbeatReply: Hashable, Sendable {
    var term: Term
    var round: UInt64
    var confirmsReads: Bool
}

/// A piece of the leader's state, for a member whose next entry the leader no longer has (5).
struct SnapshotChunk: Hashable, Sendable {
    var term: Term
    /// The last entry that the snapshot covers.
    var lastIndex: LogIndex
    var lastTerm: Term
    /// The size of the whole snapshot, in bytes.
    var totalBytes: UInt64
    /// Where the piece belongs.
    var offset: UInt64
    var bytes: [UInt8]
}

/// Says how much of a snapshot has arrived in one piece from the front.
struct SnapshotReply: Hashable, Sendable {
    var term: Term
    var lastIndex: LogIndex
    var nextOffset: UInt64
    /// Whether the piece answered did not fit, so that the sender must go on from there.
    var isGap: Bool
}

extension ClientReply {
    var isRefusal: Bool {
        if case .failed = outcome { true } else { false }
    }
    var isOfRead: Bool {
        switch outcome {
        case .values: true
        // One that wrote has a version.
        case .transaction: version == nil
        case .done, .mismatch, .sessionOpened, .called, .failed: false
        }
    }
}
