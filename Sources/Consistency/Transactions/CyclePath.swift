/// Shortest paths in a component of the graph, counted in transactions: helper nodes cost nothing.
///
/// A breadth-first search by levels; what a helper leads to is of the level of the helper. Its
/// memory is reused from one search to the next.
struct CyclePath {
    let graph: DependencyGraph
    private var distances: ContiguousArray<Int32>
    private var parents: ContiguousArray<Int32>
    private var parentEdges: ContiguousArray<Int32>
    private var touched: ContiguousArray<Int32> = []
    /// Edges followed so far.
    private(set) var steps = 0

    init(_ graph: DependencyGraph) {
        self.graph = graph
        let count = graph.nodeCount * 2
        distances = ContiguousArray(repeating: .max, count: count)
        parents = ContiguousArray(repeating: -1, count: count)
        parentEdges = ContiguousArray(repeating: -1, count: count)
    }

    /// The edges of a shortest cycle that starts with the edge `anchor` of `source`, and then goes
    /// along edges in `mask` through nodes that `isAllowed` lets pass. With two layers no two
    /// antidependencies are neighbours, around the corner too.
    mutating func cycle(
        from source: Int, by anchor: Int, mask: UInt8, layers: Int = 1,
        shorterThan bound: Int = .max,
        isAllowed: (_ state: Int) -> Bool
    ) -> [Int]? {
        guard
            let first = StrongComponents.layer(graph.kinds[anchor], from: 0, of: layers)
        else { return nil }
        let start = Int(graph.targets[anchor]) * layers + first
        // Back in the layer that lets the anchor follow; only an antidependency minds.
        let isStrict = layers == 2 && graph.kinds[anchor] == .rw
        var current: ContiguousArray<Int32> = []
        var following: ContiguousArray<Int32> = []
        func isGoal(_ state: Int) -> Bool {
            state / layers == source && !(isStrict && state % layers == 1)
        }
        defer {
            for state in touched { distances[Int(state)] = .max }
            touched.removeAll(keepingCapacity: true)
        }
        guard isAllowed(start) else { return nil }
        distances[start] = 1
        touched.append(Int32(start))
        current.append(Int32(start))
        var level: Int32 = 1
        while !current.isEmpty, Int(level) < bound {
            var place = 0
            while place < current.count {
                let state = Int(current[place])
                place += 1
                guard distances[state] == level else { continue }
                if isGoal(state) { return trace(back: state, to: start, anchor) }
                let node = state / layers
                let cost: Int32 = node < graph.transactionCount ? 1 : 0
                for edge in graph.edges(node) where graph.kinds[edge].mask & mask != 0 {
                    steps += 1
                    guard
                        let layer = StrongComponents.layer(
                            graph.kinds[edge], from: state % layers, of: layers)
                    else { continue }
                    let target = Int(graph.targets[edge]) * layers + layer
                    guard distances[target] > level + cost, isAllowed(target) else { continue }
                    if distances[target] == .max { touched.append(Int32(target)) }
                    distances[target] = level + cost
                    parents[target] = Int32(state)
                    parentEdges[target] = Int32(edge)
                    if cost == 0 {
                        current.append(Int32(target))
                    } else {
                        following.append(Int32(target))
                    }
                }
            }
            swap(&current, &following)
            following.removeAll(keepingCapacity: true)
            level += 1
        }
        return nil
    }

    private func trace(back goal: Int, to start: Int, _ anchor: Int) -> [Int] {
        var edges: [Int] = []
        var state = goal
        while state != start {
            edges.append(Int(parentEdges[state]))
            state = Int(parents[state])
        }
        edges.append(anchor)
        return edges.reversed()
    }
}
