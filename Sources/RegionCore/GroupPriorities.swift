import Geography
import Replication

/// How urgent the messages of each group are on a narrow link.
package struct GroupPriorities: Sendable {
    private let ranks: [TrafficPriority]
    /// Whether some are more urgent than others: only then does anything have to be done about it.
    package let differ: Bool

    /// The priorities of `placements`, which stand in order of the groups' identity.
    package init(of placements: [GroupPlacement]) {
        ranks = placements.map(\.priority)
        differ = Set(ranks).count > 1
    }

    /// The priority of a group; `normal` for what is none of the placements.
    package subscript(of group: GroupID) -> TrafficPriority {
        differ && Int(group.index) < ranks.count ? ranks[Int(group.index)] : .normal
    }
}
