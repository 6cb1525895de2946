/// Decides models by trying every order, straight from their definitions, for histories of a few
/// transactions.
package struct TransactionOracle {
    private enum Value: Hashable {
        case list([Int32])
        case register(Int32)
    }

    private static let keyCount = 3

    private let transactions: [SampleTransaction]
    private let initial: [Value]
    /// Those that must be carried out, and those that may.
    private let definite: [Int]
    private let indefinite: [Int]

    /// An oracle for `history`.
    package init(_ history: SampleHistory) {
        transactions = history.transactions
        let empty: Value = history.kind == .listAppend ? .list([]) : .register(0)
        initial = Array(repeating: empty, count: Self.keyCount)
        let all = history.transactions
        definite = all.indices.filter { all[$0].outcome == .ok }
        indefinite = all.indices.filter { all[$0].outcome == .info }
    }

    /// What must be over before another may begin.
    package enum Order: Sendable {
        case none
        case sessions
        case realtime
    }

    private func precedes(_ one: Int, _ other: Int, _ order: Order) -> Bool {
        let (first, second) = (transactions[one], transactions[other])
        guard order != .none, first.outcome == .ok, let returned = first.returned else {
            return false
        }
        if first.process == second.process, returned <= second.invoked,
            (first.invoked, one) < (second.invoked, other)
        {
            return true
        }
        return order == .realtime && returned < second.invoked
    }

    /// The state after a transaction; `nil` if it did not see what it says.
    private func apply(_ number: Int, to state: [Value]) -> [Value]? {
        var state = state
        let isKnown = transactions[number].outcome == .ok
        for operation in transactions[number].operations {
            switch operation {
            case .append(let key, let element):
                guard case .list(let list) = state[key] else { return nil }
                state[key] = .list(list + [element])
            case .write(let key, let value): state[key] = .register(value)
            case .readList(let key, let list):
                if isKnown, state[key] != .list(list) { return nil }
            case .readValue(let key, let value):
                if isKnown, state[key] != .register(value) { return nil }
            case .readUnknown: break
            }
        }
        return state
    }

    private func subsets() -> [[Int]] {
        (0..<(1 << indefinite.count)).map { bits in
            definite + indefinite.indices.filter { bits & (1 << $0) != 0 }.map { indefinite[$0] }
        }
    }

    /// Whether the transactions, one after the other in some order, give what was seen.
    package func isSerializable(_ order: Order = .none) -> Bool {
        subsets().contains { chosen in
            var isDone = Array(repeating: false, count: transactions.count)
            func extend(_ state: [Value], _ left: Int) -> Bool {
                if left == 0 { return true }
                for next in chosen where !isDone[next] {
                    guard chosen.allSatisfy({ isDone[$0] || !precedes($0, next, order) }),
                        let following = apply(next, to: state)
                    else { continue }
                    isDone[next] = true
                    if extend(following, left - 1) { return true }
                    isDone[next] = false
                }
                return false
            }
            return extend(initial, chosen.count)
        }
    }

    /// Whether the transactions, each on a snapshot of what was committed when it started, and
    /// none overwriting what another committed since, give what was seen (Adya's PL-SI with
    /// snapshots that may be old).
    package func isSnapshotIsolated(_ order: Order = .none) -> Bool {
        subsets().contains { chosen in
            var isStarted = Array(repeating: false, count: transactions.count)
            var isDone = isStarted
            var results: [[Value]] = Array(repeating: initial, count: transactions.count)
            var conflicts = Array(repeating: false, count: transactions.count)
            let written = transactions.map { one in
                (0..<Self.keyCount).filter { key in
                    one.operations.contains { $0.key == key && $0.update != nil }
                }
            }
            func extend(_ state: [Value], _ left: Int) -> Bool {
                if left == 0 { return true }
                for next in chosen where !isDone[next] {
                    if !isStarted[next] {
                        guard chosen.allSatisfy({ isDone[$0] || !precedes($0, next, order) }),
                            let result = apply(next, to: state)
                        else { continue }
                        isStarted[next] = true
                        results[next] = result
                        if extend(state, left - 1) { return true }
                        isStarted[next] = false
                        continue
                    }
                    if conflicts[next] { continue }
                    let before = conflicts
                    var following = state
                    for key in written[next] { following[key] = results[next][key] }
                    for other in chosen where isStarted[other] && !isDone[other] && other != next {
                        if written[other].contains(where: written[next].contains) {
                            conflicts[other] = true
                        }
                    }
                    isDone[next] = true
                    if extend(following, left - 1) { return true }
                    isDone[next] = false
                    conflicts = before
                }
                return false
            }
            return extend(initial, chosen.count * 2)
        }
    }
}

extension TransactionOracle {
    /// The models that it decides.
    package static let models: [TransactionModel] = [
        .serializable, .strongSessionSerializable, .strictSerializable, .snapshotIsolation,
        .strongSessionSnapshotIsolation, .strongSnapshotIsolation,
    ]

    /// Which of ``models`` hold, in their order. What follows from the definitions is not tried
    /// again: one after the other is a way to run under snapshot isolation too.
    package func satisfied() -> [Bool] {
        let isStrict = isSerializable(.realtime)
        let isSession = isStrict || isSerializable(.sessions)
        let isSerial = isSession || isSerializable()
        let isStrongSI = isStrict || isSnapshotIsolated(.realtime)
        let isSessionSI = isStrongSI || isSession || isSnapshotIsolated(.sessions)
        let isSI = isSessionSI || isSerial || isSnapshotIsolated()
        return [isSerial, isSession, isStrict, isSI, isSessionSI, isStrongSI]
    }
}
