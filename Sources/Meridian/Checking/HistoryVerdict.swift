import Consistency
import Recording

/// What checks of a history came to.
public struct HistoryVerdict: Sendable {
    /// The check of one data type against one model.
    public struct Finding: Sendable {
        /// The name of the model, or of the bound with what it allows.
        public var name: String
        /// Whether it speaks of transactions, and of nothing else.
        public var isOfTransactions: Bool
        /// The data type.
        public var dataType: String
        /// What its keys are.
        public var kind: ObjectKind
        /// What came of it.
        public var result: CheckResult
        /// The operations that its violations name, in words, by index.
        public var told: [Int: String] = [:]
    }

    /// The file or record.
    public var path: String
    /// The form that the history was in: `record`, `jsonl`, `edn` or `log`.
    public var format: String
    /// How many operations it has.
    public var operations: Int
    /// How many events or lines were no operations of clients.
    public var skipped: Int
    /// The length of the file in bytes; 0 for a record.
    public var bytes: Int
    /// What the checks found.
    public var findings: [Finding] = []
    /// How long reading took.
    public var loading = Duration.zero
    /// How long checking took.
    public var checking = Duration.zero

    /// The verdict of all checks: a violation outweighs anything unknown, and of a history without
    /// operations nothing is known.
    public var verdict: CheckVerdict {
        let verdicts = findings.map { $0.result.checked == 0 ? .unknown : $0.result.verdict }
        if verdicts.contains(.invalid) { return .invalid }
        return verdicts.isEmpty || verdicts.contains(.unknown) ? .unknown : .valid
    }

    /// 0 valid, 1 invalid, 3 unknown.
    public var exitCode: Int32 {
        switch verdict {
        case .valid: 0
        case .invalid: 1
        case .unknown: 3
        }
    }

    /// As JSON, without times, so that the same history gives the same bytes.
    public var json: JSONValue {
        .members([
            "schema": .text("meridian.check/1"), "history": .text(path), "format": .text(format),
            "operations": .count(operations), "skipped": .count(skipped),
            "verdict": .text(verdict.rawValue),
            "checks": .list(findings.map(\.json)),
        ])
    }
}

extension HistoryVerdict {
    /// What is said of a history whose check was given up before it came to an end.
    public static func unknown(path: String, reason: String) -> JSONValue {
        .members([
            "schema": .text("meridian.check/1"), "history": .text(path),
            "verdict": .text(CheckVerdict.unknown.rawValue), "reason": .text(reason),
            "checks": .list([]),
        ])
    }
}

extension HistoryVerdict.Finding {
    /// As JSON.
    var json: JSONValue {
        .members([
            "model": .text(name), "data_type": .text(dataType),
            "object": .text(kind.rawValue), "verdict": .text(result.verdict.rawValue),
            "checked": .count(result.checked), "states": .count(result.states),
            "reason": .optional(result.reason), "figures": .object(result.figures),
            "remarks": .texts(result.remarks),
            "violations": .list(result.violations.map(\.json)),
        ])
    }
}
