import Consistency
import Determinism
import Recording
import Reporting

/// Puts into words the operations that violations name, so that a person can follow them without
/// looking into the history.
struct OperationsTold {
    /// By index.
    private(set) var texts: [Int: String] = [:]

    /// Those of `violations` of `history`.
    init(_ history: History, _ violations: [Violation]) {
        var named = Set<Int>()
        for violation in violations.prefix(HistoryVerdict.violationsMax) {
            named.formUnion(violation.operations.prefix(HistoryVerdict.operationsMax))
            named.formUnion(violation.prefix.suffix(HistoryVerdict.operationsMax))
            if let shownBy = violation.shownBy { named.insert(shownBy) }
        }
        guard !named.isEmpty else { return }
        let isFine = history.contains { ($0.invoked?.nanoseconds ?? 0).magnitude >= 100_000 }
        for operation in history where named.contains(operation.index) {
            texts[operation.index] = Self.text(operation, inMilliseconds: isFine)
        }
    }

    private static func text(_ operation: HistoryOperation, inMilliseconds: Bool) -> String {
        func time(_ instant: Instant?) -> String {
            guard let instant else { return "never" }
            let number = instant.nanoseconds
            return inMilliseconds ? decimal(Double(number) / 1e6, places: 3) + " ms" : "\(number)"
        }
        let key = operation.key.map { " \($0)" } ?? ""
        let isUnanswered = operation.function == .read && operation.outcome != .ok
        let value =
            operation.function == .delete || operation.function == .acquire
                || operation.function == .release || isUnanswered
            ? "" : " " + operation.value.summary
        let end =
            switch operation.outcome {
            case .ok: time(operation.completed)
            case .fail: "\(time(operation.completed)), failed"
            case .info: "unknown"
            }
        return "[\(operation.index)] process \(operation.process): \(operation.function.name)\(key)"
            + "\(value)  (\(time(operation.invoked)) to \(end))"
    }
}
