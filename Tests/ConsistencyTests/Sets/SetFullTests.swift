import Determinism
import Recording
import Testing

@testable import Consistency

@Suite struct SetFullTests {
    private func found(_ build: (inout HistoryBuilder) -> Void) -> SetFull {
        var builder = HistoryBuilder()
        build(&builder)
        let history = History(builder.operations)
        return SetFull(HistorySelection(history, Array(history.indices)))
    }

    @Test func whatEveryLaterReadShowsIsStableAtOnce() {
        let set = found { builder in
            builder.add(.read, .list([]), from: 0, to: 1)
            builder.add(.add, 1, from: 2, to: 3)
            builder.add(.read, .list([1]), from: 4, to: 5)
            builder.add(.read, .list([1]), from: 6, to: 7)
        }
        #expect(set.elements.map(\.outcome) == [.stable(after: .zero)])
        #expect(set.verdict == .valid)
        #expect(set.stale.isEmpty)
        #expect(set.checked == 4)
    }

    @Test func whatIsShownLateIsStale() {
        let set = found { builder in
            builder.add(.add, 1, from: 0, to: 10)
            builder.add(.read, .list([]), from: 30, to: 40)
            builder.add(.read, .list([1]), from: 50, to: 60)
        }
        #expect(set.elements.map(\.outcome) == [.stable(after: TimeSpan(nanoseconds: 20))])
        #expect(set.stale.map(\.lastAbsent) == [1])
        #expect(set.verdict == .valid)
        #expect(set.stableLatency(quantile: 0.5) == TimeSpan(nanoseconds: 20))
    }

    /// A read that began before the addition was known may miss it.
    @Test func concurrentReadsMayMissWhatIsAdded() {
        let set = found { builder in
            builder.add(.add, 1, from: 0, to: 10)
            builder.add(.read, .list([]), from: 9, to: 40)
            builder.add(.read, .list([1]), from: 50, to: 60)
        }
        #expect(set.stale.isEmpty)
    }

    @Test func whatIsAcknowledgedAndNotShownIsLost() {
        let set = found { builder in
            builder.add(.add, 1, from: 0, to: 10)
            builder.add(.add, 2, from: 0, to: nil, .info)
            builder.add(.add, 3, from: 0, to: 10, .fail)
            builder.add(.read, .list([]), from: 30, to: 40)
        }
        #expect(set.lost.map(\.value) == [1])
        #expect(set.neverRead == 1)
        #expect(set.verdict == .invalid)
    }

    @Test func whatWasShownAndIsNotAnyMoreIsLostThoughNobodyAcknowledgedIt() {
        let set = found { builder in
            builder.add(.add, 1, from: 0, to: nil, .info)
            builder.add(.read, .list([1]), from: 10, to: 20)
            builder.add(.read, .list([]), from: 30, to: 40)
        }
        #expect(set.lost.map(\.value) == [1])
    }

    @Test func duplicatesAreFound() {
        let set = found { builder in
            builder.add(.add, 1, from: 0, to: 1)
            builder.add(.read, .list([1, 1]), from: 2, to: 3)
        }
        #expect(set.duplicates.map(\.value) == [1])
        #expect(set.verdict == .invalid)
    }

    @Test func withoutReadsNothingIsKnown() {
        let set = found { $0.add(.add, 1, from: 0, to: 1) }
        #expect(set.verdict == .unknown)
        #expect(set.neverRead == 1)
    }

    /// Against Jepsen's own way: for every element the latest read that shows it and the latest
    /// that does not.
    @Test func theShortWayFindsWhatTheLongOneDoes() {
        var comparison = MeasureComparison()
        comparison.compareAll(upTo: 3)
        comparison.compareSeeded(0..<400)
        let tally = comparison.sets
        #expect(tally.differences == 0, "\(tally.firstDifference ?? "")")
        #expect(tally.valid > 100 && tally.invalid > 100, "\(tally)")
    }
}
