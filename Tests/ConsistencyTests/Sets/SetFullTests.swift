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
    @Test(arguments: 0..<30)
    func theShortWayFindsWhatTheLongOneDoes(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "sets")
        for _ in 0..<40 {
            var builder = HistoryBuilder()
            var begun: [Int64: Int64] = [:]
            for index in 0..<8 {
                let invoked = Int64(random.index(20))
                let completed = invoked + Int64(1 + random.index(8))
                if random.chance(0.5) {
                    let isKnown = random.chance(0.7)
                    begun[Int64(index)] = invoked
                    builder.add(
                        .add, .integer(Int64(index)), from: invoked,
                        to: isKnown ? completed : nil, isKnown ? .ok : .info)
                } else {
                    // Nobody sees what is not there yet.
                    let shown = (0..<Int64(8)).filter { value in
                        begun[value].map { $0 < completed } ?? false && random.chance(0.5)
                    }
                    builder.add(
                        .read, .list(shown.map(HistoryValue.integer)), from: invoked, to: completed)
                }
            }
            let history = History(builder.operations)
            let set = SetFull(HistorySelection(history, Array(history.indices)))
            for element in set.elements {
                let addition = builder.operations[element.addition]
                #expect(
                    element.outcome == Self.outcome(of: addition, builder.operations),
                    "seed \(seed)")
            }
        }
    }

    private static func outcome(
        of addition: HistoryOperation, _ operations: [HistoryOperation]
    ) -> SetFull.Outcome {
        func shows(_ read: HistoryOperation) -> Bool {
            if case .list(let values) = read.value {
                values.contains(addition.value)
            } else {
                false
            }
        }
        let reads = operations.filter { read in
            read.function == .read
                && (shows(read) || read.completed ?? .zero > addition.invoked ?? .zero)
        }.sorted { ($0.invoked ?? .zero, $0.index) < ($1.invoked ?? .zero, $1.index) }
        let present = reads.lastIndex(where: shows)
        let absent = reads.lastIndex { !shows($0) }
        var knownAt = reads.filter(shows).compactMap(\.completed)
        if addition.outcome == .ok, let completed = addition.completed { knownAt.append(completed) }
        guard let known = knownAt.min() else { return .neverRead }
        if let present, absent ?? -1 < present {
            let late = absent.flatMap { reads[$0].invoked }.map { $0 - known } ?? .zero
            return .stable(after: max(late, .zero))
        }
        if let absent, let invoked = reads[absent].invoked, invoked > known {
            let since = present.flatMap { reads[$0].invoked }.map { $0 - known } ?? .zero
            return .lost(after: max(since, .zero))
        }
        return .neverRead
    }
}
