import Geography
import Replication

/// A place that a scenario can name: a region, one of its zones, or a node.
public enum Place: Hashable, Sendable {
    /// `us-east-1`: all nodes of the region.
    case region(RegionID)
    /// `us-east-1/a`: all nodes of a zone, given by its position in the region's list.
    case zone(RegionID, zone: UInt8)
    /// `us-east-1/a/1`.
    case node(NodeID)

    /// The region that the place is or is in.
    public var region: RegionID {
        switch self {
        case .region(let region): region
        case .zone(let region, _): region
        case .node(let node): node.region
        }
    }

    /// Whether `node` is in the place.
    public func contains(_ node: NodeID) -> Bool {
        switch self {
        case .region(let region): node.region == region
        case .zone(let region, let zone): node.region == region && node.zone == zone
        case .node(let wanted): node == wanted
        }
    }
}

/// Whom a fault or an action strikes. See ``Plan/nodes(selectedBy:leader:)``.
public indirect enum NodeSelector: Sendable, Equatable {
    /// The nodes of a place.
    case place(Place)
    /// The nodes that any of these select.
    case list([NodeSelector])
    /// The leader of a group at the moment of the strike; `nil`: of the only group with one.
    case leader(GroupID?)
    /// The primary of a group at the moment of the strike; `nil`: of the only group with one.
    case primary(GroupID?)
    /// One node, drawn evenly.
    case random
    /// Drawn nodes, as many as can be missing while a majority remains.
    case minority
    /// Drawn nodes, just more than half of all.
    case majority
    /// Every node.
    case all
    /// The nodes on a continent.
    case continent(Continent)
    /// The nodes of a provider, as its regions name it.
    case provider(String)
}
