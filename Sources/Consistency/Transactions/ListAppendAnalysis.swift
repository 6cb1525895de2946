/// The order of appends to each list, and where every read stands in it.
///
/// Elements are unique, so that a read tells the order of all appends before it (Kingsbury and
/// Alvaro, 2020). The longest read of a key is its order; every other must be a prefix. Elements
/// that no read saw come after all that were. From that follow all dependencies between
/// transactions: exactly, but for the order of unseen elements among themselves.
///
/// A position is a place in the order; the version that a read saw is the number of elements
/// before which it stopped.
struct ListAppendAnalysis {
    private(set) var index: TransactionIndex
    /// The operation that appended each element of the orders of all keys; -1 for none.
    private(set) var order: ContiguousArray<Int32> = []
    /// Where the order of each key starts.
    private(set) var orderStarts: ContiguousArray<Int32> = [0]
    /// The longest read of each key; -1 for none.
    private(set) var longest: ContiguousArray<Int32>
    /// The position of each append; -1 for one that is not in the order.
    private(set) var positions: ContiguousArray<Int32>
    /// The version that each known read saw; -1 for one that does not say.
    private(set) var versions: ContiguousArray<Int32>
    /// The first position in the order of each key of an aborted element, of one nobody appended.
    private(set) var firstAborted: ContiguousArray<Int32>
    private(set) var firstGarbage: ContiguousArray<Int32>
    /// Whether dependencies can be told of a key.
    private(set) var isUsable: ContiguousArray<Bool>
    /// Known reads that are no prefix of the longest one.
    private(set) var deviations: [Int] = []
    /// See ``nextCommitted()``.
    private(set) var next: ContiguousArray<Int32> = []

    private var history: TransactionHistory { index.history }

    init(_ index: TransactionIndex, _ findings: inout TransactionFindings) {
        self.index = index
        let count = index.history.operationCount
        longest = ContiguousArray(repeating: -1, count: index.keyCount)
        positions = ContiguousArray(repeating: -1, count: count)
        versions = ContiguousArray(repeating: -1, count: count)
        firstAborted = ContiguousArray(repeating: .max, count: index.keyCount)
        firstGarbage = ContiguousArray(repeating: .max, count: index.keyCount)
        isUsable = ContiguousArray(index.isDuplicated.map { !$0 })
        findLongest()
        layOrders(&findings)
        placeReads(&findings)
        next = nextCommitted()
    }

    private mutating func findLongest() {
        for operation in 0..<history.operationCount where index.isKnownRead(operation) {
            let key = Int(index.keys[operation])
            let length = history.lengths[operation]
            let best = Int(longest[key])
            if best < 0 || history.lengths[best] < length { longest[key] = Int32(operation) }
        }
    }

    private mutating func layOrders(_ findings: inout TransactionFindings) {
        for key in 0..<index.keyCount {
            let read = Int(longest[key])
            if read >= 0, isUsable[key] {
                var isRepeated = false
                for (place, element) in history.list(read).enumerated() {
                    let append = Int(index.writer(key, element))
                    order.append(Int32(truncatingIfNeeded: append))
                    guard append >= 0 else {
                        firstGarbage[key] = min(firstGarbage[key], Int32(place))
                        continue
                    }
                    if positions[append] >= 0 {
                        isRepeated = true
                    } else {
                        positions[append] = Int32(place)
                    }
                    index.noteSeen(append)
                    if index.outcome(of: append) == .fail {
                        firstAborted[key] = min(firstAborted[key], Int32(place))
                    }
                }
                if isRepeated {
                    addRepetition(read, &findings)
                    isUsable[key] = false
                }
            }
            orderStarts.append(Int32(order.count))
        }
    }

    private func addRepetition(_ read: Int, _ findings: inout TransactionFindings) {
        let reader = index.transaction(read)
        findings.add(.duplicateElements, [reader], key: index.rawKey(read)) { text in
            ["\(text.deed(read, by: reader)): an element is in it twice"]
        }
    }

    /// Compares each read with the order of its key.
    private mutating func placeReads(_ findings: inout TransactionFindings) {
        var isReported = ContiguousArray(repeating: false, count: index.keyCount)
        for operation in 0..<history.operationCount where index.isKnownRead(operation) {
            let key = Int(index.keys[operation])
            if index.isDuplicated[key] {
                placeUnordered(operation, key, &findings)
                continue
            }
            if isPrefix(operation, of: Int(longest[key])) {
                versions[operation] = history.lengths[operation]
                continue
            }
            deviations.append(operation)
            placeDeviation(operation, key, &findings)
            guard !isReported[key] else { continue }
            isReported[key] = true
            let best = Int(longest[key])
            let readers = [index.transaction(operation), index.transaction(best)]
            findings.add(.incompatibleOrder, readers, key: index.rawKey(operation)) { text in
                [
                    "\(text.deed(operation, by: readers[0])), but "
                        + "\(text.deed(best, by: readers[1])): neither is a prefix of the other"
                ]
            }
        }
    }

    private func isPrefix(_ read: Int, of other: Int) -> Bool {
        if read == other { return true }
        let start = Int(history.arguments[read])
        let length = Int(history.lengths[read])
        let origin = Int(history.arguments[other])
        for place in 0..<length
        where history.elements[start + place] != history.elements[origin + place] {
            return false
        }
        return true
    }

    /// A read that is no prefix: its last element may still be in the order.
    private mutating func placeDeviation(
        _ read: Int, _ key: Int, _ findings: inout TransactionFindings
    ) {
        var isRepeated = false
        var seen = NumberTable()
        var last = -1
        for element in history.list(read) {
            last = Int(index.writer(key, element))
            let name = UInt64(UInt32(bitPattern: element))
            if seen.insert(name, Int32(seen.count)) != Int32(seen.count) - 1 { isRepeated = true }
            if last >= 0 { index.noteSeen(last) }
        }
        if last >= 0, positions[last] >= 0, !isRepeated { versions[read] = positions[last] + 1 }
        if isRepeated { addRepetition(read, &findings) }
    }

    /// A read of a key that was given an element twice: only what nobody appended is told.
    private func placeUnordered(
        _ read: Int, _ key: Int, _ findings: inout TransactionFindings
    ) {
        for element in history.list(read) where index.writer(key, element) < 0 {
            addGarbage(element, read, &findings)
            break
        }
    }

    func addGarbage(_ element: Int32, _ read: Int, _ findings: inout TransactionFindings) {
        let reader = index.transaction(read)
        let key = index.rawKey(read)
        findings.add(.garbageRead, [reader], key: key) { text in
            [
                "\(text.deed(read, by: reader)), but nobody appended "
                    + "\(text.names.value(key, element))"
            ]
        }
    }

    /// The append at a position; -1 if nobody's.
    func append(_ key: Int, _ position: Int) -> Int {
        Int(order[Int(orderStarts[key]) + position])
    }

    /// How many positions the order of a key has.
    func length(_ key: Int) -> Int { Int(orderStarts[key + 1] - orderStarts[key]) }
}
