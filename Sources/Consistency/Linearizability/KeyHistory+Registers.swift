import Determinism
import Recording

/// Reads, writes, compare-and-sets and deletes of registers.
extension KeyHistory {
    mutating func registerCalls() -> [ObjectCall<RegisterModel.Call>] {
        var calls: [ObjectCall<RegisterModel.Call>] = []
        calls.reserveCapacity(operations.count)
        for index in operations.indices {
            if let glance = operations.registerGlance(index) {
                let value = number(glance.value)
                calls.append(
                    ObjectCall(
                        identity: glance.index, invoked: glance.invoked?.nanoseconds ?? 0,
                        returned: glance.completed?.nanoseconds,
                        call: glance.isWrite ? .write(value) : .read(value),
                        hint: hint(glance.version)))
                continue
            }
            let operation = operations[index]
            if let call = registerCall(operation) { calls.append(made(operation, call)) }
        }
        if method == .general { return calls }
        return Self.hinted(Self.bounded(Self.relevant(calls)))
    }

    /// What a register can be seen as holding; `nil` for what it never holds.
    private mutating func seen(_ value: HistoryValue) -> Int64? {
        switch value {
        case .null, .text, .integer: number(value)
        case .list(let elements): elements.count > 1 ? nil : number(elements.first ?? .null)
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
            return seen(from) == actual ? .impossible : .read(actual)
        case .ok, .info: break
        }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            return seen(operation.value).map(RegisterModel.Call.read) ?? .impossible
        case .write: return seen(operation.value).map(RegisterModel.Call.write)
        case .delete: return .write(0)
        case .cas:
            guard case .pair(let from, let to) = operation.value, let expected = seen(from),
                let new = seen(to)
            else { return nil }
            return .replace(expected, new)
        case .append, .increment, .add, .remove, .enqueue, .dequeue, .acquire, .release, .txn,
            .service:
            return nil
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
}
