import Determinism
import Recording

/// Whether registers are Δ-atomic: linearizable once every read is taken to have come up to Δ
/// earlier. That is local as linearizability is, so the Δ of a history is the largest of its keys.
public enum DeltaAtomicity {
    /// Checks the registers of `dataType`, whose Δ may be `bound` at most.
    public static func check(
        _ history: History, dataType: String, atMost bound: TimeSpan,
        loop: KeyLoop = .sequential
    ) -> CheckResult {
        let keys = history.keys(ofDataType: dataType)
        let deltas = loop.map(keys.count) { index in
            var key = KeyHistory(keys[index].operations, .fast)
            return AtomicityDelta(key.registerCalls())
        }
        var result = CheckResult(
            verdict: .valid, checked: keys.reduce(0) { $0 + $1.operations.count })
        var largest: Int64 = 0
        var undecided: [String] = []
        var hopeless: [String] = []
        for (key, delta) in zip(keys, deltas) {
            switch delta {
            case .unknown: undecided.append(key.name)
            case .infinite:
                hopeless.append(key.name)
                result.violations.append(
                    violation(
                        dataType, key.name,
                        "no shift of the reads of \(key.name) makes it linearizable: a value was "
                            + "read before it was written, or never was"))
            case .finite(let span):
                largest = max(largest, span)
                guard span > bound.nanoseconds else { continue }
                result.violations.append(
                    violation(
                        dataType, key.name,
                        "reads of \(key.name) have to come \(TimeSpan(nanoseconds: span)) earlier "
                            + "for there to be an order"))
            }
        }
        let milliseconds = TimeSpan(nanoseconds: largest).shownMilliseconds
        result.figures = [
            .init("delta_ms", hopeless.isEmpty ? .number(milliseconds) : .null),
            .init("keys", .count(keys.count)), .init("undecided_keys", .count(undecided.count)),
        ]
        result.remarks = [
            hopeless.isEmpty
                ? "Δ is \(undecided.isEmpty ? "" : "at least ")\(milliseconds) ms"
                : "Δ is infinite"
        ]
        if !result.violations.isEmpty {
            result.verdict = .invalid
        } else if let first = undecided.first {
            result.verdict = .unknown
            result.reason =
                "on \(undecided.count) of \(keys.count) keys (\(first) first) a value has several "
                + "writers, and times do not decide"
        }
        return result
    }

    private static func violation(
        _ dataType: String, _ key: String, _ reason: String
    ) -> Violation {
        Violation(dataType: dataType, key: key, operations: [], prefix: [], reason: reason)
    }
}
