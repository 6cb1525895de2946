import Recording

/// Increments, decrements and reads of counters.
extension KeyHistory {
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
        case .increment, .add, .service:
            guard case .integer(var amount) = operation.value else { return nil }
            if ObjectKind.decrements.contains(operation.function.name) { amount = 0 &- amount }
            guard operation.outcome == .ok, let result = operation.result else {
                return .increment(amount, reading: nil)
            }
            guard case .integer(let reading) = result else { return .impossible }
            return .increment(amount, reading: reading)
        case .delete: return .delete
        case .write, .cas, .append, .remove, .enqueue, .dequeue, .acquire, .release, .txn:
            return nil
        }
    }
}
