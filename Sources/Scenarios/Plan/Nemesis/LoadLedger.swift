import Determinism
import Replication

/// How much load all faults together make at a place: their factors multiply, and a few drawn
/// ones at a time are soon more than a run could ever carry out.
struct LoadLedger {
    /// At most this many times the clients' rate, in any region.
    static let surgeMax = 20.0
    /// At most this many times as slow, at any node.
    static let slownessMax = 1000.0

    private struct Load {
        var nodes: Set<NodeID>
        var isSurge: Bool
        var factor: Double
        var start: TimeSpan
        var end: TimeSpan
    }

    private let resolution: FaultResolution
    private var loads: [Load] = []

    /// What `faults`, each of which strikes once, make of it.
    init(_ faults: [FaultSpec], resolution: FaultResolution) {
        self.resolution = resolution
        for fault in faults { add(fault) }
    }

    mutating func add(_ fault: FaultSpec) {
        if let load = load(of: fault) { loads.append(load) }
    }

    /// Whether the load stays bearable when `fault` comes in addition.
    func admits(_ fault: FaultSpec) -> Bool {
        guard let load = load(of: fault) else { return true }
        let others = loads.filter { other in
            other.isSurge == load.isSurge && other.start < load.end && load.start < other.end
                && !other.nodes.isDisjoint(with: load.nodes)
        }
        // The worst is at the beginning of one of them.
        let moments = [load.start] + others.map(\.start).filter { $0 > load.start }
        return moments.allSatisfy { moment in
            let inForce = others.filter { $0.start <= moment && moment < $0.end }
            return load.nodes.allSatisfy { node in
                let factor = inForce.reduce(load.factor) { product, other in
                    other.nodes.contains(node) ? product * other.factor : product
                }
                return factor <= (load.isSurge ? Self.surgeMax : Self.slownessMax)
            }
        }
    }

    private func load(of fault: FaultSpec) -> Load? {
        guard let start = fault.timing.moments.first else { return nil }
        let end = fault.duration.map { start + $0 } ?? TimeSpan(nanoseconds: .max)
        switch fault.kind {
        case .surge(let selector, let factor):
            return Load(
                nodes: struck(selector), isSurge: true, factor: factor, start: start, end: end)
        case .slow(let selector, let factor):
            return Load(
                nodes: struck(selector), isSurge: false, factor: factor, start: start, end: end)
        case .partition, .isolate, .cut, .degrade, .reset, .refuse, .kill, .pause, .clock, .disk,
            .random:
            return nil
        }
    }

    /// Whom a selector may mean: all, if only the run can tell.
    private func struck(_ selector: NodeSelector) -> Set<NodeID> {
        resolution.unknowns(in: selector) > 0
            ? Set(resolution.nodes.map(\.id)) : Set(resolution.named(by: selector))
    }
}
