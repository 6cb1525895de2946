/// What is wrong with a history of a few transactions by the words of Adya ("Weak Consistency",
/// 1999) and of Elle: under every order of versions that reads allow, by closing relations.
///
/// Committed is what says so, and what was seen though its outcome is unknown. In lists every read
/// is a beginning of the order; in registers a version that a transaction wrote comes after the
/// one that it read (``TransactionCheckOptions/writesFollowReads``).
package struct ReferencePhenomena {
    typealias Operation = SampleTransaction.Operation

    let kind: TransactionHistory.Kind
    let transactions: [SampleTransaction]
    let keys: [Int]
    /// Who wrote what to each key.
    private(set) var writers: [[Int32: Int]] = []
    private(set) var isCommitted: [Bool]

    private init(_ sample: SampleHistory) {
        kind = sample.kind
        transactions = sample.transactions
        let highest = transactions.flatMap(\.operations).map(\.key).max() ?? -1
        keys = Array(0..<highest + 1)
        writers = Array(repeating: [:], count: keys.count)
        isCommitted = transactions.map { $0.outcome == .ok }
        for (number, one) in transactions.enumerated() {
            for operation in one.operations {
                if let value = operation.update { writers[operation.key][value] = number }
            }
        }
        for one in transactions where one.outcome == .ok {
            for operation in one.operations {
                for value in Self.seen(operation) {
                    if let writer = writers[operation.key][value],
                        transactions[writer].outcome == .info
                    {
                        isCommitted[writer] = true
                    }
                }
            }
        }
    }

    static func seen(_ operation: Operation) -> [Int32] {
        switch operation {
        case .readList(_, let list): list
        case .readValue(_, let value): value == 0 ? [] : [value]
        case .append, .write, .readUnknown: []
        }
    }

    static func isKnownRead(_ operation: Operation) -> Bool {
        switch operation {
        case .readList, .readValue: true
        case .append, .write, .readUnknown: false
        }
    }

    /// The models that forbid what is wrong with `sample` under every order of versions; and those
    /// that an order would decide where reads allow none.
    package static func judge(
        _ sample: SampleHistory
    ) -> (broken: Set<TransactionModel>, undecided: Set<TransactionModel>) {
        let history = ReferencePhenomena(sample)
        let own = history.ownPhenomena()
        let orders = history.keys.map { history.orders($0) }
        if orders.contains(where: \.isEmpty) {
            let found = own + [sample.kind == .listAppend ? .incompatibleOrder : .cyclicVersions]
            let broken = Set(TransactionModel.allCases.filter { $0.isBroken(by: found) })
            return (broken, Set(TransactionModel.allCases).subtracting(broken))
        }
        var broken = Set(TransactionModel.allCases)
        var chosen: [[Int32]] = []
        func choose() {
            guard chosen.count < orders.count else {
                let found = own + history.cycles(chosen)
                broken = broken.filter { $0.isBroken(by: found) }
                return
            }
            for order in orders[chosen.count] {
                chosen.append(order)
                choose()
                chosen.removeLast()
            }
        }
        choose()
        return (broken, [])
    }
}

/// What single transactions show.
extension ReferencePhenomena {
    private func ownPhenomena() -> [AnomalyClass] {
        var found = Set<AnomalyClass>()
        for (number, one) in transactions.enumerated() where one.outcome == .ok {
            for (place, read) in one.operations.enumerated() where Self.isKnownRead(read) {
                found.formUnion(phenomena(of: read, in: number))
                let later = one.operations[place...].filter { $0.key == read.key }
                if later.contains(where: { $0.update.map(Self.seen(read).contains) ?? false }) {
                    found.insert(.futureRead)
                }
                if contradicts(read, one.operations[..<place].filter { $0.key == read.key }) {
                    found.insert(.internal)
                }
            }
        }
        if hasLostUpdate { found.insert(.lostUpdate) }
        return found.sorted()
    }

    private func phenomena(of read: Operation, in number: Int) -> [AnomalyClass] {
        let seen = Self.seen(read)
        var found: [AnomalyClass] = []
        if Set(seen).count < seen.count { found.append(.duplicateElements) }
        for value in seen {
            guard let writer = writers[read.key][value] else {
                found.append(.garbageRead)
                continue
            }
            if transactions[writer].outcome == .fail { found.append(.g1a) }
        }
        if let last = seen.last, let writer = writers[read.key][last], writer != number,
            transactions[writer].outcome != .fail, finals(writer, read.key).last != last
        {
            found.append(.g1b)
        }
        return found
    }

    /// What a transaction wrote to a key, in order.
    private func finals(_ number: Int, _ key: Int) -> [Int32] {
        transactions[number].operations.filter { $0.key == key }.compactMap(\.update)
    }

    /// Whether a read disagrees with what its transaction did to the key before.
    private func contradicts(_ read: Operation, _ before: [Operation]) -> Bool {
        switch read {
        case .readList(_, let seen):
            let lastRead = before.lastIndex(where: Self.isKnownRead)
            let own = before[((lastRead ?? -1) + 1)...].compactMap(\.update)
            if let lastRead { return seen != Self.seen(before[lastRead]) + own }
            return !seen.reversed().starts(with: own.reversed())
        case .readValue(_, let seen):
            for operation in before.reversed() {
                switch operation {
                case .write(_, let value), .readValue(_, let value): return value != seen
                case .append, .readList, .readUnknown: continue
                }
            }
            return false
        case .append, .write, .readUnknown: return false
        }
    }

    /// Whether two transactions read one version of a key before anything else there, and then
    /// wrote the key.
    private var hasLostUpdate: Bool {
        keys.contains { key in
            var versions: [[Int32]] = []
            for (number, one) in transactions.enumerated() where one.outcome == .ok {
                let operations = one.operations.filter {
                    $0.key == key && ($0.update != nil || Self.isKnownRead($0))
                }
                guard let first = operations.first, Self.isKnownRead(first),
                    operations.contains(where: { $0.update != nil }),
                    isVersion(first, readBy: number)
                else { continue }
                versions.append(Self.seen(first))
            }
            return Set(versions).count < versions.count
        }
    }

    /// Whether a read of a register saw what another committed transaction left, or absence.
    func isVersion(_ read: Operation, readBy number: Int) -> Bool {
        guard case .readValue(let key, let value) = read, value != 0 else { return true }
        guard let writer = writers[key][value] else { return false }
        return writer != number && isCommitted[writer] && finals(writer, key).last == value
    }
}

/// Orders of versions.
extension ReferencePhenomena {
    /// Every order of the versions of a key that reads allow.
    private func orders(_ key: Int) -> [[Int32]] {
        kind == .listAppend ? listOrders(key) : registerOrders(key)
    }

    private func listOrders(_ key: Int) -> [[Int32]] {
        let reads = transactions.filter { $0.outcome == .ok }.flatMap(\.operations)
            .filter { $0.key == key && Self.isKnownRead($0) }.map(Self.seen)
        let longest = reads.max { $0.count < $1.count } ?? []
        guard reads.allSatisfy({ longest.starts(with: $0) }), Set(longest).count == longest.count
        else { return [] }
        let own = transactions.indices.filter { isCommitted[$0] }.map { finals($0, key) }
        let unseen = own.joined().filter { !longest.contains($0) }
        return Self.permutations(Array(unseen)).map { longest + $0 }.filter { order in
            own.allSatisfy { appended in order.filter(appended.contains) == appended }
        }
    }

    private func registerOrders(_ key: Int) -> [[Int32]] {
        let versions = transactions.indices.filter { isCommitted[$0] }
            .compactMap { finals($0, key).last }
        // What must come before what.
        var pairs: [(Int32, Int32)] = []
        for (number, one) in transactions.enumerated() where one.outcome == .ok {
            let first = one.operations.first {
                $0.key == key && ($0.update != nil || Self.isKnownRead($0))
            }
            guard let first, case .readValue(_, let value) = first, value != 0,
                isVersion(first, readBy: number), let left = finals(number, key).last
            else { continue }
            pairs.append((value, left))
        }
        return Self.permutations(versions).filter { order in
            pairs.allSatisfy { before, after in
                order.firstIndex(of: before) ?? 0 < order.firstIndex(of: after) ?? 0
            }
        }
    }

    private static func permutations(_ values: [Int32]) -> [[Int32]] {
        guard !values.isEmpty else { return [[]] }
        return values.indices.flatMap { place in
            var rest = values
            let first = rest.remove(at: place)
            return permutations(rest).map { [first] + $0 }
        }
    }

}
