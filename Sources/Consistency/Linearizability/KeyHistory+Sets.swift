import Determinism
import Recording

/// Additions to, removals from and reads of sets.
extension KeyHistory {
    mutating func setCalls(_ model: inout SetModel) -> [ObjectCall<SetModel.Call>] {
        var calls: [ObjectCall<SetModel.Call>] = []
        // Of each element who saw it first, by return.
        var sightings: [Int64: Int64] = [:]
        for operation in operations {
            guard let call = setCall(operation, &model) else { continue }
            calls.append(made(operation, call))
            guard case .read = call, case .list(let values) = operation.value else { continue }
            let returned = operation.completed?.nanoseconds ?? .max
            for element in numbers(values) {
                sightings[element] = min(sightings[element] ?? .max, returned)
            }
        }
        if method == .general { return calls }
        let kept = Self.bounded(calls, by: sightings) { call in
            if case .add(let element) = call { element } else { nil }
        }
        model.prepare(kept, valueCount: valueCount)
        return kept
    }

    private mutating func setCall(
        _ operation: HistoryOperation, _ model: inout SetModel
    ) -> SetModel.Call? {
        guard operation.outcome != .fail else { return nil }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            switch operation.value {
            case .null: return .read(0)
            case .list(let elements): return .read(model.number(of: numbers(elements)))
            case .text, .integer, .pair, .transaction: return .impossible
            }
        case .add: return number(operation.value).map(SetModel.Call.add)
        case .remove: return number(operation.value).map(SetModel.Call.remove)
        case .delete: return .delete
        case .write, .cas, .append, .increment, .enqueue, .dequeue, .acquire, .release, .txn,
            .service:
            return nil
        }
    }
}
