import Judgement
import Recording
import Simulation

/// What all runs of a fuzz run come to: failures grouped by kind, and whether the canaries were
/// found.
package struct FuzzSummary: Sendable {
    /// A kind of failure and the seeds that show it.
    package struct Group: Hashable, Sendable {
        /// The kind.
        package var kind: String
        /// The seeds, in order.
        package var seeds: [UInt64]
        /// What the first of them measured.
        package var detail: String
    }

    /// Runs that were done.
    package private(set) var runs: UInt64 = 0
    /// Runs in which everything held.
    package private(set) var passed: UInt64 = 0
    /// Canaries that were run, and those of them that failed as they must.
    package private(set) var canaries: (run: UInt64, caught: UInt64) = (0, 0)
    /// Messages, requests and answers that were delivered.
    package private(set) var delivered: UInt64 = 0
    /// Seeds under which the program itself came to an end.
    package private(set) var crashes: [UInt64] = []
    /// Which transitions of the strategies happened under which faults, in all runs.
    package private(set) var coverage = TransitionCoverage()
    private var kinds: [String: Group] = [:]
    private var codes: Set<ExitCode> = []

    /// Nothing run yet.
    package init() {}

    /// The failures by kind, most frequent first.
    package var groups: [Group] {
        kinds.values.sorted { left, right in
            left.seeds.count != right.seeds.count
                ? left.seeds.count > right.seeds.count : left.kind < right.kind
        }
    }

    /// How many runs failed, canaries apart.
    package var failed: UInt64 { runs - passed - canaries.run }

    /// Adds what came of a run.
    package mutating func add(_ outcome: SeedOutcome) {
        runs += 1
        delivered += outcome.delivered
        coverage.add(outcome.coverage)
        if outcome.isCanary {
            canaries.run += 1
            if outcome.code != .passed, outcome.code != .unknown { canaries.caught += 1 }
            return
        }
        if outcome.code == .passed { passed += 1 } else { codes.insert(outcome.code) }
        for failure in outcome.failures { add(failure.kind, outcome.seed, failure.detail) }
    }

    /// Adds that the program itself came to an end under `seed`.
    package mutating func addCrash(_ seed: UInt64, _ reason: String) {
        runs += 1
        crashes.append(seed)
        add("crash", seed, reason)
    }

    private mutating func add(_ kind: String, _ seed: UInt64, _ detail: String) {
        var group = kinds[kind] ?? Group(kind: kind, seeds: [], detail: detail)
        if let first = group.seeds.first, seed < first { group.detail = detail }
        group.seeds.append(seed)
        group.seeds.sort()
        kinds[kind] = group
    }

    /// What the fuzz run exits with: as one run, 70 after a crash, and unknown if a canary was
    /// missed.
    package var exitCode: Int32 {
        if !crashes.isEmpty { return 70 }
        let code = ExitCode.combined(codes)
        if code == .passed, canaries.caught < canaries.run { return ExitCode.unknown.rawValue }
        return code.rawValue
    }

    /// As an object.
    package var json: JSONValue {
        .members([
            "runs": .count(runs), "passed": .count(passed), "failed": .count(failed),
            "crashes": .count(crashes.count), "canaries": .count(canaries.run),
            "canaries_caught": .count(canaries.caught), "delivered": .count(delivered),
            "failures": .list(
                groups.map { group in
                    .members([
                        "kind": .text(group.kind), "count": .count(group.seeds.count),
                        "seeds": .list(group.seeds.map { .text(String($0)) }),
                        "detail": .text(group.detail),
                    ])
                }),
            "coverage_conditions": .texts(TransitionCoverage.conditions),
            "coverage": coverage.json,
        ])
    }
}
