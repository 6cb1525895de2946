/// What can happen to a member of an eventually consistent group that is worth knowing to have
/// happened: the paths of the protocol that only faults, conflicts and changes of members lead to.
enum EventualTransition: Int, CountedTransition {
    // Replication.
    case writesResent
    case linkSilent
    case linkHeardAgain
    case gapArose
    case lateCopyIgnored

    // Comparison.
    case exchangeEqual
    case exchangeRepaired
    case exchangeForLaggard
    case exchangeRepeated
    case exchangeAbandoned
    case exchangeCut

    // Membership.
    case memberAdded
    case memberRenewed
    case memberRemoved
    case becameIncomplete
    case stateTransferred
    case strayForgotten
    case begunAnew

    // Writes and deletions.
    case conflictResolved
    case conflictKept
    case tombstoneCollected
    case tombstoneDropped
    case forgottenWrittenAgain
    case clockRejected
    case timestampOutdone
    case ownWritesLearned
    case stateRejected

    // Requests and the disk.
    case readAwaitedDisk
    case refusedIncomplete
    case refusedStranger
    case checkpointWritten

    var name: String {
        switch self {
        case .writesResent: "writes resent"
        case .linkSilent: "link silent"
        case .linkHeardAgain: "link heard again"
        case .gapArose: "writes beyond a gap"
        case .lateCopyIgnored: "late copy ignored"
        case .exchangeEqual: "exchange without differences"
        case .exchangeRepaired: "exchange with differences"
        case .exchangeForLaggard: "exchange for a member behind the log"
        case .exchangeRepeated: "exchange request repeated"
        case .exchangeAbandoned: "exchange abandoned"
        case .exchangeCut: "exchange cut"
        case .memberAdded: "member added"
        case .memberRenewed: "member renewed"
        case .memberRemoved: "member removed"
        case .becameIncomplete: "state put in doubt"
        case .stateTransferred: "state transferred"
        case .strayForgotten: "stray forgotten"
        case .begunAnew: "begun anew"
        case .conflictResolved: "conflict resolved"
        case .conflictKept: "conflict kept"
        case .tombstoneCollected: "tombstone collected"
        case .tombstoneDropped: "tombstone dropped"
        case .forgottenWrittenAgain: "forgotten key written again"
        case .clockRejected: "clock rejected"
        case .timestampOutdone: "timestamp outdone"
        case .ownWritesLearned: "own writes learned"
        case .stateRejected: "merged state rejected"
        case .readAwaitedDisk: "read awaited the disk"
        case .refusedIncomplete: "refused: incomplete"
        case .refusedStranger: "refused: no member"
        case .checkpointWritten: "checkpoint written"
        }
    }
}
