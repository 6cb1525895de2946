import Determinism
import Recording

/// The operations on one key, made ready for the search: tokens are numbers, what cannot matter is
/// left out, and what must have happened before something that was seen is bounded in time.
///
/// - Failed operations did not happen. One kind is an observation: a compare-and-set that did not
///   match and says what it found.
/// - A read without an answer tells nothing.
/// - An update with unknown outcome whose value nothing can have seen is left out: with it or
///   without it every answer is the same.
/// - One whose value was seen, and which alone can have written it, did happen, and before the
///   first operation that saw it returned.
struct KeyHistory {
    /// Operations of one key that were invoked, in order of the history.
    let operations: HistorySelection
    /// Numbers of tokens as clients make them, and of other texts.
    private var tokens: [ClientToken: Int64] = [:]
    private var texts: [String: Int64] = [:]

    init(_ operations: HistorySelection) { self.operations = operations }

    /// How many numbers are in use for tokens; 0 stands for absence.
    var valueCount: Int { tokens.count + texts.count + 1 }

    private mutating func number(_ text: String?) -> Int64 {
        guard let text else { return 0 }
        if let token = ClientToken(text) { return number(token) }
        if let known = texts[text] { return known }
        let number = Int64(valueCount)
        texts[text] = number
        return number
    }

    private mutating func number(_ token: ClientToken) -> Int64 {
        if let known = tokens[token] { return known }
        let number = Int64(valueCount)
        tokens[token] = number
        return number
    }

    private func made<Call: Hashable & Sendable>(
        _ operation: HistoryOperation, _ call: Call
    ) -> ObjectCall<Call> {
        let isDefinite = operation.outcome != .info
        return ObjectCall(
            identity: operation.index, invoked: operation.invoked?.nanoseconds ?? 0,
            returned: isDefinite ? operation.completed?.nanoseconds : nil, call: call,
            hint: Self.hint(operation.version))
    }

    // MARK: Registers

    mutating func registerCalls() -> [ObjectCall<RegisterModel.Call>] {
        var calls: [ObjectCall<RegisterModel.Call>] = []
        calls.reserveCapacity(operations.count)
        for index in operations.indices {
            if let glance = operations.registerGlance(index) {
                let value = glance.token.map { number($0) } ?? 0
                calls.append(
                    ObjectCall(
                        identity: glance.index, invoked: glance.invoked?.nanoseconds ?? 0,
                        returned: glance.completed?.nanoseconds,
                        call: glance.isWrite ? .write(value) : .read(value)))
                continue
            }
            let operation = operations[index]
            if let call = registerCall(operation) { calls.append(made(operation, call)) }
        }
        return Self.hinted(Self.bounded(Self.relevant(calls)))
    }

    /// What a register can be seen as holding; `nil` for what it never holds.
    private mutating func seen(_ value: HistoryValue) -> Int64? {
        switch value {
        case .null: 0
        case .text(let token): number(token)
        case .integer(let amount): number(String(amount))
        case .list(let tokens): tokens.count > 1 ? nil : number(tokens.first)
        case .pair, .transaction: nil
        }
    }

    private mutating func registerCall(_ operation: HistoryOperation) -> RegisterModel.Call? {
        switch operation.outcome {
        case .fail:
            guard operation.function == .cas, let found = operation.result else { return nil }
            guard case .pair(let from, _) = operation.value, let actual = seen(found) else {
                return .impossible
            }
            // What it found must not be what it expected.
            return actual == number(from) ? .impossible : .read(actual)
        case .ok, .info: break
        }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            return seen(operation.value).map(RegisterModel.Call.read) ?? .impossible
        case .write: return seen(operation.value).map(RegisterModel.Call.write)
        case .delete: return .write(0)
        case .cas:
            guard case .pair(let from, let to) = operation.value else { return nil }
            return .replace(number(from), number(to))
        case .append, .increment, .add, .remove, .txn, .service: return nil
        }
    }

    /// Without indefinite updates whose values nothing can have seen.
    private static func relevant(
        _ calls: [ObjectCall<RegisterModel.Call>]
    ) -> [ObjectCall<RegisterModel.Call>] {
        var needed = Set<Int64>()
        for call in calls where call.returned != nil {
            switch call.call {
            case .read(let value), .replace(let value, _): needed.insert(value)
            case .write, .impossible: break
            }
        }
        // An indefinite replacement may be what made a value that was seen; then it saw one too.
        var changed = true
        while changed {
            changed = false
            for call in calls where call.returned == nil {
                if case .replace(let from, let to) = call.call, needed.contains(to),
                    needed.insert(from).inserted
                {
                    changed = true
                }
            }
        }
        return calls.filter { call in
            guard call.returned == nil else { return true }
            switch call.call {
            case .write(let value), .replace(_, let value): return needed.contains(value)
            case .read, .impossible: return false
            }
        }
    }

    /// With a return for each indefinite update that must have happened.
    private static func bounded(
        _ calls: [ObjectCall<RegisterModel.Call>]
    ) -> [ObjectCall<RegisterModel.Call>] {
        var writers: [Int64: Int] = [:]
        var firstSeen: [Int64: Int64] = [:]
        for call in calls {
            switch call.call {
            case .write(let value): writers[value, default: 0] += 1
            case .replace(let from, let to):
                writers[to, default: 0] += 1
                if let returned = call.returned {
                    firstSeen[from] = min(firstSeen[from] ?? returned, returned)
                }
            case .read(let value):
                if let returned = call.returned {
                    firstSeen[value] = min(firstSeen[value] ?? returned, returned)
                }
            case .impossible: break
            }
        }
        return calls.map { call in
            guard call.returned == nil else { return call }
            switch call.call {
            case .write(let value), .replace(_, let value):
                guard value != 0, writers[value] == 1, let seen = firstSeen[value] else {
                    return call
                }
                var call = call
                // Seen before it was invoked: no order will do, and the search says so.
                call.returned = max(seen, call.invoked)
                return call
            case .read, .impossible: return call
            }
        }
    }

    // MARK: Counters

    func counterCalls() -> [ObjectCall<CounterModel.Call>] {
        operations.compactMap { operation in counterCall(operation).map { made(operation, $0) } }
    }

    private func counterCall(_ operation: HistoryOperation) -> CounterModel.Call? {
        guard operation.outcome != .fail else { return nil }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            switch operation.value {
            case .null: return .read(0)
            case .integer(let reading): return .read(reading)
            case .text, .list, .pair, .transaction: return .impossible
            }
        case .increment:
            guard case .integer(let amount) = operation.value else { return nil }
            guard operation.outcome == .ok, let result = operation.result else {
                return .increment(amount, reading: nil)
            }
            guard case .integer(let reading) = result else { return .impossible }
            return .increment(amount, reading: reading)
        case .delete: return .delete
        case .write, .cas, .append, .add, .remove, .txn, .service: return nil
        }
    }

    // MARK: Lists

    mutating func listCalls(_ model: inout ListModel) -> [ObjectCall<ListModel.Call>] {
        var calls: [ObjectCall<ListModel.Call>] = []
        // Who saw an element first, by return.
        var sightings: [Int64: (returned: Int64, position: Int)] = [:]
        for (position, operation) in operations.enumerated() {
            guard let call = listCall(operation, &model) else { continue }
            calls.append(made(operation, call))
            guard case .read = call, case .list(let tokens) = operation.value else { continue }
            let elements = tokens.map { number($0) }
            let returned = operation.completed?.nanoseconds ?? .max
            for element in elements where returned < sightings[element]?.returned ?? .max {
                sightings[element] = (returned, position)
            }
        }
        var writers: [Int64: Int] = [:]
        var hints: [Int64: UInt64] = [:]
        for call in calls {
            guard case .append(let element) = call.call else { continue }
            writers[element, default: 0] += 1
            hints[element] = call.hint
        }
        let kept = calls.compactMap { call -> ObjectCall<ListModel.Call>? in
            guard call.returned == nil, case .append(let element) = call.call else { return call }
            guard let seen = sightings[element] else { return nil }
            var call = call
            if writers[element] == 1 { call.returned = max(seen.returned, call.invoked) }
            if call.hint == nil {
                call.hint = hint(of: element, seenBy: operations[seen.position], known: hints)
            }
            return call
        }
        model.prepare(kept)
        return kept
    }

    /// The hint of an append from the read that saw its element first.
    private mutating func hint(
        of element: Int64, seenBy read: HistoryOperation, known: [Int64: UInt64]
    ) -> UInt64? {
        guard case .list(let tokens) = read.value, let hint = Self.hint(read.version) else {
            return nil
        }
        return Self.hint(
            of: element, in: tokens.map { number($0) }, seenWith: hint, known: known)
    }

    private mutating func listCall(
        _ operation: HistoryOperation, _ model: inout ListModel
    ) -> ListModel.Call? {
        guard operation.outcome != .fail else { return nil }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            switch operation.value {
            case .null: return .read(0)
            case .list(let tokens): return .read(model.node(of: tokens.map { number($0) }))
            case .text, .integer, .pair, .transaction: return .impossible
            }
        case .append:
            guard case .text(let token) = operation.value else { return nil }
            return .append(number(token))
        case .delete: return .delete
        case .write, .cas, .increment, .add, .remove, .txn, .service: return nil
        }
    }
}
