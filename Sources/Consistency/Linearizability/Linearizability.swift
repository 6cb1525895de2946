import Determinism
import Recording
import Replication

/// Whether a history is linearizable (Herlihy and Wing, 1990): every operation seems to take
/// effect at one instant between its invocation and its return.
///
/// Linearizability is local: a history is linearizable if it is for each key. Keys are checked one
/// by one, in order; none may spend more than half of what is left of the budget, so that one
/// hard key does not hide a violation in another.
public enum Linearizability {
    /// Checks the operations of `history` on `dataType`, whose keys are objects of `kind`.
    public static func check(
        _ history: [HistoryOperation], dataType: String, kind: ObjectKind,
        budget: CheckBudget = CheckBudget()
    ) -> CheckResult {
        check(History(history), dataType: dataType, kind: kind, budget: budget)
    }

    /// Checks the operations of `history` on `dataType`, whose keys are objects of `kind`. An
    /// operation without a key works on the one object that there is.
    public static func check(
        _ history: History, dataType: String, kind: ObjectKind,
        budget: CheckBudget = CheckBudget()
    ) -> CheckResult {
        var result = CheckResult(verdict: .valid, checked: 0)
        var positions: [[Int]] = []
        var uncovered = Set<String>()
        guard let wanted = history.number(of: dataType) else { return result }
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.invoked != nil, operation.dataType == wanted else { continue }
            result.checked += 1
            let key = Int(operation.key)
            if !kind.covers(operation.function) {
                result.verdict = .unknown
                result.reason =
                    "operation \(history[position].index), \(operation.function.name), is not one "
                    + "of a \(kind.rawValue)"
                uncovered.insert(history.text(operation.key))
            }
            while positions.count <= key { positions.append([]) }
            positions[key].append(position)
        }
        var keys: [String: [Int]] = [:]
        for (key, places) in positions.enumerated() where !places.isEmpty {
            keys[history.text(UInt32(key))] = places
        }
        var spent = 0
        var exhausted: [String] = []
        for key in keys.keys.sorted() where !uncovered.contains(key) {
            let operations = HistorySelection(history, keys[key] ?? [])
            var share = budget
            share.statesMax = max(1, (budget.statesMax - spent) / 2)
            let search = outcome(operations, kind, share)
            spent += search.states
            switch search.outcome {
            case .searched(.found): break
            case .searched(.exhausted): exhausted.append(key)
            case .contradiction(let found):
                result.violations.append(violation(dataType, key, operations, found))
            case .searched(.none(let prefix, let stuck)):
                result.violations.append(
                    violation(dataType, key, operations, prefix: prefix, stuck: stuck))
            }
        }
        result.states = spent
        if !exhausted.isEmpty {
            result.verdict = .unknown
            result.reason =
                "gave up on \(exhausted.count) of \(keys.count) keys (key \(exhausted[0]) first) after "
                + "\(spent) states, with a budget of \(budget.statesMax) states and "
                + "\(budget.bytesMax >> 20) MB"
        }
        if !result.violations.isEmpty { result.verdict = .invalid }
        return result
    }

    private enum KeyOutcome {
        case searched(SearchOutcome)
        case contradiction(RegisterZones.Contradiction)
    }

    /// From so many operations on a key on, what the times alone decide is not searched for as
    /// well: for a long history that would take longer than all else.
    private static let decisiveMin = 10_000

    private static func outcome(
        _ operations: HistorySelection, _ kind: ObjectKind, _ budget: CheckBudget
    ) -> (outcome: KeyOutcome, states: Int) {
        var history = KeyHistory(operations)
        func searched<Model: ObjectModel>(
            _ model: Model, _ calls: [ObjectCall<Model.Call>]
        ) -> (outcome: KeyOutcome, states: Int) {
            let searched = search(model, calls, budget: budget)
            return (.searched(searched.outcome), searched.states)
        }
        switch kind {
        case .register, .casRegister, .multiRegister:
            let calls = history.registerCalls()
            let zones = RegisterZones(calls)
            if let found = zones.contradiction { return (.contradiction(found), 0) }
            if zones.isDecisive, calls.count > decisiveMin { return (.searched(.found([])), 0) }
            let result = search(
                RegisterModel(calls, valueCount: history.valueCount), calls, budget: budget)
            if result.outcome == .exhausted, zones.isDecisive {
                return (.searched(.found([])), result.states)
            }
            return (.searched(result.outcome), result.states)
        case .counter: return searched(CounterModel(), history.counterCalls())
        case .mutex: return searched(MutexModel(), history.mutexCalls())
        case .listAppend:
            var model = ListModel()
            let calls = history.listCalls(&model)
            return searched(model, calls)
        case .set:
            var model = SetModel()
            let calls = history.setCalls(&model)
            return searched(model, calls)
        case .queue:
            var model = QueueModel()
            let calls = history.queueCalls(&model)
            return searched(model, calls)
        case .keyValue:
            var model = TextModel()
            let calls = history.textCalls(&model)
            return searched(model, calls)
        }
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

    private static func violation(
        _ dataType: String, _ key: String, _ operations: HistorySelection, prefix: [Int],
        stuck: [Int]
    ) -> Violation {
        func found(_ index: Int) -> HistoryOperation? { operations.first { $0.index == index } }
        let first = stuck.first.flatMap(found)
        let last = prefix.last { index in found(index)?.function.isUpdate ?? false }
        var reason = "no order explains key \(key)"
        if let first { reason += ": \(describe(first)) had to take effect before it returned" }
        if let last = last.flatMap(found) {
            reason += "; the best order found has \(describe(last)) as the last update before it"
        }
        return Violation(
            dataType: dataType, key: key, operations: stuck, prefix: prefix, reason: reason)
    }

    private static func violation(
        _ dataType: String, _ key: String, _ operations: HistorySelection,
        _ found: RegisterZones.Contradiction
    ) -> Violation {
        func described(_ index: Int) -> String {
            operations.first { $0.index == index }.map(describe) ?? "operation \(index)"
        }
        let first = described(found.first)
        let last = described(found.last)
        let reason: String
        if found.between == found.first {
            reason = "key \(key): \(first) returned before \(last) was invoked"
        } else if found.first == found.last {
            reason =
                "key \(key): \(last) was invoked when \(described(found.between)) had already taken effect"
        } else {
            reason =
                "key \(key) held one value from \(first) to \(last), and yet "
                + "\(described(found.between)) took effect in between"
        }
        var seen = Set<Int>()
        return Violation(
            dataType: dataType, key: key,
            operations: [found.last, found.between, found.first].filter {
                seen.insert($0).inserted
            },
            prefix: [], reason: reason)
    }

    private static func describe(_ operation: HistoryOperation) -> String {
        let answer = operation.function == .read ? " of" : ""
        let value = operation.value == .null ? "" : " \(operation.value.summary)"
        let shown = operation.function == .read && value.isEmpty ? " nothing" : value
        return "operation \(operation.index) (\(operation.function.name)\(answer)\(shown))"
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
