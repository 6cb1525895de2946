import Judgement
import Recording
import Reporting
import Scenarios
import Testing

@testable import Exploration

/// Runs whose faults are drawn, each compared with those of its own Plan.
struct DrawnEquivalenceTests {
    /// Five Plans, whose runs measure quite different things; `change` is what the virtual engine
    /// makes of a run.
    private func agreement(
        spread: Double = 0.2, disturbed: Set<Int> = [], _ change: (inout MadeRun, Int) -> Void
    ) -> Agreement {
        let noise = [0.0, 1, -1, 0.5, -0.5]
        let plans = (0..<5).map { index in
            var base = MadeRun(seed: UInt64(index + 1))
            base.median = [90.0, 300, 40, 800, 120][index]
            base.availability = [0.99, 0.6, 0.8, 0.95, 0.7][index]
            base.planned = 100 * (index + 5)
            base.convergence = Double(200 * index)
            var processes = base
            if disturbed.contains(index) { processes.lateness = 40 }
            let virtual = noise.indices.map { number in
                var run = base
                run.seed += UInt64(number) << 32
                run.median += noise[number] * spread
                change(&run, index)
                return run.report
            }
            return PlanRuns(processes: processes.report, virtual: virtual)
        }
        return Agreement(scenario: "made", plans: plans, isPlanExact: true)
    }

    @Test func plansThatDifferAmongThemselvesAgree() {
        let found = agreement { _, _ in }
        #expect(found.verdict == .agree)
        #expect(found.count(.undecided) == 0)
        #expect(
            Set(found.comparisons.map(\.quantity.measure)) == [
                .planned, .availability, .median, .convergence, .messages, .staleReads, .lostWrites,
            ])
        // Effects belong to single faults, which stand in one Plan only.
        #expect(found.statements.map(\.text) == ["linearizable", "availability"])
        #expect(AgreementReport(found).text.contains("faults are drawn"))
    }

    private static let planted: [(Quantity.Measure, @Sendable (inout MadeRun) -> Void)] = [
        (.planned, { $0.planned += 1 }),
        (.median, { $0.median *= 1.4 }),
        (.availability, { $0.availability -= 0.05 }),
        (.convergence, { $0.convergence += 900 }),
        (.messages, { $0.messages += 1 }),
        (.staleReads, { $0.stale += 50 }),
        (.lostWrites, { $0.lost += 20 }),
    ]

    @Test(arguments: DrawnEquivalenceTests.planted.indices)
    func aPlantedDifferenceIsFound(_ index: Int) {
        let (measure, plant) = Self.planted[index]
        let found = agreement { run, _ in plant(&run) }
        let worst = found.comparisons.first
        #expect(worst?.quantity.measure == measure)
        // What is a share of something else scatters with it.
        #expect(worst?.finding == .different || measure == .median && worst?.finding == .undecided)
        #expect(found.verdict != .agree)
    }

    @Test func whatChanceMakesOfOnePlanIsNoDifference() {
        // Runs of the same Plan scatter by 60 ms: that the mean is off by 40 is not seen.
        let found = agreement(spread: 80) { run, _ in run.median += 40 }
        let median = found.comparisons.first { $0.quantity.measure == .median }
        #expect(median?.finding == .equivalent)
        #expect(median?.isMarginSpread == true)
    }

    @Test func safetyMustBeTheSameUnderEverySeed() {
        let found = agreement { run, index in if index == 3 { run.linearizable = false } }
        #expect(found.verdict == .differ)
        let lost = agreement { run, index in if index == 3 { run.available = false } }
        #expect(lost.count(.different) == 0)
        #expect(lost.statements.map(\.finding) == [.equivalent, .undecided])
    }

    @Test func disturbedRunsOnlySayWhatWasPlanned() {
        let found = agreement(disturbed: [0, 1, 2, 3]) { run, _ in run.median += 100 }
        #expect(found.verdict == .undecided)
        let planned = found.comparisons.first { $0.quantity.measure == .planned }
        #expect(planned?.finding == .equivalent)
        let median = found.comparisons.first { $0.quantity.measure == .median }
        #expect(median?.finding == .undecided)
    }
}
