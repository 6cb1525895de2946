/// What can happen to a member of a Raft group that is worth knowing to have happened: changes of
/// its part, and the paths of the protocol that only faults lead to.
enum RaftTransition: Int, CountedTransition {
    // The part in elections.
    case followerToPreCandidate
    case followerToCandidate
    case followerToCandidateByTransfer
    case preCandidateToPreCandidate
    case preCandidateToCandidate
    case preCandidateToFollower
    case candidateToPreCandidate
    case candidateToCandidate
    case candidateToLeader
    case candidateToFollower
    case leaderToFollowerByTerm
    case leaderToFollowerByQuorum
    case leaderToFollowerByTransfer
    case leaderToFollowerByRemoval
    case leaderLost
    case preVoteGranted
    case preVoteRefused
    case voteGranted
    case voteRefused
    case voteRefusedForLeader
    case voteRefusedForLease

    // The log.
    case appendRejected
    case logTruncated
    case earlierTermsCommitted
    case memberLostEntries
    case probeToReplicate
    case replicateToProbe
    case probeToSnapshot
    case snapshotToReplicate
    case stalledResent
    case logCompacted
    case snapshotResumed
    case snapshotReplacedLog
    case snapshotKeptLog

    // Membership and transfers.
    case memberAdded
    case memberPromoted
    case memberRemoved
    case memberReturned
    case membershipUndone
    case membershipRefused
    case transferBegun
    case transferDone
    case transferAbandoned

    // Requests.
    case readConfirmed
    case readByLease
    case readWithoutLease
    case readLocally
    case readBeforeCommit
    case readExpired
    case readHandedBack
    case writeExpired
    case writeDropped
    case sessionOpened
    case sessionClosed
    case repeatRecognised
    case requestForwarded
    case forwardRepeated
    case forwardFailed
    case forwardExpired
    case requestExpired

    var name: String {
        switch self {
        case .followerToPreCandidate: "follower>pre-candidate"
        case .followerToCandidate: "follower>candidate"
        case .followerToCandidateByTransfer: "follower>candidate: transfer"
        case .preCandidateToPreCandidate: "pre-candidate>pre-candidate"
        case .preCandidateToCandidate: "pre-candidate>candidate"
        case .preCandidateToFollower: "pre-candidate>follower"
        case .candidateToPreCandidate: "candidate>pre-candidate"
        case .candidateToCandidate: "candidate>candidate"
        case .candidateToLeader: "candidate>leader"
        case .candidateToFollower: "candidate>follower"
        case .leaderToFollowerByTerm: "leader>follower: later term"
        case .leaderToFollowerByQuorum: "leader>follower: no quorum"
        case .leaderToFollowerByTransfer: "leader>follower: transfer"
        case .leaderToFollowerByRemoval: "leader>follower: removed"
        case .leaderLost: "leader lost"
        case .preVoteGranted: "pre-vote granted"
        case .preVoteRefused: "pre-vote refused"
        case .voteGranted: "vote granted"
        case .voteRefused: "vote refused"
        case .voteRefusedForLeader: "vote refused: leader heard"
        case .voteRefusedForLease: "vote refused: lease granted"
        case .appendRejected: "append rejected"
        case .logTruncated: "log truncated"
        case .earlierTermsCommitted: "earlier terms committed"
        case .memberLostEntries: "member lost entries"
        case .probeToReplicate: "probe>replicate"
        case .replicateToProbe: "replicate>probe"
        case .probeToSnapshot: "probe>snapshot"
        case .snapshotToReplicate: "snapshot>replicate"
        case .stalledResent: "stalled entries resent"
        case .logCompacted: "log compacted"
        case .snapshotResumed: "snapshot resumed"
        case .snapshotReplacedLog: "snapshot installed: log replaced"
        case .snapshotKeptLog: "snapshot installed: log kept"
        case .memberAdded: "member added"
        case .memberPromoted: "member promoted"
        case .memberRemoved: "member removed"
        case .memberReturned: "member returned without its disk"
        case .membershipUndone: "membership undone"
        case .membershipRefused: "membership refused: too early"
        case .transferBegun: "transfer begun"
        case .transferDone: "transfer done"
        case .transferAbandoned: "transfer abandoned"
        case .readConfirmed: "read confirmed"
        case .readByLease: "read by lease"
        case .readWithoutLease: "read after the lease ended"
        case .readLocally: "read locally"
        case .readBeforeCommit: "read before the term's first commit"
        case .readExpired: "read expired"
        case .readHandedBack: "read handed back"
        case .writeExpired: "write expired"
        case .writeDropped: "write dropped"
        case .sessionOpened: "session opened"
        case .sessionClosed: "session closed"
        case .repeatRecognised: "repeat recognised"
        case .requestForwarded: "request forwarded"
        case .forwardRepeated: "forward repeated"
        case .forwardFailed: "forward failed"
        case .forwardExpired: "forward expired"
        case .requestExpired: "request expired without a leader"
        }
    }
}
