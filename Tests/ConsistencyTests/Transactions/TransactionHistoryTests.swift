import Consistency
import Determinism
import Testing

/// Histories that say nothing, or that are not what they should be, and large ones.
@Suite struct TransactionHistoryTests {
    @Test(arguments: TransactionHistory.Kind.allCases)
    func nothingIsUnknown(_ kind: TransactionHistory.Kind) {
        let empty = TransactionConsistency.check(TransactionHistory(kind: kind))
        #expect(empty.verdict == .unknown)
        #expect(empty.reason == "no transaction depends on another")
        #expect(empty.allowed == [.strictSerializable])
        #expect(SampleHistory(kind, "rx\nrx ry\nry?").check().verdict == .unknown)
        #expect(SampleHistory(kind, "rx fail").check().verdict == .unknown)
    }

    @Test func whatDoesNotFitIsLeftOutAndCounted() {
        var history = TransactionHistory(kind: .listAppend)
        history.append(1, 1)
        history.begin(identity: 7, process: 1, invoked: 5, returned: 2, outcome: .ok)
        history.write(1, 3)
        history.read(1, value: 3)
        history.append(1, 3)
        history.begin(identity: 8, process: 1, invoked: 6, returned: 7, outcome: .ok)
        history.read(1, list: [3])
        #expect(history.rejectedCount == 3)
        #expect(history.operationCount == 2)
        let result = TransactionConsistency.check(history)
        #expect(result.verdict == .unknown)
        #expect(result.reason == "3 operations do not fit the history")
        #expect(result.anomalies.isEmpty)
    }

    @Test func extremeNumbersAreNumbers() {
        var history = TransactionHistory(kind: .listAppend)
        for (number, value) in [Int32.min, -1, 0, .max].enumerated() {
            history.begin(
                identity: .max, process: .min, invoked: .min, returned: number == 0 ? .min : .max,
                outcome: .ok)
            history.append(value, value)
            history.read(value, list: [value])
        }
        history.begin(identity: 1, process: 1, invoked: .max, returned: nil, outcome: .ok)
        for value in [Int32.min, -1, 0, .max] { history.read(value, list: [value]) }
        #expect(TransactionConsistency.check(history).verdict == .valid)
    }

    @Test(arguments: [
        (TransactionHistory.Kind.listAppend, "ax1\nax1\nrx1\nay1\nry1", "duplicate-appends"),
        (.listAppend, "ax1 ax1\nrx11\nay1\nry1", "duplicate-appends"),
        (.readWriteRegister, "wx1\nwx1\nrx1\nwy1\nry1", "duplicate-writes"),
        (.readWriteRegister, "wx1\nwx0\nrx0\nwy1\nry1", "duplicate-writes"),
    ])
    func valuesGivenTwiceAreUnknown(
        _ kind: TransactionHistory.Kind, _ text: String, _ anomaly: String
    ) {
        let result = SampleHistory(kind, text).check()
        #expect(result.verdict == .unknown)
        #expect(result.counts.map(\.anomaly.name) == [anomaly])
        #expect(result.broken.isEmpty)
        // What is wrong elsewhere still counts.
        let other = SampleHistory(kind, text + "\nrz9").check()
        #expect(other.verdict == .invalid)
    }

    @Test func theWantedModelDecides() {
        let sample = SampleHistory(.listAppend, "ax1 ry\nay1 rx")
        #expect(sample.check(.serializable).verdict == .invalid)
        #expect(sample.check(.snapshotIsolation).verdict == .valid)
        #expect(sample.check(.snapshotIsolation).allowed == [.strongSnapshotIsolation])
    }

    @Test func aTooSmallBudgetIsUnknown() {
        let sample = SampleHistory(.listAppend, "ax1 ry\nay1 rx")
        let options = TransactionCheckOptions(budget: CheckBudget(statesMax: 10, bytesMax: 10))
        let result = TransactionConsistency.check(sample.history, options: options)
        #expect(result.verdict == .unknown)
        #expect(result.reason?.contains("with a budget of") == true)
    }

    @Test func aCycleIsExplainedStepByStep() {
        let result = SampleHistory(.listAppend, "ax1 ay1\nax2 ry\nrx12\nry1").check()
        #expect(result.anomalies.count == 1)
        let anomaly = result.anomalies[0]
        #expect(Set(anomaly.transactions) == [1, 2])
        #expect(anomaly.edges.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.ww, .rw])
        #expect(anomaly.edges.last?.to == anomaly.edges.first?.from)
        #expect(
            anomaly.explanation == [
                "T2 < T1: T2 read y = [], and T1 appended 1 to y after it (rw)",
                "T1 < T2: T1 appended 1 to x, and T2 appended 2 to x after it (ww)",
                "so T2 < T1 < T2: a contradiction",
            ])
    }

    /// Reads that all find a key absent while many write it blindly: as many antidependencies as
    /// there are pairs, which helpers must stand for without changing what is found.
    @Test(arguments: [3, 5, 40])
    func manyReadersAndWritersOfOneVersion(_ count: Int) {
        for isCyclic in [false, true] {
            var history = TransactionHistory(kind: .listAppend)
            for number in 0..<count {
                history.begin(
                    identity: number, process: Int32(number), invoked: 0, returned: 9,
                    outcome: .ok)
                history.read(0, list: [Int32]())
            }
            for number in 0..<count {
                history.begin(
                    identity: count + number, process: Int32(count + number), invoked: 0,
                    returned: 9, outcome: .ok)
                // The last of the writers reads what it must not, if there is to be a cycle.
                if isCyclic, number == count - 1 { history.read(0, list: [Int32]()) }
                history.append(0, Int32(number))
                if isCyclic, number == 0 { history.read(1, list: [Int32]()) }
                if number == count - 1 { history.append(1, 1) }
            }
            let result = TransactionConsistency.check(history)
            #expect(result.verdict == (isCyclic ? .invalid : .valid))
            if isCyclic { #expect(result.counts.map(\.anomaly) == [.g2Item]) }
        }
    }

    /// Long chains: nothing may recurse, and a cycle through all of them is still one.
    @Test func deepGraphs() {
        let count = 20_000
        for isClosed in [false, true] {
            var history = TransactionHistory(kind: .listAppend)
            for number in 0..<count {
                history.begin(
                    identity: number, process: Int32(number), invoked: 0, returned: 1, outcome: .ok)
                let next = number + 1 == count ? (isClosed ? 0 : count) : number + 1
                history.read(Int32(next), list: [Int32]())
                history.append(Int32(number), 1)
            }
            let result = TransactionConsistency.check(history)
            #expect(result.verdict == (isClosed ? .invalid : .valid))
            if isClosed {
                #expect(result.counts.map(\.anomaly) == [.g2Item])
                #expect(result.anomalies.first?.transactions.count == count)
                #expect(result.anomalies.first?.explanation.count == 34)
            }
        }
    }

    /// One late read of an old state: real time ties everything in between together, and yet the
    /// cycle that is told is the one of two.
    @Test func aStaleReadAtTheEnd() {
        let count = 5_000
        var history = TransactionHistory(kind: .listAppend)
        var lists: [Int32: [Int32]] = [:]
        var random = RandomStream(seed: 1, name: "stale")
        for number in 0..<count {
            history.begin(
                identity: number, process: Int32(number % 10), invoked: Int64(number),
                returned: Int64(number) + 8, outcome: .ok)
            let key = Int32(number / 100 * 10 + random.index(10))
            history.read(key, list: lists[key, default: []])
            history.append(key, Int32(number))
            lists[key, default: []].append(Int32(number))
        }
        #expect(TransactionConsistency.check(history).verdict == .valid)
        history.begin(
            identity: count, process: 99, invoked: 10_000, returned: 10_001, outcome: .ok)
        let (key, list) = lists.min { $0.key < $1.key }!
        history.read(key, list: list.dropLast())
        let result = TransactionConsistency.check(history)
        #expect(result.counts.map(\.anomaly) == [.gSingleRealtime])
        #expect(result.anomalies.first?.transactions.count == 2)
        #expect(result.reason == nil)
    }

    /// Keys that are sequential or linearizable by themselves tell more of the order of versions.
    @Test func vouchedOrdersOfRegisters() {
        // x goes from 1 to 2 for all that the clock says, but one reader saw 2 and then 1.
        let sample = SampleHistory(
            .readWriteRegister, "wx1 @0-1\nwx2 @2-3\nrx2 @4-9 ry\nrx1 @4-9 wy1\nrz @20-21")
        func check(_ sequential: Bool, _ linearizable: Bool) -> TransactionCheckResult {
            TransactionConsistency.check(
                sample.history,
                options: TransactionCheckOptions(
                    model: .serializable, sequentialKeys: sequential,
                    linearizableKeys: linearizable))
        }
        #expect(check(false, false).verdict == .valid)
        #expect(check(true, false).verdict == .valid)
        #expect(check(false, true).verdict == .invalid)
        // One process reads a version again after a later one.
        let back = SampleHistory(
            .readWriteRegister, "wx1 p1 @0-1\nwx2 p1 @2-3\nrx2 p2 @4-5\nrx1 p2 @6-7")
        let result = TransactionConsistency.check(
            back.history, options: TransactionCheckOptions(sequentialKeys: true))
        #expect(result.counts.first?.anomaly == .cyclicVersions)
    }

    /// Whatever the input, the checker answers, and the same each time.
    @Test(arguments: TransactionHistory.Kind.allCases)
    func noiseIsAnswered(_ kind: TransactionHistory.Kind) {
        var random = RandomStream(seed: 9, name: "noise")
        var verdicts: Set<CheckVerdict> = []
        for _ in 0..<1_500 {
            var history = TransactionHistory(kind: kind)
            for number in 0..<random.index(9) {
                let outcome = TransactionHistory.Outcome.allCases[random.index(3)]
                let invoked = Int64(random.index(9))
                history.begin(
                    identity: number, process: Int32(random.index(3)), invoked: invoked,
                    returned: random.chance(0.2) ? nil : Int64(random.index(12)),
                    outcome: outcome)
                for _ in 0..<random.index(5) {
                    let key = Int32(random.index(3))
                    let value = Int32(random.index(6))
                    switch random.index(4) {
                    case 0: history.readUnknown(key)
                    case 1:
                        if kind == .listAppend {
                            history.append(key, value)
                        } else {
                            history.write(key, value)
                        }
                    default:
                        if kind == .listAppend {
                            history.read(key, list: (0..<random.index(4)).map { _ in value })
                            history.read(key, list: 0..<value)
                        } else {
                            history.read(key, value: value)
                        }
                    }
                }
            }
            let options = TransactionCheckOptions(
                sequentialKeys: random.chance(0.5), linearizableKeys: random.chance(0.5))
            let result = TransactionConsistency.check(history, options: options)
            let again = TransactionConsistency.check(history, options: options)
            #expect(result.anomalies == again.anomalies)
            #expect(result.broken == again.broken)
            verdicts.insert(result.verdict)
        }
        #expect(verdicts.count > 1)
    }
}
