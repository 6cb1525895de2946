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
    /// Nothing is left out, bounded or hinted unless it is the fast one.
    let method: LinearizabilityMethod
    /// Numbers of values, in the order in which they are first met.
    private var numbers: [Scalar: Int64] = [:]

    init(_ operations: HistorySelection, _ method: LinearizabilityMethod) {
        self.operations = operations
        self.method = method
    }

    /// How many numbers are in use for tokens; 0 stands for absence.
    var valueCount: Int { numbers.count + 1 }

    mutating func number(_ scalar: Scalar) -> Int64 {
        if scalar.isNull { return 0 }
        if let known = numbers[scalar] { return known }
        let number = Int64(valueCount)
        numbers[scalar] = number
        return number
    }

    /// The number of a value that occurs in the history; `nil` for a collection.
    mutating func number(_ value: HistoryValue) -> Int64? {
        operations.whole.scalar(of: value).map { number($0) }
    }

    /// Numbers of elements, none of which is a collection.
    mutating func numbers(_ elements: [HistoryValue]) -> [Int64] {
        elements.compactMap { number($0) }
    }

    func made<Call: Hashable & Sendable>(
        _ operation: HistoryOperation, _ call: Call
    ) -> ObjectCall<Call> {
        let isDefinite = operation.outcome != .info
        return ObjectCall(
            identity: operation.index, invoked: operation.invoked?.nanoseconds ?? 0,
            returned: isDefinite ? operation.completed?.nanoseconds : nil, call: call,
            hint: hint(operation.version))
    }
}
