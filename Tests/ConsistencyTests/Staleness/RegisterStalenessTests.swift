import Determinism
import Testing

@testable import Consistency

@Suite struct RegisterStalenessTests {
    private typealias Call = ObjectCall<RegisterModel.Call>

    /// On all histories of three operations, and on larger ones.
    @Test func agesVersionsAndShiftsAreThoseOfTheDefinitions() {
        var comparison = MeasureComparison()
        comparison.compareAll(upTo: 3)
        comparison.compareSeeded(0..<400)
        for tally in [comparison.staleness, comparison.delta] {
            #expect(tally.differences == 0, "\(tally.firstDifference ?? "")")
            #expect(tally.valid > 100 && tally.invalid > 100, "\(tally)")
        }
    }

    @Test func valuesOfSeveralWritersAreNotJudged() {
        let staleness = RegisterStaleness([
            Call(identity: 0, invoked: 0, returned: 1, call: .write(1)),
            Call(identity: 1, invoked: 2, returned: 3, call: .write(1)),
            Call(identity: 2, invoked: 4, returned: 5, call: .read(1)),
            Call(identity: 3, invoked: 4, returned: 5, call: .read(2)),
        ])
        #expect(staleness.reads.isEmpty)
        #expect(staleness.unjudged == 2)
    }

    /// It may have been on its way until it was read.
    @Test func whatNeverReturnedIsNotJudged() {
        let staleness = RegisterStaleness([
            Call(identity: 0, invoked: 0, returned: nil, call: .write(1)),
            Call(identity: 1, invoked: 2, returned: 3, call: .write(2)),
            Call(identity: 2, invoked: 4, returned: 5, call: .read(1)),
        ])
        #expect(staleness.reads.isEmpty)
        #expect(staleness.unjudged == 1)
    }

    @Test func noShiftHelpsWhatNobodyWrote() {
        let delta = AtomicityDelta([
            Call(identity: 0, invoked: 0, returned: 1, call: .write(1)),
            Call(identity: 1, invoked: 2, returned: 3, call: .read(2)),
        ])
        #expect(delta == .infinite)
    }
}
