import Geography
import Replication

/// Names, places and selectors of a Plan.
extension Plan {
    /// The region `id`; `nil` if the Plan has no such region.
    public func region(_ id: RegionID) -> PlannedRegion? {
        regions.indices.contains(Int(id.index)) ? regions[Int(id.index)] : nil
    }

    /// The region called `name`.
    public func region(named name: String) -> PlannedRegion? { regions.first { $0.name == name } }

    /// The node `id`; `nil` if the Plan has no such node.
    public func node(_ id: NodeID) -> PlannedNode? {
        var low = 0
        var high = nodes.count
        while low < high {
            let middle = (low + high) / 2
            if nodes[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < nodes.count && nodes[low].id == id ? nodes[low] : nil
    }

    /// The node called `name`, in its short or its long form.
    public func node(named name: String) -> PlannedNode? {
        nodes.first { $0.name == name || longName(of: $0) == name }
    }

    /// What to call the node `id` in reports; a number for a node that the Plan does not know.
    public func name(of id: NodeID) -> String { node(id)?.name ?? "node \(id.packed)" }

    /// What to call the region `id` in reports.
    public func name(of id: RegionID) -> String { region(id)?.name ?? "region \(id.index)" }

    /// The nodes that have a part in `group` though they did not found it: those that the Plan's
    /// actions add, and its coordinators.
    public func candidates(of group: PlannedGroup) -> [NodeID] {
        let places = actions.compactMap { action -> Place? in
            guard case .addMember(let place) = action.kind,
                action.group.map({ $0 == group.id }) ?? true
            else { return nil }
            return place
        }
        let founders = group.voters + group.learners
        return nodes.map(\.id).filter { node in
            !founders.contains(node)
                && (places.contains { $0.contains(node) } || group.coordinators.contains(node))
        }
    }

    private func longName(of node: PlannedNode) -> String {
        "\(name(of: node.id.region))/\(node.zone)/\(node.id.ordinal)"
    }

    /// The nodes that `selector` selects, in order, each once.
    ///
    /// `leader` says who leads a group now, and is asked only for selectors that need it: with the
    /// group that the selector names or, if it names none, the Plan's only group with a leader
    /// (`nil` if the caller must find out which that is).
    public func nodes(
        selectedBy selector: NodeSelector, leader: (GroupID?) -> NodeID?
    ) -> [NodeID] {
        let selected = selection(selector, leader: leader)
        return nodes.map(\.id).filter(selected.contains)
    }

    /// The regions in which `selector` selects a node, in order, each once.
    public func regions(
        selectedBy selector: NodeSelector, leader: (GroupID?) -> NodeID?
    ) -> [RegionID] {
        let selected = nodes(selectedBy: selector, leader: leader)
        return regions.map(\.id).filter { id in selected.contains { $0.region == id } }
    }

    /// The directed links of `scope`, in the order of source and destination. A node has no link
    /// to itself.
    public func links(
        in scope: LinkScope, leader: (GroupID?) -> NodeID?
    ) -> [DirectedLink] {
        let contains = membership(of: scope, leader: leader)
        var result: [DirectedLink] = []
        for source in nodes {
            for destination in nodes where source.id != destination.id {
                if contains(source.id, destination.id) {
                    result.append(DirectedLink(from: source.id, to: destination.id))
                }
            }
        }
        return result
    }

    private func membership(
        of scope: LinkScope, leader: (GroupID?) -> NodeID?
    ) -> (NodeID, NodeID) -> Bool {
        switch scope {
        case .around(let selector):
            let selected = Set(nodes(selectedBy: selector, leader: leader))
            return { selected.contains($0) || selected.contains($1) }
        case .between, .directed, .all:
            return { scope.containsLink(from: $0, to: $1) }
        }
    }

    private func selection(
        _ selector: NodeSelector, leader: (GroupID?) -> NodeID?
    ) -> Set<NodeID> {
        switch selector {
        case .place(let place):
            return Set(nodes.map(\.id).filter(place.contains))
        case .list(let parts):
            return parts.reduce(into: []) { $0.formUnion(selection($1, leader: leader)) }
        case .leader(let group), .primary(let group):
            return leader(group).map { [$0] } ?? []
        case .all:
            return Set(nodes.map(\.id))
        case .continent(let continent):
            return nodes(inRegionsWhere: { $0.continent == continent })
        case .provider(let provider):
            return nodes(inRegionsWhere: { $0.provider == provider })
        case .random, .minority, .majority:
            // A Plan has none of these left.
            return []
        }
    }

    private func nodes(inRegionsWhere condition: (Region) -> Bool) -> Set<NodeID> {
        Set(regions.filter { condition($0.region) }.flatMap(\.nodes))
    }
}

/// The way from one node to another.
public struct DirectedLink: Hashable, Comparable, Sendable {
    /// Where it begins.
    public var from: NodeID
    /// Where it ends.
    public var to: NodeID

    /// The link from `from` to `to`.
    public init(from: NodeID, to: NodeID) {
        self.from = from
        self.to = to
    }

    /// The order by source, then by destination.
    public static func < (left: Self, right: Self) -> Bool {
        (left.from, left.to) < (right.from, right.to)
    }
}

extension LinkScope {
    /// Whether the link between these nodes belongs to the scope; `false` for a scope whose
    /// selector only a Plan can resolve.
    func containsLink(from source: NodeID, to destination: NodeID) -> Bool {
        switch self {
        case .between(let one, let other):
            one.contains(source) && other.contains(destination)
                || other.contains(source) && one.contains(destination)
        case .directed(let from, let to): from.contains(source) && to.contains(destination)
        case .all: true
        case .around: false
        }
    }
}
