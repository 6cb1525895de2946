import Determinism
import Geography
import Replication

/// Makes the random choices of a scenario's faults: repeated ones become single ones, drawn
/// targets become names.
///
/// Every strike draws from a stream of its own, named after its kind and moment, so that a fault
/// added to the file leaves the choices of the others as they were.
struct FaultResolution {
    let seed: UInt64
    let nodes: [PlannedNode]
    let regions: [PlannedRegion]

    /// The faults that the file describes one by one. Random ones are left to the ``Nemesis``.
    func resolve(_ faults: [FaultSpec]) throws(ScenarioError) -> [FaultSpec] {
        var result: [FaultSpec] = []
        var uses: [String: Int] = [:]
        for (index, fault) in faults.enumerated() {
            if case .random = fault.kind { continue }
            let path = ScenarioPath([.key("faults"), .index(index)])
            for moment in fault.timing.moments {
                let name = "fault/\(fault.kind.name)/\(moment.nanoseconds)"
                let use = uses[name, default: 0]
                uses[name] = use + 1
                var random = RandomStream(seed: seed, name: use == 0 ? name : "\(name)/\(use)")
                var single = fault
                single.timing = .once(moment)
                single.kind = try resolve(fault.kind, at: path, &random)
                result.append(single)
            }
        }
        return result
    }

    private func resolve(
        _ kind: FaultKind, at path: ScenarioPath, _ random: inout RandomStream
    ) throws(ScenarioError) -> FaultKind {
        switch kind {
        case .partition(let groups):
            return .partition(try resolvePartition(groups, path, &random))
        case .isolate(let selector): return .isolate(try resolve(selector, path, &random))
        case .cut(let scope, let layer):
            return .cut(try resolve(scope, path, &random), layer: layer)
        case .degrade(let scope, let change):
            return .degrade(try resolve(scope, path, &random), change)
        case .reset(let scope): return .reset(try resolve(scope, path, &random))
        case .refuse(let selector): return .refuse(try resolve(selector, path, &random))
        case .kill(let selector, let disk):
            return .kill(try resolve(selector, path, &random), disk: disk)
        case .pause(let selector): return .pause(try resolve(selector, path, &random))
        case .clock(let selector, let error):
            return .clock(try resolve(selector, path, &random), error)
        case .disk(let selector, let trouble):
            return .disk(try resolve(selector, path, &random), trouble)
        case .slow(let selector, let factor):
            return .slow(try resolve(selector, path, &random), factor: factor)
        case .surge(let selector, let factor):
            return .surge(try resolve(selector, path, &random), factor: factor)
        case .random: return kind
        }
    }

    /// Draws for each group only from nodes that no other group names or has drawn, so that
    /// `[minority, majority]` is a split of all nodes.
    private func resolvePartition(
        _ groups: [NodeSelector], _ path: ScenarioPath, _ random: inout RandomStream
    ) throws(ScenarioError) -> [NodeSelector] {
        var taken: [NodeID] = []
        for group in groups { taken += named(by: group) }
        var resolved: [NodeSelector] = []
        for group in groups {
            let choice = try resolve(group, path, &random, without: taken)
            taken += named(by: choice)
            resolved.append(choice)
        }
        return resolved
    }

    /// The nodes that a selector names without a draw, and that are known before the run.
    func named(by selector: NodeSelector) -> [NodeID] {
        func inRegions(where condition: (PlannedRegion) -> Bool) -> [NodeID] {
            regions.filter(condition).flatMap(\.nodes)
        }
        switch selector {
        case .place(let place): return nodes.map(\.id).filter(place.contains)
        case .list(let parts): return parts.flatMap { named(by: $0) }
        case .all: return nodes.map(\.id)
        case .continent(let continent): return inRegions { $0.region.continent == continent }
        case .provider(let provider): return inRegions { $0.region.provider == provider }
        case .leader, .primary, .random, .minority, .majority: return []
        }
    }

    private func resolve(
        _ scope: LinkScope, _ path: ScenarioPath, _ random: inout RandomStream
    ) throws(ScenarioError) -> LinkScope {
        switch scope {
        case .around(let selector): .around(try resolve(selector, path, &random))
        case .between, .directed, .all: scope
        }
    }

    private func resolve(
        _ selector: NodeSelector, _ path: ScenarioPath, _ random: inout RandomStream,
        without taken: [NodeID] = []
    ) throws(ScenarioError) -> NodeSelector {
        switch selector {
        case .random: return try draw(1, path, &random, without: taken)
        case .minority: return try draw((nodes.count - 1) / 2, path, &random, without: taken)
        case .majority: return try draw(nodes.count / 2 + 1, path, &random, without: taken)
        case .list(let parts):
            var resolved: [NodeSelector] = []
            var taken = taken + named(by: selector)
            for part in parts {
                let choice = try resolve(part, path, &random, without: taken)
                taken += named(by: choice)
                resolved.append(choice)
            }
            return .list(resolved)
        case .place, .leader, .primary, .all, .continent, .provider: return selector
        }
    }

    private func draw(
        _ count: Int, _ path: ScenarioPath, _ random: inout RandomStream, without taken: [NodeID]
    ) throws(ScenarioError) -> NodeSelector {
        let free = nodes.map(\.id).filter { !taken.contains($0) }
        guard count > 0, count <= free.count else {
            throw ScenarioError([
                ScenarioProblem(
                    path: path,
                    found: count == 0
                        ? "a minority of \(nodes.count) nodes is no node at all"
                        : "\(count) nodes are to be drawn and only \(free.count) are left",
                    expected: count == 0 ? "at least 3 nodes" : "groups that leave enough nodes")
            ])
        }
        let drawn = random.shuffled(free).prefix(count).sorted()
        let places = drawn.map { NodeSelector.place(place(of: $0)) }
        return places.count == 1 ? places[0] : .list(places)
    }

    /// The shortest name of a node: its region, if that has no other.
    func place(of node: NodeID) -> Place {
        regions[Int(node.region.index)].nodes.count == 1 ? .region(node.region) : .node(node)
    }
}
