import DequeModule
import Determinism

/// What a member is and does while it is the primary.
final class Reign {
    /// The epoch that it is the primary of.
    let epoch: Term
    /// The index of the entry that began it.
    let start: LogIndex
    /// The other members, and lives that are brought up to date to become such.
    var streams: [ReplicaStream] = []
    /// The last entry that was handed to the disk.
    var persisted: LogIndex
    var unacknowledgedBytes = 0
    var lastFlush: Instant?
    var flushDue: Instant = .distantFuture
    /// Writes that wait for their acknowledgements.
    var proposals: Deque<Proposal> = []
    /// Whether a manager has confirmed the reign in this life.
    var isConfirmed = false
    /// Until when the primary may acknowledge and read, if fenced.
    var leaseEnd: Instant = .zero
    var hadLease = false
    /// Whether the first entry of the epoch is acknowledged, and so all before it.
    var isEstablished = false
    /// Whether writes are acknowledged without replicas because those were too slow.
    var isDegraded = false
    var handOver: HandOver?

    /// The reign of `epoch`, which an entry at `start` begins in a log handed to the disk up to
    /// `persisted`.
    init(epoch: Term, start: LogIndex, persisted: LogIndex) {
        self.epoch = epoch
        self.start = start
        self.persisted = persisted
    }

    /// The primary makes way for a member that has all it has.
    struct HandOver: Sendable {
        var target: MemberID
        var origin: Origin
        var deadline: Instant
        /// Whether the manager was asked.
        var isAsked = false
    }

    func streamIndex(_ member: MemberID) -> Int? {
        streams.firstIndex { $0.member == member }
    }

    /// Up to where `member` has the log durably.
    func match(of member: MemberID) -> LogIndex {
        streamIndex(member).flatMap { streams[$0].match } ?? .zero
    }

    /// Up to where at least `count` of `members` have the log durably. Every acknowledgement asks
    /// this, so nothing is sorted.
    func match(of members: [MemberID], onAtLeast count: Int) -> LogIndex {
        var result = LogIndex.zero
        for member in members {
            let match = match(of: member)
            guard match > result else { continue }
            let holders = members.count { self.match(of: $0) >= match }
            if holders >= count { result = match }
        }
        return result
    }
}
