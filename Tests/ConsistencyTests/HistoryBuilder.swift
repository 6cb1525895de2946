import Determinism
import Recording
import Replication

/// Makes operations with few words.
struct HistoryBuilder {
    var operations: [HistoryOperation] = []

    mutating func add(
        _ function: HistoryFunction, _ value: HistoryValue, key: String = "k", from invoked: Int64,
        to completed: Int64?, _ outcome: HistoryOperation.Outcome = .ok,
        result: HistoryValue? = nil, version: UInt64? = nil
    ) {
        var operation = HistoryOperation(
            index: operations.count, process: operations.count, client: 1, region: "a",
            function: function, dataType: "default", key: key, value: value,
            planned: Instant(nanoseconds: invoked), invoked: Instant(nanoseconds: invoked))
        operation.completed = completed.map(Instant.init(nanoseconds:))
        operation.outcome = outcome
        operation.result = result
        operation.version = version.map { .sequence(epoch: 1, index: $0) }
        operations.append(operation)
    }
}
