import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// The faults in force, and what they do together to every link, node and client path.
///
/// The state of a link or node is the fold of all active faults in the order of the scenario
/// file; a heal removes only its own.
struct FaultBoard {
    /// A fault in force, with the nodes that its selectors gave when it struck.
    struct Active {
        /// The fault's number in the Plan, from 1.
        var number: Int
        /// What it does.
        var kind: FaultKind
        /// For ``FaultKind/partition(_:)`` the nodes of each side, otherwise one list.
        var targets: [[NodeID]]
        /// Whether the targets are cut off from all clients.
        var cutsClients: Bool

        /// Whether its targets have no disk that can be written to.
        var takesDisk: Bool {
            if case .disk(_, let trouble) = kind { trouble.isFull || trouble.fails } else { false }
        }

        /// Whether its targets cannot be started while it is in force.
        var keepsDown: Bool {
            if case .kill = kind { true } else { takesDisk }
        }
    }

    /// All nodes of the run, in order.
    let nodes: [NodeID]
    /// In the order of the scenario file.
    private(set) var active: [Active] = []
    /// How often each node's disk was damaged so far; no heal takes that back.
    private var corruptions: [NodeID: Int] = [:]
    /// The nodes that no fault touches any more, connected among themselves and with nobody else.
    private var core: Set<NodeID>?
    /// How often what is in force has changed.
    private(set) var changes: UInt64 = 0

    init(nodes: [NodeID]) { self.nodes = nodes }

    mutating func strike(_ fault: Active) {
        let index = active.firstIndex { $0.number > fault.number } ?? active.endIndex
        active.insert(fault, at: index)
        changes += 1
        if case .disk(_, let trouble) = fault.kind, trouble.corrupts {
            for node in fault.targets.joined() { corruptions[node, default: 0] += 1 }
        }
    }

    /// Lets `node` go from a fault that goes on for its other targets.
    mutating func release(_ node: NodeID, from number: Int) {
        for index in active.indices where active[index].number == number {
            active[index].targets = active[index].targets.map { $0.filter { $0 != node } }
        }
    }

    /// Heals the nodes of `core` and cuts them off from all others, for whom everything stays as it
    /// is.
    mutating func shield(_ core: Set<NodeID>) { self.core = core }

    /// Whether `fault` touches nobody outside of `core`.
    func isWithin(_ core: Set<NodeID>, _ fault: Active) -> Bool {
        if case .surge = fault.kind { return true }
        let isInside = fault.targets.joined().allSatisfy(core.contains)
        return isInside
            && links(of: fault).allSatisfy { core.contains($0.source) && core.contains($0.target) }
    }

    mutating func heal(_ number: Int) {
        active.removeAll { $0.number == number }
        changes += 1
    }

    /// What all faults in force do to the link from `source` to `target`, in file order.
    func conditions(from source: NodeID, to target: NodeID) -> [LinkCondition] {
        if let core {
            let isInside = core.contains(source)
            if isInside != core.contains(target) { return [.held] }
            if isInside { return [] }
        }
        return active.flatMap { Self.conditions(of: $0, from: source, to: target) }
    }

    /// The nodes that no client reaches.
    var nodesCutFromClients: Set<NodeID> {
        Set(active.filter(\.cutsClients).flatMap { $0.targets.joined() }).subtracting(core ?? [])
    }

    /// The nodes that must not run.
    var nodesKilled: Set<NodeID> {
        Set(
            active.flatMap { fault -> [NodeID] in
                if case .kill = fault.kind { Array(fault.targets.joined()) } else { [] }
            }
        ).subtracting(core ?? [])
    }

    /// The nodes that cannot write to their disk: they end by themselves when they try.
    var nodesWithoutDisk: Set<NodeID> {
        Set(active.filter(\.takesDisk).flatMap { $0.targets.joined() }).subtracting(core ?? [])
    }

    /// The nodes that cannot be started.
    var nodesKeptDown: Set<NodeID> { nodesKilled.union(nodesWithoutDisk) }

    /// The nodes that must stand still, unless they are killed.
    var nodesPaused: Set<NodeID> {
        Set(
            active.flatMap { fault -> [NodeID] in
                if case .pause = fault.kind { Array(fault.targets.joined()) } else { [] }
            }
        ).subtracting(core ?? [])
    }

    /// What all faults in force do to the clocks, the disk and the processor of `node`: offsets,
    /// drifts and delays add up, factors multiply.
    func condition(of node: NodeID) -> NodeCondition {
        var condition = NodeCondition()
        let isShielded = core?.contains(node) ?? false
        for fault in active where !isShielded && fault.targets.joined().contains(node) {
            switch fault.kind {
            case .clock(_, let error):
                condition.clock.offset += error.offset ?? .zero
                condition.clock.driftPartsPerBillion += Int64(
                    ((error.driftPartsPerMillion ?? 0) * 1000).rounded())
            case .disk(_, let trouble):
                condition.disk.extraSync += trouble.extraSync ?? .zero
                condition.disk.isFull = condition.disk.isFull || trouble.isFull
                condition.disk.fails = condition.disk.fails || trouble.fails
                condition.disk.losesUnsynced =
                    condition.disk.losesUnsynced || trouble.losesUnsynced
            case .slow(_, let factor): condition.slowness *= factor
            case .partition, .isolate, .cut, .degrade, .reset, .refuse, .kill, .pause, .surge,
                .random:
                continue
            }
        }
        condition.disk.corruptions = corruptions[node, default: 0]
        return condition
    }

    /// How many times as many operations the clients beside `region` begin.
    func surgeFactor(of region: RegionID) -> Double {
        active.reduce(1) { factor, fault in
            guard case .surge(_, let times) = fault.kind,
                fault.targets.joined().contains(where: { $0.region == region })
            else { return factor }
            return factor * times
        }
    }

    /// The links that `fault` is about, as ordered pairs.
    func links(of fault: Active) -> [(source: NodeID, target: NodeID)] {
        var result: [(source: NodeID, target: NodeID)] = []
        for source in nodes {
            for target in nodes where source != target {
                let touched: Bool
                if case .reset(let scope) = fault.kind {
                    touched = Self.covers(scope, fault, from: source, to: target)
                } else {
                    touched = !Self.conditions(of: fault, from: source, to: target).isEmpty
                }
                if touched { result.append((source, target)) }
            }
        }
        return result
    }

    private static func conditions(
        of fault: Active, from source: NodeID, to target: NodeID
    ) -> [LinkCondition] {
        switch fault.kind {
        case .partition:
            let sides = fault.targets
            guard let mine = sides.firstIndex(where: { $0.contains(source) }),
                let theirs = sides.firstIndex(where: { $0.contains(target) }), mine != theirs
            else { return [] }
            return [.held]
        case .isolate:
            let inside = fault.targets.joined()
            return inside.contains(source) != inside.contains(target) ? [.held] : []
        case .cut(.directed(let from, let to), let layer):
            switch layer {
            case .packet:
                if from.contains(source), to.contains(target) { return [.held] }
                if from.contains(target), to.contains(source) {
                    return [.acknowledgementsLost(window: LinkCondition.defaultWindow)]
                }
                return []
            case .message:
                return from.contains(source) && to.contains(target) ? [.dropped] : []
            }
        case .cut(let scope, let layer):
            guard covers(scope, fault, from: source, to: target) else { return [] }
            switch layer {
            case .packet: return [.held]
            case .message: return [.dropped]
            }
        case .degrade(let scope, let degradation):
            return covers(scope, fault, from: source, to: target) ? degradation.conditions : []
        case .refuse:
            let touched = fault.targets.joined()
            return touched.contains(source) || touched.contains(target)
                ? [.connectionsRefused] : []
        case .reset, .kill, .pause, .clock, .disk, .slow, .surge, .random:
            return []
        }
    }

    private static func covers(
        _ scope: LinkScope, _ fault: Active, from source: NodeID, to target: NodeID
    ) -> Bool {
        switch scope {
        case .between(let one, let other):
            one.contains(source) && other.contains(target)
                || other.contains(source) && one.contains(target)
        case .directed(let from, let to): from.contains(source) && to.contains(target)
        case .around:
            fault.targets.joined().contains(source) || fault.targets.joined().contains(target)
        case .all: true
        }
    }
}
