import Judgement
import Recording
import Simulation

/// What came of the run under one seed.
package struct SeedOutcome: Hashable, Sendable {
    /// The seed.
    package var seed: UInt64
    /// What the run exits with.
    package var code: ExitCode
    /// What failed or stayed unknown; empty if everything held.
    package var failures: [Failure]
    /// Whether the run was spoilt on purpose.
    package var isCanary = false
    /// Messages, requests and answers that were delivered.
    package var delivered: UInt64 = 0
    /// Which transitions of the strategies happened under which faults.
    package var coverage = TransitionCoverage()

    /// Something that failed.
    package struct Failure: Hashable, Sendable {
        /// The kind: runs that fail with the same kind fail the same way.
        package var kind: String
        /// What was measured, or what happened.
        package var detail: String

        /// A failure with these parts.
        package init(kind: String, detail: String) {
            self.kind = kind
            self.detail = detail
        }
    }

    /// An outcome with these parts.
    package init(seed: UInt64, code: ExitCode, failures: [Failure]) {
        self.seed = seed
        self.code = code
        self.failures = failures
    }

    /// What `report` says of the run under `seed`.
    package init(seed: UInt64, report: Report) {
        self.init(seed: seed, code: report.exitCode, failures: Self.failures(in: report))
    }

    /// The failures in `report`; a verdict that is unknown is one too.
    package static func failures(in report: Report) -> [Failure] {
        var failures = report.expectations.filter { $0.held == false }.map { finding in
            Failure(
                kind: "\(finding.kind.rawValue): \(finding.expect)", detail: finding.measured)
        }
        guard failures.isEmpty, report.verdict == .unknown else { return failures }
        if !report.isComplete, let first = report.remarks.first {
            // Everything else is unknown because of that.
            return [Failure(kind: "unknown: \(shape(of: first))", detail: first)]
        }
        // What an expectation could not tell is among the remarks too.
        var seen: Set<String> = []
        failures = report.remarks.map { Failure(kind: "unknown: \(shape(of: $0))", detail: $0) }
            .filter { seen.insert($0.kind).inserted }
        return failures.isEmpty ? [Failure(kind: "unknown", detail: "")] : failures
    }

    /// A sentence without its numbers and names, so that the same thing under other seeds is the
    /// same kind.
    private static func shape(of sentence: String) -> String {
        var words: [String] = []
        var isNamed = false
        for word in sentence.split(separator: " ") {
            if isNamed || word.contains(where: \.isNumber) {
                if words.last != "…" { words.append("…") }
            } else {
                words.append(String(word))
            }
            isNamed = word == "node"
        }
        return String(words.joined(separator: " ").prefix(100))
    }
}

extension SeedOutcome {
    /// The outcome on a line of its own.
    package var json: JSONValue {
        .members([
            "seed": .text(String(seed)), "code": .count(code.rawValue),
            "failures": .list(
                failures.map {
                    .members(["kind": .text($0.kind), "detail": .text($0.detail)])
                }), "canary": .flag(isCanary), "delivered": .count(delivered),
            "coverage": coverage.json,
        ])
    }

    /// The outcome that a line holds; `nil` if it is none.
    package init?(json: JSONValue) {
        guard let seed = json["seed"]?.text.flatMap(UInt64.init),
            let number = json["code"]?.integer, let code = ExitCode(rawValue: Int32(number)),
            let failures = json["failures"]?.elements, let isCanary = json["canary"]?.flag,
            let delivered = json["delivered"]?.integer
        else { return nil }
        self.init(
            seed: seed, code: code,
            failures: failures.compactMap { failure in
                guard let kind = failure["kind"]?.text, let detail = failure["detail"]?.text
                else { return nil }
                return Failure(kind: kind, detail: detail)
            })
        self.isCanary = isCanary
        self.delivered = UInt64(delivered)
        if let coverage = json["coverage"] { self.coverage = TransitionCoverage(json: coverage) }
    }
}
