import Determinism
import Replication

/// One thing that an operator does: an entry of `actions:`.
public struct ActionSpec: Sendable, Equatable {
    /// When, counted from time 0.
    public var at: TimeSpan
    /// What.
    public var kind: ActionKind
    /// For which data type; `nil`: for every one that it makes sense for.
    public var group: GroupID?

    /// The action `kind` at `at`.
    public init(at: TimeSpan, _ kind: ActionKind, group: GroupID? = nil) {
        self.at = at
        self.kind = kind
        self.group = group
    }
}

/// What an operator can do.
public enum ActionKind: Sendable, Equatable {
    /// Asks the leader to hand over to a node in this place.
    case transferLeader(Place)
    /// Adds the nodes as voting members.
    case addMember(Place)
    /// Removes the nodes from the group.
    case removeMember(Place)
    /// Makes voting members of learners.
    case promote(Place)
    /// Stops the processes in good order.
    case stop(NodeSelector)
    /// Starts stopped processes again.
    case start(NodeSelector)
    /// Makes the place the primary.
    case failover(Place)

    /// The name in scenario files, events and reports.
    public var name: String {
        switch self {
        case .transferLeader: "transfer_leader"
        case .addMember: "add_member"
        case .removeMember: "remove_member"
        case .promote: "promote"
        case .stop: "stop"
        case .start: "start"
        case .failover: "failover"
        }
    }
}
