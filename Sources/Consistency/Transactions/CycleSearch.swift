/// The cycles in one strongly connected component: of each class that is there a short one.
///
/// Classes are looked for from the worst to the mildest, first without the order of processes and
/// of real time, then with the one, then with both. What a cycle that was found implies is not
/// looked for any more, as in Elle, so that a variant is reported only where there is no cycle of
/// its class without it.
///
/// Whether there is a cycle of a class is decided by components of subgraphs, in linear time;
/// only G-single (exactly one antidependency) takes a search per antidependency, bounded by the
/// topological order of the rest and by a budget.
struct CycleSearch {
    /// One dependency of a cycle, between nodes of the component.
    struct Step {
        var from: Int
        var to: Int
        var kind: DependencyKind
        var witness: Int
    }

    /// A cycle and what it is.
    struct Cycle {
        var anomaly: AnomalyClass
        var steps: [Step]
    }

    /// How many cycles of a class are compared to report a short one.
    private static let attemptsMax = 32

    private enum Stage: CaseIterable {
        case data
        case process
        case realtime

        var mask: UInt8 {
            switch self {
            case .data: DependencyKind.mask()
            case .process: DependencyKind.mask(.process)
            case .realtime: DependencyKind.mask(.process, .realtime)
            }
        }
    }

    private enum Shape: CaseIterable {
        case writes
        case information
        case single
        case nonadjacent
        case any
    }

    private let graph: DependencyGraph
    private let sources: ContiguousArray<Int32>
    private var path: CyclePath
    private(set) var cycles: [Cycle] = []
    private var redundant = AnomalySet()
    /// Whether a search for G-single ran out of its budget.
    private(set) var isExhausted = false
    private let stepsMax: Int

    /// Edges followed.
    var steps: Int { path.steps }

    init(_ graph: DependencyGraph, stepsMax: Int) {
        self.graph = graph
        self.stepsMax = stepsMax
        path = CyclePath(graph)
        var sources = ContiguousArray<Int32>(repeating: 0, count: graph.targets.count)
        for node in 0..<graph.nodeCount {
            for edge in graph.edges(node) { sources[edge] = Int32(node) }
        }
        self.sources = sources
        run()
    }

    private mutating func run() {
        var present: UInt8 = 0
        for kind in graph.kinds { present |= kind.mask }
        var hasRun: UInt8?
        for stage in Stage.allCases {
            // A stage that adds no edges adds no cycles.
            let mask = stage.mask & present
            if let hasRun, hasRun == mask { continue }
            hasRun = mask
            for shape in Shape.allCases where !redundant.contains(Self.name(shape, stage)) {
                guard let edges = search(shape, stage.mask) else { continue }
                let steps = steps(of: edges)
                let anomaly = Self.classify(steps)
                cycles.append(Cycle(anomaly: anomaly, steps: steps))
                redundant.formUnion(AnomalySet([anomaly]).implied)
            }
        }
    }

    private mutating func search(_ shape: Shape, _ extra: UInt8) -> [Int]? {
        let information = DependencyKind.mask(.ww, .wr) | extra
        switch shape {
        case .writes: return joined(by: .ww, DependencyKind.mask(.ww) | extra)
        case .information: return joined(by: .wr, information)
        case .single: return single(information)
        case .nonadjacent:
            return joined(by: .rw, information | DependencyKind.rw.mask, layers: 2)
        case .any: return joined(by: .rw, information | DependencyKind.rw.mask)
        }
    }

    /// A short cycle along edges in `mask` with at least one edge of `kind`.
    private mutating func joined(
        by kind: DependencyKind, _ mask: UInt8, layers: Int = 1
    ) -> [Int]? {
        let parts = StrongComponents(graph, mask: mask, layers: layers)
        guard parts.isCyclic else { return nil }
        var best: [Int]?
        var length = Int.max
        var attempts = 0
        let start = path.steps
        for edge in 0..<graph.targets.count where graph.kinds[edge] == kind {
            let source = Int(sources[edge])
            let layer = StrongComponents.layer(kind, from: 0, of: layers) ?? 0
            let state = Int(graph.targets[edge]) * layers + layer
            let component = parts.components[state]
            // From the layer that the edge may leave; others may leave from both.
            let isJoined =
                parts.components[source * layers] == component
                || (layers == 2 && kind != .rw && parts.components[source * 2 + 1] == component)
            guard isJoined else { continue }
            let found = path.cycle(
                from: source, by: edge, mask: mask, layers: layers, shorterThan: length,
                isAllowed: { parts.components[$0] == component })
            if let found = layers == 1 ? found : found.flatMap(simplified) {
                let count = found.count(where: isDeparture)
                if count < length {
                    best = found
                    length = count
                }
            }
            attempts += 1
            if length <= 2 || attempts >= Self.attemptsMax { break }
            if best != nil, path.steps - start > 4 * graph.targets.count + 10_000 { break }
        }
        return best
    }

    /// A cycle that passes no transaction twice, from one without neighbouring antidependencies
    /// that may.
    ///
    /// Where it does, it is two cycles. If neither will do, one of them has no antidependency at
    /// all, and is found as such.
    private func simplified(_ edges: [Int]) -> [Int]? {
        var edges = edges
        while true {
            // Where each transaction was left; an edge into a helper belongs to the one before.
            var places: [Int32: Int] = [:]
            var crossing: (first: Int, second: Int)?
            for (place, edge) in edges.enumerated() where isDeparture(edge) {
                if let before = places.updateValue(place, forKey: sources[edge]) {
                    crossing = (before, place)
                    break
                }
            }
            guard let crossing else { return edges }
            let inner = Array(edges[crossing.first..<crossing.second])
            let outer = Array(edges[crossing.second...] + edges[..<crossing.first])
            guard let part = [inner, outer].first(where: isNonadjacent) else { return nil }
            edges = part
        }
    }

    private func isDeparture(_ edge: Int) -> Bool { Int(sources[edge]) < graph.transactionCount }

    private func isNonadjacent(_ edges: [Int]) -> Bool {
        let kinds = edges.filter(isDeparture).map { graph.kinds[$0] }
        return kinds.contains(.rw)
            && !kinds.indices.contains { place in
                kinds[place] == .rw && kinds[(place + 1) % kinds.count] == .rw
            }
    }

    /// A short cycle along edges in `mask` but for one antidependency.
    ///
    /// The rest of such a cycle leads from the end of the antidependency to its start: in every
    /// topological order forwards. Two orders that differ where they can leave few candidates
    /// that are none, and little to search for each.
    private mutating func single(_ mask: UInt8) -> [Int]? {
        let order = StrongComponents(graph, mask: mask).components
        let other = StrongComponents(graph, mask: mask, isBackwards: true).components
        var candidates: [(span: Int32, edge: Int)] = []
        for edge in 0..<graph.targets.count where graph.kinds[edge] == .rw {
            let source = Int(sources[edge])
            let target = Int(graph.targets[edge])
            guard order[target] >= order[source], other[target] >= other[source] else { continue }
            candidates.append((order[target] - order[source], edge))
        }
        candidates.sort { $0 < $1 }
        var best: [Int]?
        var length = Int.max
        var attempts = 0
        // Half of what is left, so that something is left for the other stages.
        let stepsMax = path.steps + max(0, self.stepsMax - path.steps) / 2
        for (_, edge) in candidates {
            guard path.steps < stepsMax else {
                if best == nil { isExhausted = true }
                break
            }
            let source = Int(sources[edge])
            let target = Int(graph.targets[edge])
            let (last, otherLast) = (order[source], other[source])
            let (first, otherFirst) = (order[target], other[target])
            let found = path.cycle(
                from: source, by: edge, mask: mask, shorterThan: length,
                isAllowed: { state in
                    order[state] >= last && order[state] <= first
                        && other[state] >= otherLast && other[state] <= otherFirst
                })
            guard let found else { continue }
            let count = found.count(where: isDeparture)
            if count < length {
                best = found
                length = count
            }
            attempts += 1
            if length <= 2 || attempts >= Self.attemptsMax { break }
        }
        return best
    }

    /// The dependencies between transactions along edges: what lies between is passed over.
    private func steps(of edges: [Int]) -> [Step] {
        var steps: [Step] = []
        for edge in edges where isDeparture(edge) {
            steps.append(
                Step(
                    from: Int(sources[edge]), to: 0, kind: graph.kinds[edge],
                    witness: Int(graph.witnesses[edge])))
        }
        for place in steps.indices { steps[place].to = steps[(place + 1) % steps.count].from }
        return steps
    }

    private static func classify(_ steps: [Step]) -> AnomalyClass {
        func has(_ kind: DependencyKind) -> Bool { steps.contains { $0.kind == kind } }
        let antidependencies = steps.count { $0.kind == .rw }
        let areAdjacent = steps.indices.contains { place in
            steps[place].kind == .rw && steps[(place + 1) % steps.count].kind == .rw
        }
        let shape: Shape
        if antidependencies == 1 {
            shape = .single
        } else if antidependencies > 1 {
            shape = areAdjacent ? .any : .nonadjacent
        } else {
            shape = has(.wr) ? .information : .writes
        }
        let stage: Stage = has(.realtime) ? .realtime : has(.process) ? .process : .data
        return name(shape, stage)
    }

    private static func name(_ shape: Shape, _ stage: Stage) -> AnomalyClass {
        switch (shape, stage) {
        case (.writes, .data): .g0
        case (.information, .data): .g1c
        case (.single, .data): .gSingle
        case (.nonadjacent, .data): .gNonadjacent
        case (.any, .data): .g2Item
        case (.writes, .process): .g0Process
        case (.information, .process): .g1cProcess
        case (.single, .process): .gSingleProcess
        case (.nonadjacent, .process): .gNonadjacentProcess
        case (.any, .process): .g2ItemProcess
        case (.writes, .realtime): .g0Realtime
        case (.information, .realtime): .g1cRealtime
        case (.single, .realtime): .gSingleRealtime
        case (.nonadjacent, .realtime): .gNonadjacentRealtime
        case (.any, .realtime): .g2ItemRealtime
        }
    }
}
