import Determinism
import Recording

/// What goes into queues and comes out of them, and who holds mutexes.
extension KeyHistory {
    mutating func queueCalls(_ model: inout QueueModel) -> [ObjectCall<QueueModel.Call>] {
        var calls: [ObjectCall<QueueModel.Call>] = []
        var taken: [Int64: Int64] = [:]
        for operation in operations {
            guard let call = queueCall(operation) else { continue }
            calls.append(made(operation, call))
            guard case .dequeue(let element) = call else { continue }
            let returned = operation.completed?.nanoseconds ?? .max
            taken[element] = min(taken[element] ?? .max, returned)
        }
        if method == .general { return calls }
        // What nobody is known to have taken may as well never have been there: it would only
        // hold up what comes behind it, or have been taken by one of which nothing is known.
        let kept = Self.bounded(calls, by: taken) { call in
            if case .enqueue(let element) = call { element } else { nil }
        }
        model.prepare(kept, valueCount: valueCount)
        return kept
    }

    private mutating func queueCall(_ operation: HistoryOperation) -> QueueModel.Call? {
        switch (operation.function, operation.outcome) {
        case (_, .fail): nil
        case (.enqueue, _): number(operation.value).map(QueueModel.Call.enqueue)
        case (.dequeue, .info): .dequeueUnknown
        case (.dequeue, .ok):
            number(operation.value).map(QueueModel.Call.dequeue) ?? .impossible
        case _: nil
        }
    }

    func mutexCalls() -> [ObjectCall<MutexModel.Call>] {
        operations.compactMap { operation in
            guard operation.outcome != .fail else { return nil }
            switch operation.function {
            case .acquire: return made(operation, .acquire)
            case .release: return made(operation, .release)
            case _: return nil
            }
        }
    }
}
