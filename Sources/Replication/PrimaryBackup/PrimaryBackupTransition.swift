/// What happens to members of a primary-backup group, counted.
enum PrimaryBackupTransition: Int, CountedTransition {
    case reignBegun
    case reignEnded
    case sealedForElection
    case electionBegun
    case promoted
    case promotedAgain
    case electionWaitedForLease
    case electionWaitedForMembers
    case primaryRestarted
    case leaseRenewed
    case leaseEnded
    case degraded
    case restored
    case tailCut
    case copySent
    case copyInstalled
    case writesLost
    case writesDiverged
    case lifeAdmitted
    case handedOver
    case handOverGivenUp
    case superseded
    case requestForwarded
    case forwardRepeated
    case forwardFailed
    case forwardExpired
    case requestExpired
    case writeExpired
    case logCompacted

    var name: String {
        switch self {
        case .reignBegun: "replica>primary"
        case .reignEnded: "primary>replica"
        case .sealedForElection: "sealed for an election"
        case .electionBegun: "election begun"
        case .promoted: "replica promoted"
        case .promotedAgain: "old primary promoted again"
        case .electionWaitedForLease: "election waited for a lease"
        case .electionWaitedForMembers: "election waited for members"
        case .primaryRestarted: "primary restarted"
        case .leaseRenewed: "lease renewed"
        case .leaseEnded: "lease ended"
        case .degraded: "degraded to async"
        case .restored: "acknowledgements restored"
        case .tailCut: "unacknowledged tail cut"
        case .copySent: "copy sent"
        case .copyInstalled: "copy installed"
        case .writesLost: "writes lost"
        case .writesDiverged: "writes diverged"
        case .lifeAdmitted: "life without memory admitted"
        case .handedOver: "handed over"
        case .handOverGivenUp: "handover given up"
        case .superseded: "superseded primary told"
        case .requestForwarded: "request forwarded"
        case .forwardRepeated: "forward repeated"
        case .forwardFailed: "forward failed"
        case .forwardExpired: "forward expired"
        case .requestExpired: "request expired without a primary"
        case .writeExpired: "write expired"
        case .logCompacted: "log compacted"
        }
    }
}
