import Judgement
import Recording
import Scenarios
import Simulation

/// What came of one run on the way to a smaller plan.
package struct ShrinkTrial: Hashable, Sendable {
    /// The positions, among the expectations of the plan, of those that did not hold, and
    /// ``liveness`` if the core did not get on.
    package var failed: [Int]
    /// What failed or stayed unknown.
    package var failures: [SeedOutcome.Failure]
    /// Whether the program itself came to an end.
    package var isCrash = false
    /// Operations that clients planned.
    package var operations = 0
    /// Messages between nodes.
    package var messages = 0

    /// What stands for the core among positions of expectations.
    package static let liveness = -1

    /// A run that brought the program to its end, for this reason.
    package static func crash(_ reason: String) -> ShrinkTrial {
        var trial = ShrinkTrial(
            failed: [], failures: [SeedOutcome.Failure(kind: "crash", detail: reason)])
        trial.isCrash = true
        return trial
    }

    private init(failed: [Int], failures: [SeedOutcome.Failure]) {
        self.failed = failed
        self.failures = failures
    }

    /// What a report says.
    package init(_ report: Report) {
        self.init(
            failed: report.expectations.indices.filter {
                report.expectations[$0].held == false
            }.map { report.expectations[$0].expect.hasPrefix("liveness:") ? Self.liveness : $0 },
            failures: SeedOutcome.failures(in: report))
        operations = report.operations.planned
        messages = Int(clamping: report.network?.messages ?? 0)
    }
}

extension ShrinkTrial {
    /// The trial on a line of its own.
    package var json: JSONValue {
        .members([
            "failed": .list(failed.map { .count($0) }),
            "failures": .list(
                failures.map { .members(["kind": .text($0.kind), "detail": .text($0.detail)]) }),
            "operations": .count(operations), "messages": .count(messages),
        ])
    }

    /// The trial that a line holds; `nil` if it is none.
    package init?(json: JSONValue) {
        guard let failed = json["failed"]?.elements, let failures = json["failures"]?.elements,
            let operations = json["operations"]?.integer,
            let messages = json["messages"]?.integer
        else { return nil }
        self.init(
            failed: failed.compactMap { $0.integer.map { Int(clamping: $0) } },
            failures: failures.compactMap { failure in
                guard let kind = failure["kind"]?.text, let detail = failure["detail"]?.text
                else { return nil }
                return SeedOutcome.Failure(kind: kind, detail: detail)
            })
        self.operations = Int(clamping: operations)
        self.messages = Int(clamping: messages)
    }
}

/// How a run must fail to count as failing the same way.
package enum ShrinkTarget: Hashable, Sendable {
    /// The program itself comes to an end.
    case crash
    /// At least one of these expectations, by position in the first plan, does not hold.
    case expectations([Int])

    /// How `trial`, a run of `scenario`, failed; `nil` if it did not, or is only unknown.
    ///
    /// Where a safety expectation failed, one must fail further on: that clients were not served
    /// well is easy to keep and says little of why data was lost.
    package init?(_ trial: ShrinkTrial, of scenario: Scenario) {
        if trial.isCrash {
            self = .crash
            return
        }
        let safety = trial.failed.filter {
            $0 != ShrinkTrial.liveness && scenario.expectations[$0].isSafety
        }
        let positions = safety.isEmpty ? trial.failed : safety
        guard !positions.isEmpty else { return nil }
        self = .expectations(positions)
    }
}
