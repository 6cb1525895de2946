/// Causal memory and PRAM by the least relation, computed by repetition on a matrix, as the rule is
/// written down: for histories of some dozens of operations with unique values, where not every
/// order can be tried.
package enum ReferenceViews {
    /// Whether every session of `history` has a view: for causal memory over the causal order,
    /// otherwise over what PRAM orders.
    package static func areConsistent(_ history: SessionHistory, causal: Bool) -> Bool {
        let count = history.count
        var sources = [Int?](repeating: nil, count: count)
        for read in 0..<count where history.isRead(read) {
            sources[read] = (0..<count).first { write in
                write != read && history.isWrite(write)
                    && history.keys[write] == history.keys[read]
                    && history.writes[write] == history.reads[read]
            }
            if sources[read] == nil, history.reads[read] != SessionHistory.absence { return false }
        }
        return (0..<history.sessionCount).allSatisfy { session in
            let own = history.operations(of: session)
            var base = Matrix(count)
            for index in 0..<count {
                for earlier in 0..<index where history.sessions[earlier] == history.sessions[index]
                {
                    base.insert(earlier, index)
                }
                if let source = sources[index], causal || own.contains(index) {
                    base.insert(source, index)
                }
            }
            return hasView(history, own, sources, base)
        }
    }

    private static func hasView(
        _ history: SessionHistory, _ own: Range<Int>, _ sources: [Int?], _ base: Matrix
    ) -> Bool {
        var relation = base
        while true {
            relation.close()
            let before = relation
            for read in own where history.isRead(read) {
                for write in 0..<history.count
                where history.isWrite(write) && write != sources[read]
                    && history.keys[write] == history.keys[read] && relation.contains(write, read)
                {
                    guard let source = sources[read] else { return false }
                    relation.insert(write, source)
                }
            }
            if (0..<history.count).contains(where: { relation.contains($0, $0) }) { return false }
            if relation == before { return true }
        }
    }

    private struct Matrix: Equatable {
        private var cells: [Bool]
        private let count: Int

        init(_ count: Int) {
            self.count = count
            cells = Array(repeating: false, count: count * count)
        }

        func contains(_ from: Int, _ to: Int) -> Bool { cells[from * count + to] }
        mutating func insert(_ from: Int, _ to: Int) { cells[from * count + to] = true }

        /// Makes it transitive (Warshall, 1962).
        mutating func close() {
            for middle in 0..<count {
                for from in 0..<count where cells[from * count + middle] {
                    for to in 0..<count where cells[middle * count + to] {
                        cells[from * count + to] = true
                    }
                }
            }
        }
    }
}
