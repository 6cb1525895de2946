/// Pairs of writes to one key of which the first has to come before the second, because a read
/// that has the first in its past returned the second: a list for each second write.
struct ConflictEdges {
    /// For each operation its latest edge; -1 for none.
    private(set) var heads: ContiguousArray<Int32>
    private(set) var next: ContiguousArray<Int32> = []
    private(set) var first: ContiguousArray<Int32> = []
    private(set) var second: ContiguousArray<Int32> = []
    /// The read.
    private(set) var witness: ContiguousArray<Int32> = []

    /// No edges between `operationCount` operations.
    init(operationCount: Int) {
        heads = ContiguousArray(repeating: -1, count: operationCount)
    }

    /// How many edges there are.
    var count: Int { next.count }
    /// How much memory they take.
    var bytes: Int { heads.count * 4 + next.count * 16 }

    /// Adds an edge.
    mutating func add(_ first: Int32, _ second: Int32, witness: Int32) {
        let head = heads[Int(second)]
        // One session that reads a value again and again says the same each time.
        if head >= 0, self.first[Int(head)] == first { return }
        next.append(head)
        self.first.append(first)
        self.second.append(second)
        self.witness.append(witness)
        heads[Int(second)] = Int32(truncatingIfNeeded: next.count - 1)
    }

    /// Adds an edge, or lets `witness` be the reason for it if it is the latest.
    mutating func restate(_ first: Int32, _ second: Int32, witness: Int32) {
        let head = heads[Int(second)]
        if head >= 0, self.first[Int(head)] == first {
            self.witness[Int(head)] = witness
        } else {
            add(first, second, witness: witness)
        }
    }

    /// Takes all edges out.
    mutating func removeAll() {
        for edge in second.indices { heads[Int(second[edge])] = -1 }
        next.removeAll(keepingCapacity: true)
        first.removeAll(keepingCapacity: true)
        second.removeAll(keepingCapacity: true)
        witness.removeAll(keepingCapacity: true)
    }
}
