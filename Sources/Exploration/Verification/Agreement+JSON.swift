import Determinism
import Recording
import Scenarios

extension Agreement {
    /// As an object: what `meridian verify --json` prints, and `agreement.json` holds.
    package var json: JSONValue {
        .members([
            "schema": .text("meridian.agreement/1"), "scenario": .text(scenario),
            "verdict": .text(verdict.rawValue),
            "seeds": .list(seeds.map { .text(String($0)) }),
            "disturbed_seeds": .list(disturbedSeeds.map { .text(String($0)) }),
            "virtual_runs": .count(virtualRuns), "faults_drawn": .flag(areFaultsDrawn),
            "node": .members([
                "fsync_ms": .number(cost.fsync.milliseconds),
                "per_operation_ms": .number(cost.perOperation.milliseconds),
                "per_message_ms": .number(cost.perMessage.milliseconds),
                "calibrated": .flag(calibration != nil),
                "idle_share": .optional(calibration?.idleShare),
                "samples": .optional((calibration?.samples).map { Int64($0) }),
                "residual_share": .optional(calibration?.residualShare),
            ]),
            "findings": .object(
                Finding.allCases.map { .init($0.rawValue, .count(count($0))) }),
            "comparisons": .list(comparisons.map(\.json)),
            "statements": .list(statements.map(\.json)),
        ])
    }
}

extension Comparison {
    fileprivate var json: JSONValue {
        .members([
            "measure": .text(quantity.measure.rawValue), "region": .optional(quantity.region),
            "operation": .optional(quantity.operation),
            "phase": .optional(quantity.phase?.rawValue), "fault": .optional(quantity.fault),
            "processes": .number(processes), "virtual": .number(virtual),
            "difference": .optional(difference),
            "interval": interval.map {
                .list([.number($0.lowerBound), .number($0.upperBound)])
            } ?? .null,
            "margin": .number(margin), "margin_is_spread": .flag(isMarginSpread),
            "finding": .text(finding.rawValue), "reason": .optional(reason),
        ])
    }
}

extension Statement {
    fileprivate var json: JSONValue {
        .members([
            "statement": .text(text),
            "processes": .list(processes.map { JSONValue.optional($0) }),
            "virtual": .list(virtual.map { JSONValue.optional($0) }),
            "finding": .text(finding.rawValue),
        ])
    }
}
