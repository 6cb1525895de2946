/// The dependencies that the orders of appends tell.
extension ListAppendAnalysis {
    private var history: TransactionHistory { index.history }

    /// Whether an element's transaction is a node of the graph.
    private func isNode(_ append: Int) -> Bool {
        append >= 0 && index.isCommitted[index.transaction(append)]
    }

    /// For each version of each key the next position from there on whose element a committed
    /// transaction appended; the length of the order where there is none.
    func nextCommitted() -> ContiguousArray<Int32> {
        var next = ContiguousArray<Int32>(repeating: 0, count: order.count + index.keyCount)
        for key in 0..<index.keyCount {
            let start = Int(orderStarts[key]) + key
            var following = length(key)
            next[start + following] = Int32(following)
            for position in stride(from: length(key) - 1, through: 0, by: -1) {
                if isNode(append(key, position)) { following = position }
                next[start + position] = Int32(following)
            }
        }
        return next
    }

    /// The next position of a committed append, from `position` on.
    func following(_ key: Int, _ position: Int) -> Int {
        Int(next[Int(orderStarts[key]) + key + position])
    }

    /// Adds every dependency by data.
    func addEdges(to edges: inout DependencyEdges) {
        edges.reserve(history.operationCount * 2)
        var unseen: [[Int]?] = []
        var tails: [Int] = []
        groupUnseen(&unseen)
        for key in 0..<index.keyCount where isUsable[key] {
            var last = -1
            var position = following(key, 0)
            while position < length(key) {
                let append = append(key, position)
                if last >= 0 {
                    edges.add(index.transaction(last), index.transaction(append), .ww, append)
                }
                last = append
                position = following(key, position + 1)
            }
            guard last >= 0, let appends = unseen[key] else { continue }
            for append in appends {
                edges.add(index.transaction(last), index.transaction(append), .ww, append)
            }
        }
        for read in 0..<history.operationCount where versions[read] >= 0 {
            addEdges(of: read, to: &edges, &tails)
        }
        addTails(tails, unseen, to: &edges)
    }

    private func addEdges(of read: Int, to edges: inout DependencyEdges, _ tails: inout [Int]) {
        let key = Int(index.keys[read])
        guard isUsable[key] else { return }
        let version = Int(versions[read])
        let before = Int(index.previous[read])
        // A read like the one before it tells nothing new.
        if before >= 0, versions[before] == versions[read] { return }
        let reader = index.transaction(read)
        if version > 0 {
            let append = append(key, version - 1)
            if append >= 0, index.transaction(append) == reader { return }
            if isNode(append) { edges.add(index.transaction(append), reader, .wr, read) }
        }
        let next = following(key, version)
        if next < length(key) {
            edges.add(reader, index.transaction(append(key, next)), .rw, read)
        } else {
            tails.append(read)
        }
    }

    /// Committed appends that no read saw, by key.
    private func groupUnseen(_ unseen: inout [[Int]?]) {
        unseen = Array(repeating: nil, count: index.keyCount)
        for append in 0..<history.operationCount
        where index.isUpdate(append) && positions[append] < 0 && isNode(append) {
            unseen[Int(index.keys[append]), default: []].append(append)
        }
    }

    /// Who read the last version of a key comes before all whose appends nobody saw.
    private func addTails(_ tails: [Int], _ unseen: [[Int]?], to edges: inout DependencyEdges) {
        var readers: [[(transaction: Int, witness: Int)]?] = Array(
            repeating: nil, count: index.keyCount)
        for read in tails where unseen[Int(index.keys[read])] != nil {
            readers[Int(index.keys[read]), default: []].append((index.transaction(read), read))
        }
        for key in 0..<index.keyCount {
            guard let readers = readers[key], let appends = unseen[key] else { continue }
            edges.addAll(from: readers, to: appends.map { index.transaction($0) })
        }
    }
}

extension Array {
    /// The element at an index, made if there is none.
    fileprivate subscript<Wrapped>(
        _ index: Int, default value: @autoclosure () -> Wrapped
    ) -> Wrapped where Element == Wrapped? {
        get { self[index] ?? value() }
        _modify {
            var element = self[index].take() ?? value()
            defer { self[index] = element }
            yield &element
        }
    }
}
