import Determinism
import Recording

/// Appends to and reads of lists.
extension KeyHistory {
    mutating func listCalls(_ model: inout ListModel) -> [ObjectCall<ListModel.Call>] {
        var calls: [ObjectCall<ListModel.Call>] = []
        // Who saw an element first, by return.
        var sightings: [Int64: (returned: Int64, position: Int)] = [:]
        for (position, operation) in operations.enumerated() {
            guard let call = listCall(operation, &model) else { continue }
            calls.append(made(operation, call))
            guard case .read = call, case .list(let values) = operation.value else { continue }
            let elements = numbers(values)
            let returned = operation.completed?.nanoseconds ?? .max
            for element in elements where returned < sightings[element]?.returned ?? .max {
                sightings[element] = (returned, position)
            }
        }
        if method == .general { return calls }
        var hints: [Int64: UInt64] = [:]
        for call in calls {
            if case .append(let element) = call.call { hints[element] = call.hint }
        }
        for place in calls.indices where calls[place].returned == nil && calls[place].hint == nil {
            guard case .append(let element) = calls[place].call, let seen = sightings[element]
            else { continue }
            calls[place].hint = hint(
                of: element, seenBy: operations[seen.position], known: hints)
        }
        let kept = Self.bounded(calls, by: sightings.mapValues(\.returned)) { call in
            if case .append(let element) = call { element } else { nil }
        }
        model.prepare(kept)
        return kept
    }

    /// The hint of an append from the read that saw its element first.
    private mutating func hint(
        of element: Int64, seenBy read: HistoryOperation, known: [Int64: UInt64]
    ) -> UInt64? {
        guard case .list(let elements) = read.value, let hint = self.hint(read.version) else {
            return nil
        }
        return Self.hint(of: element, in: numbers(elements), seenWith: hint, known: known)
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
            case .list(let elements): return .read(model.node(of: numbers(elements)))
            case .text, .integer, .pair, .transaction: return .impossible
            }
        case .append:
            return number(operation.value).map(ListModel.Call.append)
        case .delete: return .delete
        case .write, .cas, .increment, .add, .remove, .enqueue, .dequeue, .acquire, .release,
            .txn, .service:
            return nil
        }
    }
}
