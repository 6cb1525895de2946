/// The strongly connected components of a graph, after Tarjan ("Depth-First Search and Linear
/// Graph Algorithms", 1972), without recursion: histories are millions of transactions deep.
///
/// With two layers a node is split by whether an antidependency led to it, and no antidependency
/// follows another: a component of that graph with more than one node is a cycle in which no two
/// antidependencies are neighbours. That is what snapshot isolation forbids (Cerone and Gotsman,
/// "Analysing Snapshot Isolation", 2016).
struct StrongComponents {
    /// The component of each node times layers plus layer. Edges between components go from
    /// higher numbers to lower ones.
    private(set) var components: ContiguousArray<Int32>
    /// How many nodes each has.
    private(set) var sizes: ContiguousArray<Int32> = []

    /// The layer that an edge of `kind` leads to from `layer`; `nil` where it may not follow.
    @inline(__always)
    static func layer(_ kind: DependencyKind, from layer: Int, of layers: Int) -> Int? {
        guard layers == 2 else { return 0 }
        switch kind {
        case .rw: return layer == 1 ? nil : 1
        case .passage: return layer
        case .ww, .wr, .process, .realtime: return 0
        }
    }

    /// The components along edges in `mask`. Backwards nodes and edges are taken from the last on:
    /// that gives the same components, but of what is not ordered mostly the other order.
    init(
        _ graph: DependencyGraph, mask: UInt8, layers: Int = 1, isBackwards: Bool = false
    ) {
        let count = graph.nodeCount * layers
        components = ContiguousArray(repeating: -1, count: count)
        var order = ContiguousArray<Int32>(repeating: -1, count: count)
        var low = ContiguousArray<Int32>(repeating: 0, count: count)
        var stack: ContiguousArray<Int32> = []
        var path: ContiguousArray<Int32> = []
        var cursors: ContiguousArray<Int32> = []
        var next: Int32 = 0
        for start in 0..<count {
            let root = isBackwards ? count - 1 - start : start
            guard order[root] < 0 else { continue }
            var entered = root
            while true {
                if entered >= 0 {
                    order[entered] = next
                    low[entered] = next
                    next += 1
                    stack.append(Int32(entered))
                    path.append(Int32(entered))
                    cursors.append(graph.starts[entered / layers])
                    entered = -1
                }
                guard let last = path.last else { break }
                let state = Int(last)
                let end = Int(graph.starts[state / layers + 1])
                let mirror = end - 1 + Int(graph.starts[state / layers])
                var cursor = Int(cursors[cursors.count - 1])
                while cursor < end {
                    let edge = isBackwards ? mirror - cursor : cursor
                    cursor += 1
                    let kind = graph.kinds[edge]
                    guard kind.mask & mask != 0,
                        let layer = Self.layer(kind, from: state % layers, of: layers)
                    else { continue }
                    let target = Int(graph.targets[edge]) * layers + layer
                    if order[target] < 0 {
                        entered = target
                        break
                    }
                    if components[target] < 0 { low[state] = min(low[state], order[target]) }
                }
                cursors[cursors.count - 1] = Int32(cursor)
                if entered >= 0 { continue }
                path.removeLast()
                cursors.removeLast()
                if let above = path.last {
                    low[Int(above)] = min(low[Int(above)], low[state])
                }
                guard low[state] == order[state] else { continue }
                let number = Int32(sizes.count)
                var size: Int32 = 0
                while let member = stack.popLast() {
                    components[Int(member)] = number
                    size += 1
                    if Int(member) == state { break }
                }
                sizes.append(size)
            }
        }
    }

    /// Whether two nodes are on a common cycle.
    func areJoined(_ one: Int, _ other: Int) -> Bool { components[one] == components[other] }

    /// Whether there is any cycle.
    var isCyclic: Bool { sizes.contains { $0 > 1 } }
}
