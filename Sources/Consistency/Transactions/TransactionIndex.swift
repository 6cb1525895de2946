/// What both kinds of histories need before anything is inferred: keys as small numbers, who
/// wrote what, and what a transaction did to a key before.
///
/// Everything is by micro-operation ("operation"), numbered over the whole history.
struct TransactionIndex {
    typealias Outcome = TransactionHistory.Outcome

    let history: TransactionHistory
    /// The transaction of each operation.
    private(set) var transactions: ContiguousArray<Int32>
    /// The key of each operation, as a number below ``keyCount``.
    private(set) var keys: ContiguousArray<Int32>
    /// The operation before it in its transaction on the same key, blind reads apart; -1 for none.
    private(set) var previous: ContiguousArray<Int32>
    /// Whether an update is followed by another in its transaction on the same key.
    private(set) var isIntermediate: ContiguousArray<Bool>
    /// Whether a key was given one element twice, so that nothing can be told of it.
    private(set) var isDuplicated: ContiguousArray<Bool>
    /// For each such key the second operation of the first pair, in order of keys.
    private(set) var duplicates: [(first: Int, second: Int)] = []
    private(set) var keyCount = 0
    /// Whether a transaction committed: it says so, or what it wrote was seen.
    private(set) var isCommitted: ContiguousArray<Bool>
    private var writers: NumberTable

    init(_ history: TransactionHistory) {
        self.history = history
        let count = history.operationCount
        transactions = ContiguousArray(repeating: 0, count: count)
        keys = ContiguousArray(repeating: 0, count: count)
        previous = ContiguousArray(repeating: -1, count: count)
        isIntermediate = ContiguousArray(repeating: false, count: count)
        isDuplicated = []
        isCommitted = ContiguousArray(history.outcomes.map { $0 == .ok })
        writers = NumberTable(capacity: count / 2)
        numberKeys()
        indexUpdates()
    }

    private mutating func numberKeys() {
        var numbers = NumberTable()
        // The latest operation on each key.
        var latest: ContiguousArray<Int32> = []
        var latestUpdate: ContiguousArray<Int32> = []
        for transaction in 0..<history.count {
            let operations = history.operations(transaction)
            for operation in operations {
                transactions[operation] = Int32(transaction)
                let raw = UInt64(UInt32(bitPattern: history.keys[operation]))
                let key = numbers.insert(raw, Int32(keyCount))
                keys[operation] = key
                if Int(key) == keyCount {
                    keyCount += 1
                    latest.append(-1)
                    latestUpdate.append(-1)
                }
                guard history.functions[operation] != .blindRead else { continue }
                let before = latest[Int(key)]
                if Int(before) >= operations.lowerBound { previous[operation] = before }
                latest[Int(key)] = Int32(operation)
                guard history.functions[operation] == .update else { continue }
                let updated = latestUpdate[Int(key)]
                if Int(updated) >= operations.lowerBound { isIntermediate[Int(updated)] = true }
                latestUpdate[Int(key)] = Int32(operation)
            }
        }
        isDuplicated = ContiguousArray(repeating: false, count: keyCount)
    }

    private mutating func indexUpdates() {
        for operation in 0..<history.operationCount
        where history.functions[operation] == .update {
            let key = Int(keys[operation])
            let value = history.arguments[operation]
            var first = writers.insert(name(key, value), Int32(operation))
            if history.kind == .readWriteRegister, value == 0 { first = -1 }
            guard Int(first) != operation, !isDuplicated[key] else { continue }
            isDuplicated[key] = true
            duplicates.append((first < 0 ? operation : Int(first), operation))
        }
    }

    private func name(_ key: Int, _ value: Int32) -> UInt64 {
        UInt64(UInt32(truncatingIfNeeded: key)) << 32 | UInt64(UInt32(bitPattern: value))
    }

    /// The operation that wrote `value` to `key`; -1 for none.
    func writer(_ key: Int, _ value: Int32) -> Int32 { writers[name(key, value)] }

    func transaction(_ operation: Int) -> Int { Int(transactions[operation]) }
    func outcome(of operation: Int) -> Outcome { history.outcomes[transaction(operation)] }
    /// The key as the history has it.
    func rawKey(_ operation: Int) -> Int32 { history.keys[operation] }
    func isUpdate(_ operation: Int) -> Bool { history.functions[operation] == .update }
    /// Whether its result counts: it is a read of a committed transaction with a result.
    func isKnownRead(_ operation: Int) -> Bool {
        history.functions[operation] == .read && outcome(of: operation) == .ok
    }

    /// Notes that what `operation` wrote was seen: an indefinite transaction did commit.
    mutating func noteSeen(_ operation: Int) {
        if outcome(of: operation) == .info { isCommitted[transaction(operation)] = true }
    }

    /// The first operation of those before `operation` in its transaction on its key.
    func isFirst(_ operation: Int) -> Bool { previous[operation] < 0 }
}
