import Determinism
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

    func resolve(_ faults: [FaultSpec]) throws(ScenarioError) -> [FaultSpec] {
        var result: [FaultSpec] = []
        var uses: [String: Int] = [:]
        for (index, fault) in faults.enumerated() {
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
            var resolved: [NodeSelector] = []
            for group in groups { resolved.append(try resolve(group, path, &random)) }
            return .partition(resolved)
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

    private func resolve(
        _ scope: LinkScope, _ path: ScenarioPath, _ random: inout RandomStream
    ) throws(ScenarioError) -> LinkScope {
        switch scope {
        case .around(let selector): .around(try resolve(selector, path, &random))
        case .between, .directed, .all: scope
        }
    }

    private func resolve(
        _ selector: NodeSelector, _ path: ScenarioPath, _ random: inout RandomStream
    ) throws(ScenarioError) -> NodeSelector {
        switch selector {
        case .random: return try draw(1, of: selector, path, &random)
        case .minority: return try draw((nodes.count - 1) / 2, of: selector, path, &random)
        case .majority: return try draw(nodes.count / 2 + 1, of: selector, path, &random)
        case .list(let parts):
            var resolved: [NodeSelector] = []
            for part in parts { resolved.append(try resolve(part, path, &random)) }
            return .list(resolved)
        case .place, .leader, .primary, .all, .continent, .provider: return selector
        }
    }

    private func draw(
        _ count: Int, of selector: NodeSelector, _ path: ScenarioPath,
        _ random: inout RandomStream
    ) throws(ScenarioError) -> NodeSelector {
        guard count > 0 else {
            throw ScenarioError([
                ScenarioProblem(
                    path: path, found: "a minority of \(nodes.count) nodes is no node at all",
                    expected: "at least 3 nodes")
            ])
        }
        let drawn = random.shuffled(nodes.map(\.id)).prefix(count).sorted()
        let places = drawn.map { NodeSelector.place(place(of: $0)) }
        return places.count == 1 ? places[0] : .list(places)
    }

    /// The shortest name of a node: its region, if that has no other.
    private func place(of node: NodeID) -> Place {
        regions[Int(node.region.index)].nodes.count == 1 ? .region(node.region) : .node(node)
    }
}
