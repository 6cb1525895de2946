import Consistency
import Determinism
import Recording
import Testing

/// Every kind of object against trying every order, with objects written once more for this test.
@Suite struct ObjectKindTests {
    // MARK: The objects

    /// What an object holds: a scalar, elements, or a text.
    private typealias State = [HistoryValue]

    /// The states after `operation` in `state`, one for each way in which it may have taken effect.
    private static func following(
        _ state: State, _ operation: HistoryOperation, _ kind: ObjectKind
    ) -> [State] {
        let value = operation.value
        let isKnown = operation.outcome == .ok
        func number(_ value: HistoryValue?) -> Int64 {
            if case .integer(let number)? = value { number } else { 0 }
        }
        func text(_ value: HistoryValue?) -> String {
            if case .text(let text)? = value { text } else { "" }
        }
        switch (kind, operation.function) {
        case (.counter, .read): return number(value) == number(state.first) ? [state] : []
        case (.counter, _): return [[.integer(number(state.first) + number(value))]]
        case (.set, .read):
            guard case .list(let seen) = value else { return state.isEmpty ? [state] : [] }
            return Set(seen) == Set(state) ? [state] : []
        case (.set, .add): return [state.contains(value) ? state : state + [value]]
        case (.set, _): return [state.filter { $0 != value }]
        case (.listAppend, .read):
            guard case .list(let seen) = value else { return state.isEmpty ? [state] : [] }
            return seen == state ? [state] : []
        case (.listAppend, _): return [state + [value]]
        case (.queue, .enqueue): return [state + [value]]
        case (.queue, _):
            if !isKnown { return [Array(state.dropFirst())] }
            if value == .null { return state.isEmpty ? [state] : [] }
            return state.first == value ? [Array(state.dropFirst())] : []
        case (.mutex, .acquire): return state.isEmpty ? [[1]] : []
        case (.mutex, _): return state.isEmpty ? [] : [[]]
        case (.keyValue, .read): return text(value) == text(state.first) ? [state] : []
        case (.keyValue, .write): return [[value]]
        case (.keyValue, _): return [[.text(text(state.first) + text(value))]]
        case (_, .read): return value == state.first ?? .null ? [state] : []
        case (_, .write): return [[value]]
        case (_, .delete): return [[]]
        case (_, _):
            guard case .pair(let from, let to) = value else { return [] }
            if isKnown || from == state.first ?? .null {
                return from == state.first ?? .null ? [[to]] : []
            }
            return [state]
        }
    }

    private static func isLinearizable(
        _ operations: [HistoryOperation], _ kind: ObjectKind
    ) -> Bool {
        let all = operations.filter { $0.outcome != .fail }
        var used = Array(repeating: false, count: all.count)
        func extend(_ state: State) -> Bool {
            if all.indices.allSatisfy({ used[$0] || all[$0].outcome == .info }) { return true }
            for index in all.indices where !used[index] {
                let operation = all[index]
                // A read of which nothing is known tells nothing.
                if operation.function == .read, operation.outcome == .info { continue }
                let mayComeNext = all.indices.allSatisfy { other in
                    guard !used[other], other != index, all[other].outcome == .ok,
                        let returned = all[other].completed, let invoked = operation.invoked
                    else { return true }
                    return returned >= invoked
                }
                guard mayComeNext else { continue }
                used[index] = true
                if following(state, operation, kind).contains(where: extend) { return true }
                used[index] = false
            }
            return false
        }
        return extend([])
    }

    // MARK: Histories

    private static func value(
        _ function: HistoryFunction, _ kind: ObjectKind, _ random: inout RandomStream
    ) -> HistoryValue {
        func element(_ random: inout RandomStream) -> HistoryValue {
            .integer(Int64(1 + random.index(3)))
        }
        switch (kind, function) {
        case (.counter, .read): return .integer(Int64(random.index(4)))
        case (.set, .read), (.listAppend, .read):
            let all: [HistoryValue] = random.shuffled([1, 2, 3])
            let seen = Array(all.prefix(random.index(4)))
            return seen.isEmpty && random.chance(0.5) ? .null : .list(seen)
        case (.queue, .dequeue): return random.chance(0.2) ? .null : element(&random)
        case (.mutex, _), (_, .delete): return .null
        case (.keyValue, .read):
            return .text(["", "a", "b", "ab", "ba", "aa", "bab"][random.index(7)])
        case (.keyValue, _): return .text(["a", "b", "ab"][random.index(3)])
        case (_, .read): return random.chance(0.3) ? .null : element(&random)
        case (_, .cas):
            return .pair(
                from: random.chance(0.3) ? .null : element(&random), to: element(&random))
        case (_, _): return element(&random)
        }
    }

    private static func functions(_ kind: ObjectKind) -> [HistoryFunction] {
        switch kind {
        case .register: [.read, .write, .delete]
        case .casRegister, .multiRegister: [.read, .write, .cas, .delete]
        case .counter: [.read, .increment, .add]
        case .set: [.read, .add, .remove]
        case .listAppend: [.read, .append]
        case .queue: [.enqueue, .dequeue]
        case .mutex: [.acquire, .release]
        case .keyValue: [.read, .write, .append]
        }
    }

    private static func history(
        _ kind: ObjectKind, _ random: inout RandomStream
    ) -> [HistoryOperation] {
        var builder = HistoryBuilder()
        let functions = functions(kind)
        // Without removal or replacement more is known of what may come next.
        let used = random.chance(0.4) ? Array(functions.prefix(2)) : functions
        for _ in 0..<(2 + random.index(5)) {
            let function = used[random.index(used.count)]
            let invoked = Int64(random.index(12))
            let roll = random.unit()
            let outcome: HistoryOperation.Outcome = roll < 0.7 ? .ok : roll < 0.9 ? .info : .fail
            let isAnswer = function == .read || function == .dequeue
            let value = outcome != .ok && isAnswer ? .null : value(function, kind, &random)
            builder.add(
                function, value, from: invoked,
                to: outcome == .info ? nil : invoked + Int64(random.index(8)), outcome)
        }
        return builder.operations
    }

    @Test(arguments: ObjectKind.allCases, 0..<12)
    func everyOrderSaysTheSame(_ kind: ObjectKind, seed: UInt64) {
        var random = RandomStream(seed: seed, name: kind.rawValue)
        var verdicts: [CheckVerdict: Int] = [:]
        for _ in 0..<120 {
            let operations = Self.history(kind, &random)
            let expected = Self.isLinearizable(operations, kind)
            let result = Linearizability.check(operations, dataType: "default", kind: kind)
            let told = operations.map { operation in
                "\(operation.function.name) \(operation.value.summary) "
                    + "\(operation.invoked?.nanoseconds ?? 0)…"
                    + "\(operation.completed?.nanoseconds ?? -1) \(operation.outcome)"
            }
            #expect(
                result.verdict == (expected ? .valid : .invalid),
                "\(kind) seed \(seed): \(told)")
            verdicts[result.verdict, default: 0] += 1
            check(result, operations, kind, seed)
        }
        #expect(verdicts[.valid, default: 0] > 5 && verdicts[.invalid, default: 0] > 5)
    }

    /// The beginning that a violation names shows it, and nothing shorter does.
    private func check(
        _ result: CheckResult, _ operations: [HistoryOperation], _ kind: ObjectKind, _ seed: UInt64
    ) {
        guard let violation = result.violations.first, let shownBy = violation.shownBy,
            let last = operations.first(where: { $0.index == shownBy }),
            let end = last.completed
        else {
            #expect(result.verdict == .valid, "a violation without a shortest beginning")
            return
        }
        func prefix(_ isIn: (HistoryOperation) -> Bool) -> [HistoryOperation] {
            operations.compactMap { operation in
                guard let invoked = operation.invoked, invoked <= end else { return nil }
                var operation = operation
                if !isIn(operation) {
                    operation.completed = nil
                    operation.outcome = .info
                    switch operation.function {
                    case .read, .dequeue: operation.value = .null
                    default: break
                    }
                }
                return operation
            }
        }
        let shown = prefix { $0.completed.map { $0 <= end } ?? true }
        #expect(shown.count == violation.shortestPrefix)
        #expect(!Self.isLinearizable(shown, kind), "seed \(seed)")
        let before = prefix { $0.completed.map { $0 < end } ?? true }
        #expect(Self.isLinearizable(before, kind), "seed \(seed)")
    }

    @Test func operationsTellTheKind() {
        #expect(ObjectKind(functions: [.read, .write, .cas]) == .casRegister)
        #expect(ObjectKind(functions: [.read, .add]) == .set)
        #expect(ObjectKind(functions: [.read, .increment, .add]) == .counter)
        #expect(ObjectKind(functions: [.append, .read]) == .listAppend)
        #expect(ObjectKind(functions: [.enqueue, .dequeue]) == .queue)
        #expect(ObjectKind(functions: [.acquire, .release]) == .mutex)
        #expect(ObjectKind(functions: [.write, .append]) == nil)
        #expect(ObjectKind(functions: [.read, .delete]) == nil)
        #expect(ObjectKind(functions: [.service("login")]) == nil)
    }
}
