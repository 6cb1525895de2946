import Determinism
import Recording

extension SetFull {
    /// Whether no element of the sets or lists of `dataType` is lost or shown twice; and, if a
    /// bound is given, whether that percentile (0 to 100) of the stable latencies keeps to it.
    public static func check(
        _ history: History, dataType: String, bound: (percentile: Double, span: TimeSpan)? = nil,
        loop: KeyLoop = .sequential
    ) -> CheckResult {
        let keys = history.keys(ofDataType: dataType)
        let found = loop.map(keys.count) { SetFull(keys[$0].operations) }
        var result = CheckResult(verdict: .valid, checked: found.reduce(0) { $0 + $1.checked })
        let latencies = found.flatMap(\.stableLatencies).sorted()
        let late = latencies.map(\.shownMilliseconds).filter { $0 > 0 }
        let percentiles = Percentiles(ofNonZero: late, among: latencies.count)
        result.figures = [
            .init("elements", .count(found.reduce(0) { $0 + $1.elements.count })),
            .init("stable", .count(latencies.count)), .init("stale", .count(late.count)),
            .init("lost", .count(found.reduce(0) { $0 + $1.lost.count })),
            .init("never_read", .count(found.reduce(0) { $0 + $1.neverRead })),
            .init("duplicates", .count(found.reduce(0) { $0 + $1.duplicates.count })),
            .init("stable_latency_ms", percentiles.json),
        ]
        result.remarks = [
            "\(latencies.count) elements stable (\(late.count) of them late, the slowest after "
                + "\(late.last ?? 0) ms), \(found.reduce(0) { $0 + $1.lost.count }) lost, "
                + "\(found.reduce(0) { $0 + $1.neverRead }) never read"
        ]
        if let bound {
            let measured = percentiles[bound.percentile]
            if latencies.isEmpty {
                result.verdict = .unknown
                result.reason = "no element became stable"
            } else if measured > bound.span.milliseconds {
                result.verdict = .invalid
                result.violations = [
                    Violation(
                        dataType: dataType, key: "", operations: [], prefix: [],
                        reason: "elements were stable after \(measured) ms at percentile "
                            + "\(bound.percentile)")
                ]
            }
            return result
        }
        for (key, set) in zip(keys, found) where !set.lost.isEmpty || !set.duplicates.isEmpty {
            result.violations.append(set.violation(dataType, key.name))
        }
        if !result.violations.isEmpty {
            result.verdict = .invalid
        } else if latencies.isEmpty {
            result.verdict = .unknown
            result.reason = "no element is known to be stable"
        }
        return result
    }

    private func violation(_ dataType: String, _ key: String) -> Violation {
        var operations: [Int] = []
        var reasons: [String] = []
        if let first = lost.first {
            reasons.append(
                "\(lost.count) \(lost.count == 1 ? "element is" : "elements are") lost, such as "
                    + first.value.keyText)
            operations += lost.flatMap { [$0.addition] + ($0.lastAbsent.map { [$0] } ?? []) }
        }
        if let first = duplicates.first {
            reasons.append(
                "\(duplicates.count) \(duplicates.count == 1 ? "element was" : "elements were") "
                    + "shown twice by one read, such as \(first.value.keyText)")
            operations += duplicates.map(\.read)
        }
        return Violation(
            dataType: dataType, key: key, operations: operations, prefix: [],
            reason: reasons.joined(separator: "; "))
    }
}
