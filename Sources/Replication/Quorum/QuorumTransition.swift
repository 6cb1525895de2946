/// What can happen to a member of a quorum group, beyond what can happen to its store, that is
/// worth knowing to have happened.
enum QuorumTransition: Int, CountedTransition {
    case readAgreed
    case readDiffered
    case readRepaired
    case readWrittenBack
    case readTimedOut
    case writeTimedOut
    case askedMore
    case refusedUnreachable
    case stoodIn

    var name: String {
        switch self {
        case .readAgreed: "read: all agreed"
        case .readDiffered: "read: members differed"
        case .readRepaired: "read repaired a member"
        case .readWrittenBack: "read written back"
        case .readTimedOut: "read timed out"
        case .writeTimedOut: "write timed out"
        case .askedMore: "more members asked"
        case .stoodIn: "asked to stand in for members"
        case .refusedUnreachable: "refused: too few members reachable"
        }
    }
}
