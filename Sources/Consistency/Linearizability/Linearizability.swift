import Determinism
import Recording
import Replication

/// Whether a history is linearizable (Herlihy and Wing, 1990): every operation seems to take
/// effect at one instant between its invocation and its return.
///
/// Linearizability is local: a history is linearizable if it is for each key, so keys are checked
/// one by one, and may be at the same time. Each has a small share of the budget first; then those
/// that need more get half of what is left, one after the other in the order of their names, so
/// that one hard key does not hide a violation in another.
public enum Linearizability {
    /// Of how many keys with a violation the shortest prefix that shows it is looked for.
    package static let shortenedMax = 4

    /// Checks the operations of `history` on `dataType`, whose keys are objects of `kind`.
    public static func check(
        _ history: [HistoryOperation], dataType: String, kind: ObjectKind,
        budget: CheckBudget = CheckBudget()
    ) -> CheckResult {
        check(History(history), dataType: dataType, kind: kind, budget: budget)
    }

    /// Checks the operations of `history` on `dataType`, whose keys are objects of `kind`. An
    /// operation without a key works on the one object that there is. Keys are gone through by
    /// `loop`; whatever it is, the result is the same.
    public static func check(
        _ history: History, dataType: String, kind: ObjectKind,
        budget: CheckBudget = CheckBudget(), loop: KeyLoop = .sequential
    ) -> CheckResult {
        check(history, dataType: dataType, kind: kind, budget: budget, loop: loop, method: .fast)
    }

    /// The same by a method of choice. Of up to `shortenedMax` keys with a violation the shortest
    /// prefix that shows it is looked for.
    package static func check(
        _ history: History, dataType: String, kind: ObjectKind,
        budget: CheckBudget = CheckBudget(), loop: KeyLoop = .sequential,
        method: LinearizabilityMethod, shortenedMax: Int = Self.shortenedMax
    ) -> CheckResult {
        var result = CheckResult(verdict: .valid, checked: 0)
        let keys = keys(of: history, dataType, kind, method, &result)
        let findings = findings(keys.map(\.check), budget, loop)
        result.states = findings.reduce(0) { $0 + $1.states }
        var exhausted: [String] = []
        var left = budget
        left.statesMax = max(0, budget.statesMax - result.states) / max(1, shortenedMax)
        for (key, finding) in zip(keys, findings) {
            switch finding.outcome {
            case .valid: break
            case .exhausted: exhausted.append(key.name)
            case .contradiction, .disordered:
                let isShortened = result.violations.count < shortenedMax
                result.violations.append(
                    Violation(
                        dataType, key.name, key.check, finding,
                        shortened: isShortened ? key.check.shortestPrefix(budget: left) : nil))
            }
        }
        if !exhausted.isEmpty {
            result.verdict = .unknown
            result.reason =
                "gave up on \(exhausted.count) of \(keys.count) keys (key \(exhausted[0]) first) after "
                + "\(result.states) states, with a budget of \(budget.statesMax) states and "
                + "\(budget.bytesMax >> 20) MB"
        }
        if !result.violations.isEmpty { result.verdict = .invalid }
        return result
    }

    private typealias Key = (name: String, check: KeyCheck)

    /// The keys that can be checked, in order of their names.
    private static func keys(
        of history: History, _ dataType: String, _ kind: ObjectKind,
        _ method: LinearizabilityMethod, _ result: inout CheckResult
    ) -> [Key] {
        guard let wanted = history.number(of: dataType) else { return [] }
        var positions: [[Int]] = []
        var uncovered = Set<Int>()
        var transactions: [Int] = []
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.invoked != nil, operation.dataType == wanted else { continue }
            if operation.function == .txn {
                transactions.append(position)
                continue
            }
            result.checked += 1
            let key = Int(operation.key)
            if !kind.covers(operation.function) {
                result.verdict = .unknown
                result.reason =
                    "operation \(history[position].index), \(operation.function.name), is not one "
                    + "of a \(kind.rawValue)"
                uncovered.insert(key)
            }
            while positions.count <= key { positions.append([]) }
            positions[key].append(position)
        }
        for key in keys(ofTransactions: transactions, of: history)
        where positions.indices.contains(key) && !positions[key].isEmpty {
            result.verdict = .unknown
            result.reason = "transactions work on key \(history.text(UInt32(key))), too"
            uncovered.insert(key)
        }
        var keys: [Key] = []
        for (key, places) in positions.enumerated()
        where !places.isEmpty && !uncovered.contains(key) {
            keys.append(
                (
                    history.text(UInt32(key)),
                    KeyCheck(
                        operations: HistorySelection(history, places), kind: kind, method: method)
                ))
        }
        return keys.sorted { $0.name < $1.name }
    }

    /// The keys that transactions work on, by their numbers: what single operations saw there
    /// cannot be explained without them.
    private static func keys(
        ofTransactions positions: [Int], of history: History
    ) -> [Int] {
        let elements = history.elements
        var numbers = ScalarNumbers()
        for position in positions {
            guard let parts = history.transactionGlance(position)?.parts else { continue }
            var place = parts.lowerBound
            while place < parts.upperBound {
                _ = numbers.number(elements[place + 1])
                place += 2 + MicroOperationHeader(elements[place]).count
            }
        }
        return numbers.scalars.compactMap { scalar in
            history.number(of: history.value(of: scalar).keyText).map { Int($0) }
        }
    }

    private static func findings(
        _ checks: [KeyCheck], _ budget: CheckBudget, _ loop: KeyLoop
    ) -> [KeyCheck.Finding] {
        guard !checks.isEmpty else { return [] }
        var share = budget
        if checks.count > 1 {
            share.statesMax = min(
                budget.statesMax, max(1_000, budget.statesMax / (4 * checks.count)))
        }
        var findings = loop.map(checks.count) { [share] index in checks[index].run(budget: share) }
        var left = budget.statesMax - findings.reduce(0) { $0 + $1.states }
        var waiting = findings.indices.filter { findings[$0].isExhausted }
        while let index = waiting.first {
            waiting.removeFirst()
            var more = budget
            more.statesMax = waiting.isEmpty ? left : left / 2
            guard more.statesMax > share.statesMax else { continue }
            let spent = findings[index].states
            findings[index] = checks[index].run(budget: more)
            left -= findings[index].states
            findings[index].states += spent
        }
        return findings
    }

    /// Looks for an order of `calls` that `model` allows; also says how many configurations it
    /// went through.
    ///
    /// Where there are hints a search that they guide comes first: with true hints it hardly ever
    /// goes back. It may not take long, for with wrong ones it is no better than another.
    public static func search<Model: ObjectModel>(
        _ model: Model, _ calls: [ObjectCall<Model.Call>], budget: CheckBudget = CheckBudget()
    ) -> (outcome: SearchOutcome, states: Int) {
        var budget = budget
        var spent = 0
        if calls.contains(where: { $0.hint != nil }) {
            var share = budget
            share.statesMax = min(budget.statesMax / 2, 10_000 + 4 * calls.count)
            var search = LinearizationSearch(model: model, calls: calls, isGuided: true)
            let outcome = search.run(budget: share)
            if outcome != .exhausted { return (outcome, search.states) }
            spent = search.states
            budget.statesMax -= spent
        }
        var search = LinearizationSearch(model: model, calls: calls)
        let outcome = search.run(budget: budget)
        return (outcome, spent + search.states)
    }
}

/// How a search for an order of operations ended.
public enum SearchOutcome: Hashable, Sendable {
    /// There is an order: the identities of the operations in it.
    case found([Int])
    /// There is none. The longest order found, and the operations one of which had to be next; the
    /// first of them is the one that returned first.
    case none(prefix: [Int], stuck: [Int])
    /// The budget was used up.
    case exhausted
}
