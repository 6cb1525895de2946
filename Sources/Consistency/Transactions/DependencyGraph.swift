/// What a dependency between two transactions is (Adya, 1999).
public enum DependencyKind: UInt8, CaseIterable, Hashable, Sendable {
    /// The second overwrote a version of the first.
    case ww
    /// The second read a version of the first.
    case wr
    /// The first read a version that the second overwrote.
    case rw
    /// A process carried out the first before the second.
    case process
    /// The first returned before the second was invoked.
    case realtime
    /// A helper node passes on what came in; never between transactions.
    case passage

    var mask: UInt8 { 1 << rawValue }
    static func mask(_ kinds: DependencyKind...) -> UInt8 {
        kinds.reduce(DependencyKind.passage.mask) { $0 | $1.mask }
    }
}

/// Edges as they are found, with helper nodes that stand for many edges at once.
///
/// A helper node is a number from the count of transactions on. An edge from a transaction into a
/// helper has a kind; from there on edges are passages, and a path through helpers is one
/// dependency of that kind.
struct DependencyEdges {
    let transactionCount: Int
    private(set) var nodeCount: Int
    private(set) var sources: ContiguousArray<Int32> = []
    private(set) var targets: ContiguousArray<Int32> = []
    private(set) var kinds: ContiguousArray<DependencyKind> = []
    /// An operation that tells why; -1 for none.
    private(set) var witnesses: ContiguousArray<Int32> = []

    init(transactionCount: Int) {
        self.transactionCount = transactionCount
        nodeCount = transactionCount
    }

    var count: Int { sources.count }

    mutating func reserve(_ count: Int) {
        sources.reserveCapacity(count)
        targets.reserveCapacity(count)
        kinds.reserveCapacity(count)
        witnesses.reserveCapacity(count)
    }

    mutating func add(_ source: Int, _ target: Int, _ kind: DependencyKind, _ witness: Int = -1) {
        guard source != target else { return }
        sources.append(Int32(truncatingIfNeeded: source))
        targets.append(Int32(truncatingIfNeeded: target))
        kinds.append(kind)
        witnesses.append(Int32(truncatingIfNeeded: witness))
    }

    /// A new helper node.
    mutating func helper() -> Int {
        nodeCount += 1
        return nodeCount - 1
    }

    /// An antidependency from each reader to each writer but itself.
    ///
    /// Where that would be many edges, the writers become two chains of helpers, one forwards and
    /// one backwards; a reader enters at the start, or on both sides of itself.
    mutating func addAll(
        from readers: [(transaction: Int, witness: Int)], to writers: [Int]
    ) {
        guard !readers.isEmpty, !writers.isEmpty else { return }
        if readers.count * writers.count <= 4 * (readers.count + writers.count) {
            for reader in readers {
                for writer in writers { add(reader.transaction, writer, .rw, reader.witness) }
            }
            return
        }
        var places = NumberTable(capacity: writers.count)
        var distinct: [Int] = []
        for writer in writers
        where places.insert(UInt64(writer), Int32(distinct.count)) == Int32(distinct.count) {
            distinct.append(writer)
        }
        let forwards = distinct.map { _ in helper() }
        let backwards = distinct.map { _ in helper() }
        for (place, writer) in distinct.enumerated() {
            add(forwards[place], writer, .passage)
            add(backwards[place], writer, .passage)
            if place > 0 {
                add(forwards[place - 1], forwards[place], .passage)
                add(backwards[place], backwards[place - 1], .passage)
            }
        }
        for reader in readers {
            let place = Int(places[UInt64(reader.transaction)])
            if place < 0 {
                add(reader.transaction, forwards[0], .rw, reader.witness)
                continue
            }
            if place + 1 < distinct.count {
                add(reader.transaction, forwards[place + 1], .rw, reader.witness)
            }
            if place > 0 { add(reader.transaction, backwards[place - 1], .rw, reader.witness) }
        }
    }
}

/// A graph by node: first the transactions, then the helpers.
struct DependencyGraph {
    /// Nodes below this are transactions.
    let transactionCount: Int
    let nodeCount: Int
    /// Where the edges of each node start.
    private(set) var starts: ContiguousArray<Int32>
    private(set) var targets: ContiguousArray<Int32>
    private(set) var kinds: ContiguousArray<DependencyKind>
    private(set) var witnesses: ContiguousArray<Int32>

    init(_ edges: DependencyEdges) {
        transactionCount = edges.transactionCount
        nodeCount = edges.nodeCount
        starts = ContiguousArray(repeating: 0, count: nodeCount + 1)
        targets = ContiguousArray(repeating: 0, count: edges.count)
        kinds = ContiguousArray(repeating: .ww, count: edges.count)
        witnesses = ContiguousArray(repeating: -1, count: edges.count)
        for source in edges.sources { starts[Int(source) + 1] += 1 }
        for node in 0..<nodeCount { starts[node + 1] += starts[node] }
        var free = starts
        for edge in 0..<edges.count {
            let source = Int(edges.sources[edge])
            let place = Int(free[source])
            free[source] += 1
            targets[place] = edges.targets[edge]
            kinds[place] = edges.kinds[edge]
            witnesses[place] = edges.witnesses[edge]
        }
    }

    func edges(_ node: Int) -> Range<Int> { Int(starts[node])..<Int(starts[node + 1]) }

    /// The part of it that `nodes` are, in their order; transactions must come first.
    func part(_ nodes: [Int32], numbers: inout ContiguousArray<Int32>) -> DependencyGraph {
        for (number, node) in nodes.enumerated() { numbers[Int(node)] = Int32(number) }
        let count = nodes.prefix { Int($0) < transactionCount }.count
        var part = DependencyEdges(transactionCount: count)
        for _ in count..<nodes.count { _ = part.helper() }
        for (number, node) in nodes.enumerated() {
            for edge in edges(Int(node)) where numbers[Int(targets[edge])] >= 0 {
                part.add(
                    number, Int(numbers[Int(targets[edge])]), kinds[edge], Int(witnesses[edge]))
            }
        }
        for node in nodes { numbers[Int(node)] = -1 }
        return DependencyGraph(part)
    }
}
