import Determinism
import Recording

/// Whether reads of registers return nothing older than they may, in time and in versions.
///
/// By times and values alone (``RegisterStaleness``): it is the least staleness that every order
/// of the writes agrees with, so that a violation is one whatever the service says of its
/// versions, and what overlaps a write is never stale.
public enum BoundedStaleness {
    private struct KeyFinding: Sendable {
        var name: String
        var staleness: RegisterStaleness
        /// How many reads were answered.
        var answered: Int
    }

    /// Checks the reads of the registers of `dataType`, each of which may be older than the newest
    /// value by no more time than `age` and no more writes than `versions`, where they are given.
    public static func check(
        _ history: History, dataType: String, age: TimeSpan?, versions: Int?,
        loop: KeyLoop = .sequential
    ) -> CheckResult {
        let keys = history.keys(ofDataType: dataType)
        let findings = loop.map(keys.count) { index in
            var key = KeyHistory(keys[index].operations, .fast)
            return KeyFinding(
                name: keys[index].name, staleness: RegisterStaleness(key.registerCalls()),
                answered: keys[index].operations.count {
                    $0.function == .read && $0.outcome == .ok
                })
        }
        var result = CheckResult(
            verdict: .valid, checked: keys.reduce(0) { $0 + $1.operations.count })
        for finding in findings {
            let reads = finding.staleness.reads.filter { read in
                (age.map { read.age > $0.nanoseconds } ?? false)
                    || (versions.map { read.versions > $0 } ?? false)
            }
            guard let worst = reads.max(by: { ($0.age, $0.versions) < ($1.age, $1.versions) })
            else { continue }
            result.verdict = .invalid
            result.violations.append(
                Violation(
                    dataType: dataType, key: finding.name, operations: reads.map(\.identity),
                    prefix: [],
                    reason: "\(reads.count) reads of \(finding.name) are too old: what the worst "
                        + "returned had been superseded for \(TimeSpan(nanoseconds: worst.age)) "
                        + "and by \(worst.versions) \(worst.versions == 1 ? "write" : "writes")"))
        }
        let answered = findings.reduce(0) { $0 + $1.answered }
        let judged = findings.reduce(0) { $0 + $1.staleness.reads.count }
        let stale = findings.flatMap { $0.staleness.reads }.filter { $0.age > 0 }
        let ages = stale.map(\.age).sorted().map { TimeSpan(nanoseconds: $0).shownMilliseconds }
        let behind = stale.map(\.versions).sorted().map(Double.init)
        result.figures = [
            .init("reads", .count(answered)), .init("judged", .count(judged)),
            .init("stale", .count(stale.count)),
            .init("age_ms", Percentiles(ofNonZero: ages, among: judged).json),
            .init("versions", Percentiles(ofNonZero: behind, among: judged).json),
        ]
        result.remarks = [
            "\(stale.count) of \(judged) reads stale, the oldest by "
                + "\(ages.last ?? 0) ms, the furthest by \(Int(behind.last ?? 0)) versions"
        ]
        if result.verdict == .valid, judged < answered {
            result.verdict = .unknown
            result.reason =
                "of \(answered - judged) reads of \(answered) it cannot be told which write they "
                + "saw: their value has several writers, or none"
        } else if result.verdict == .valid, judged == 0 {
            result.verdict = .unknown
            result.reason = "no read was answered"
        }
        return result
    }
}
