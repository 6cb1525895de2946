/// Decides models by what transactions see of each other (Cerone, Bernardi and Gotsman, "A
/// Framework for Transactional Consistency Models with Atomic Visibility", 2015), for histories of
/// a few transactions: some total order of them (arbitration), and for each a set of earlier ones
/// that it sees, explain what it read.
///
/// A transaction sees another as a whole or not at all. Of each key it finds the version of the
/// latest writer that it sees; in lists a version goes on from the one before it in the order.
package struct VisibilityOracle {
    /// What the sets must be like.
    package enum Level: CaseIterable, Sendable {
        case readAtomic
        /// Who sees a transaction sees all that it saw.
        case causal
        /// Sets are beginnings of the order.
        case prefix
        /// Causal, and of two writers of a key the later sees the earlier.
        case parallelSnapshotIsolation
        /// Prefix, and of two writers of a key the later sees the earlier.
        case snapshotIsolation
        /// Everything before is seen.
        case serializable

        /// The model by its name.
        package var model: TransactionModel {
            switch self {
            case .readAtomic: .readAtomic
            case .causal: .causal
            case .prefix: .prefix
            case .parallelSnapshotIsolation: .parallelSnapshotIsolation
            case .snapshotIsolation: .snapshotIsolation
            case .serializable: .serializable
            }
        }
    }

    private typealias Operation = SampleTransaction.Operation

    private struct Transaction {
        /// What it must find of each key that it reads before it has read it.
        var found: [Int: [Int32]] = [:]
        /// What it writes to each key, in order.
        var written: [Int: [Int32]] = [:]
        /// Lists that it saw with its own appends: what it found is what they went on from.
        var continued: Set<Int> = []
    }

    private let isList: Bool
    private var definite: [Transaction] = []
    private var indefinite: [Transaction] = []
    /// Whether each transaction agrees with itself.
    private var isCoherent = true

    /// An oracle for `sample`.
    package init(_ sample: SampleHistory) {
        isList = sample.kind == .listAppend
        for one in sample.transactions where one.outcome != .fail {
            let isKnown = one.outcome == .ok
            guard let made = transaction(one.operations, isKnown: isKnown) else {
                isCoherent = false
                return
            }
            if isKnown { definite.append(made) } else { indefinite.append(made) }
        }
    }

    private func transaction(_ operations: [Operation], isKnown: Bool) -> Transaction? {
        var made = Transaction()
        for operation in operations {
            let key = operation.key
            let own = made.written[key] ?? []
            if let value = operation.update {
                made.written[key] = own + [value]
            } else if isKnown, ReferencePhenomena.isKnownRead(operation) {
                let seen = ReferencePhenomena.seen(operation)
                if !isList, let last = own.last {
                    guard seen == [last] else { return nil }
                    continue
                }
                // A list ends in what was appended to it.
                guard seen.suffix(own.count).elementsEqual(own) else { return nil }
                let found = Array(seen.dropLast(own.count))
                guard made.found[key] ?? found == found else { return nil }
                made.found[key] = found
                if !own.isEmpty { made.continued.insert(key) }
            }
        }
        return made
    }

    /// Whether the history is one of `level`, with some of what may have happened.
    package func isAllowed(_ level: Level) -> Bool {
        guard isCoherent else { return false }
        return (0..<1 << indefinite.count).contains { bits in
            let some = indefinite.indices.filter { bits >> $0 & 1 == 1 }.map { indefinite[$0] }
            return hasOrder(definite + some, level)
        }
    }

    private func hasOrder(_ all: [Transaction], _ level: Level) -> Bool {
        var order: [Int] = []
        /// What each sees, in bits.
        var seen = Array(repeating: UInt32(0), count: all.count)
        /// What each leaves of the keys that it writes.
        var left: [[Int: [Int32]]] = Array(repeating: [:], count: all.count)
        func latest(_ key: Int, in set: UInt32) -> Int? {
            order.last { set >> UInt32($0) & 1 == 1 && left[$0][key] != nil }
        }
        /// The least set that explains what `next` read; more to see would only ask for more.
        func least(_ next: Int) -> UInt32? {
            var set: UInt32 = 0
            let one = all[next]
            for (key, found) in one.found where !found.isEmpty {
                guard let writer = order.last(where: { left[$0][key] == found }) else {
                    return nil
                }
                set |= 1 << UInt32(writer)
            }
            switch level {
            case .readAtomic, .causal, .prefix: break
            case .parallelSnapshotIsolation, .snapshotIsolation:
                for writer in order
                where left[writer].keys.contains(where: { one.written[$0] != nil }) {
                    set |= 1 << UInt32(writer)
                }
            case .serializable: for earlier in order { set |= 1 << UInt32(earlier) }
            }
            switch level {
            case .readAtomic, .serializable: break
            case .causal, .parallelSnapshotIsolation:
                for earlier in order where set >> UInt32(earlier) & 1 == 1 { set |= seen[earlier] }
            case .prefix, .snapshotIsolation:
                if let last = order.lastIndex(where: { set >> UInt32($0) & 1 == 1 }) {
                    for earlier in order[...last] { set |= 1 << UInt32(earlier) }
                }
            }
            let isExplained = one.found.allSatisfy { key, found in
                latest(key, in: set).flatMap { left[$0][key] } ?? [] == found
            }
            return isExplained ? set : nil
        }
        func extend(_ contents: [Int: [Int32]]) -> Bool {
            if order.count == all.count { return true }
            for next in all.indices where !order.contains(next) {
                guard
                    all[next].continued.allSatisfy({
                        all[next].found[$0] == contents[$0] ?? []
                    }), let set = least(next)
                else { continue }
                var contents = contents
                for (key, values) in all[next].written {
                    contents[key] = isList ? (contents[key] ?? []) + values : values.suffix(1)
                    left[next][key] = contents[key]
                }
                seen[next] = set
                order.append(next)
                if extend(contents) { return true }
                order.removeLast()
                left[next] = [:]
            }
            return false
        }
        return extend([:])
    }
}
