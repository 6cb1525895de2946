import Recording

extension History {
    /// The operations on single keys of a data type that were invoked, by key, in order of names.
    func keys(ofDataType name: String) -> [(name: String, operations: HistorySelection)] {
        guard let wanted = number(of: name) else { return [] }
        var positions: [[Int]] = []
        for position in indices {
            let operation = glance(position)
            guard operation.invoked != nil, operation.dataType == wanted,
                operation.function != .txn
            else { continue }
            while positions.count <= Int(operation.key) { positions.append([]) }
            positions[Int(operation.key)].append(position)
        }
        return positions.enumerated().filter { !$0.element.isEmpty }.map { key, places in
            (text(UInt32(key)), HistorySelection(self, places))
        }.sorted { $0.0 < $1.0 }
    }
}
