import Consistency
import Testing

/// Both methods of deciding linearizability, and sequential consistency, against dumb ones: all small histories, and random
/// larger ones. `scripts/soak check-exhaust` goes further.
@Suite struct LinearizabilityExhaustionTests {
    private func expectAgreement(_ comparison: ObjectComparison, atLeast count: Int) {
        for tally in [comparison.tally, comparison.sequential] {
            #expect(tally.differences == 0, "\(tally.firstDifference ?? "")")
            #expect(tally.unknown == 0)
            #expect(tally.valid > count && tally.invalid > count, "\(tally)")
        }
    }

    @Test(arguments: ObjectKind.allCases) func smallHistories(_ kind: ObjectKind) {
        var comparison = ObjectComparison(kind)
        // Histories of the others have more answers.
        let isNarrow = kind == .register || kind == .queue || kind == .mutex
        comparison.compareAll(upTo: isNarrow ? 4 : 3, wideMax: 2)
        expectAgreement(comparison, atLeast: 100)
    }

    @Test(arguments: ObjectKind.allCases) func randomHistories(_ kind: ObjectKind) {
        var comparison = ObjectComparison(kind)
        comparison.compareSeeded(0..<600)
        expectAgreement(comparison, atLeast: 10)
    }

    /// Every way for three operations to overlap, in five orders of what returned before what; and
    /// how many such orders there are of more (sequence A022493 of the OEIS).
    @Test func waysToOverlap() {
        for (count, orders) in [(1, 1), (2, 2), (3, 5), (4, 15), (5, 53)] {
            let all = SmallIntervals.all(count: count, clients: count)
            #expect(all.count { $0.allSatisfy { $0.last != nil } } == orders)
            #expect(Set(all).count == all.count)
        }
        // Five at once need five clients; four with one more before or after, or beside, four.
        let few = SmallIntervals.all(count: 4).filter { $0.allSatisfy { $0.last != nil } }
        #expect(few.count == 14)
    }
}
