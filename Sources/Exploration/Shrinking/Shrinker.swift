import Replication
import Scenarios

/// Makes a failing scenario as small as it can while it still fails the same way.
///
/// Greedy: each ``Reduction`` proposes smaller scenarios, each is run, and the first one that
/// fails the same way takes the place of the one before. When nothing can be made smaller any
/// more under its seed, a few other seeds are tried: with fewer things happening the timings
/// shift, and the failure may show under another seed only. It ends when a whole round changes
/// nothing, or the budget of runs is spent. The same scenario always gives the same result.
package struct Shrinker {
    /// Runs a plan and says what came of it.
    package typealias Run = @Sendable (Plan) async throws -> ShrinkTrial

    private let strategies: [StrategyDescription]
    private let budget: Int
    private let run: Run
    private let watch: @Sendable (ShrinkProgress) -> Void
    private let firstSeed: UInt64
    private let target: ShrinkTarget
    private var current: ShrinkCandidate
    private var trial: ShrinkTrial
    /// Texts of the scenarios that were run and did not fail the same way.
    private var refused: Set<String> = []
    private var runs = 0

    /// How many other seeds are tried.
    static let otherSeeds: UInt64 = 3

    /// The smallest scenario found from that of `plan`.
    ///
    /// - Parameters:
    ///   - recorded: How the run that is known failed; `nil` if any failure will do.
    ///   - budget: The most runs.
    /// - Throws: ``ShrinkRefusal`` if `plan` does not fail like that, and what `run` throws.
    package static func shrink(
        _ plan: Plan, recorded: ShrinkTarget? = nil, strategies: [StrategyDescription],
        budget: Int, run: @escaping Run,
        watch: @escaping @Sendable (ShrinkProgress) -> Void = { _ in }
    ) async throws -> ShrinkResult {
        let trial = try await run(plan)
        let found = recorded.map { $0.part(metBy: trial) } ?? ShrinkTarget(trial, of: plan.scenario)
        guard let target = found else { throw ShrinkRefusal(failures: trial.failures) }
        var shrinker = Shrinker(
            strategies: strategies, budget: budget, run: run, watch: watch,
            firstSeed: plan.seed, target: target, current: ShrinkCandidate(plan.scenario),
            trial: trial, runs: 1)
        try await shrinker.shrink()
        return ShrinkResult(
            scenario: shrinker.current.scenario, trial: shrinker.trial, first: plan.scenario,
            firstTrial: trial, runs: shrinker.runs, isExhausted: shrinker.runs >= budget)
    }

    private mutating func shrink() async throws {
        var seeds: [UInt64] = []
        while runs < budget {
            if try await round(seeds) {
                seeds = []
            } else if seeds.isEmpty {
                seeds = [firstSeed] + (1...Self.otherSeeds).map { firstSeed &+ $0 }
            } else {
                return
            }
        }
    }

    /// Tries every reduction, each as often as it helps. Returns whether any did.
    private mutating func round(_ otherSeeds: [UInt64]) async throws -> Bool {
        var hasChanged = try await dropIdleExpectations()
        for reduction in Reduction.all {
            while let smaller = try await first(of: reduction, otherSeeds) {
                current = smaller
                hasChanged = true
                // Under another seed other things can be made smaller: begin anew with the usual.
                if !otherSeeds.isEmpty { return true }
                if runs >= budget { return true }
            }
        }
        return hasChanged
    }

    /// What held is not why the run failed.
    private mutating func dropIdleExpectations() async throws -> Bool {
        guard case .expectations(let wanted) = target else {
            let without = current.keepingExpectations([])
            return try await accept(without, [])
        }
        let kept = current.origins.indices.filter {
            trial.failed.contains($0) && wanted.contains(current.origins[$0])
        }
        return try await accept(current.keepingExpectations(kept), [])
    }

    private mutating func accept(
        _ candidate: ShrinkCandidate, _ otherSeeds: [UInt64]
    ) async throws -> Bool {
        guard let smaller = try await failing(candidate, otherSeeds, "fewer expectations") else {
            return false
        }
        current = smaller
        return true
    }

    /// The first proposal that fails the same way.
    private mutating func first(
        of reduction: Reduction, _ otherSeeds: [UInt64]
    ) async throws -> ShrinkCandidate? {
        for candidate in reduction.candidates(current) where runs < budget {
            if let found = try await failing(candidate, otherSeeds, reduction.name) {
                return found
            }
        }
        return nil
    }

    /// The candidate under the first seed under which it fails the same way; `nil` if there is
    /// none, or it is not valid or not smaller.
    private mutating func failing(
        _ candidate: ShrinkCandidate, _ otherSeeds: [UInt64], _ what: String
    ) async throws -> ShrinkCandidate? {
        guard candidate != current, candidate.isSmaller(than: current),
            isWritable(candidate.scenario)
        else { return nil }
        for seed in [current.scenario.seed] + otherSeeds where runs < budget {
            let seeded = candidate.with { $0.seed = seed }
            let text = seeded.scenario.conciseYAML
            guard !refused.contains(text) else { continue }
            runs += 1
            let trial = try await run(Plan(seeded.scenario))
            if target.isMet(by: trial, of: seeded) {
                self.trial = trial
                watch(
                    ShrinkProgress(
                        runs: runs, budget: budget, reduction: what,
                        size: ScenarioSize(seeded.scenario), hasHelped: true))
                return seeded
            }
            refused.insert(text)
            watch(
                ShrinkProgress(
                    runs: runs, budget: budget, reduction: what,
                    size: ScenarioSize(current.scenario), hasHelped: false))
        }
        return nil
    }

    /// Whether the scenario is valid, and a file can say it.
    private func isWritable(_ scenario: Scenario) -> Bool {
        guard let again = try? Scenario.decode(yaml: scenario.conciseYAML, strategies: strategies)
        else { return false }
        return again == scenario
    }
}

extension ShrinkTarget {
    /// What of it a run of the first plan shows; `nil` if nothing.
    fileprivate func part(metBy trial: ShrinkTrial) -> ShrinkTarget? {
        switch self {
        case .crash: return trial.isCrash ? .crash : nil
        case .expectations(let wanted):
            let failed = wanted.filter(trial.failed.contains)
            return trial.isCrash || failed.isEmpty ? nil : .expectations(failed)
        }
    }

    /// Whether a run of `candidate` fails like that.
    fileprivate func isMet(by trial: ShrinkTrial, of candidate: ShrinkCandidate) -> Bool {
        switch self {
        case .crash: return trial.isCrash
        case .expectations(let wanted):
            return !trial.isCrash
                && trial.failed.contains { position in
                    wanted.contains(
                        position == ShrinkTrial.liveness ? position : candidate.origins[position])
                }
        }
    }
}
