import Consistency
import Determinism
import Testing

/// All checkers of sessions against decisions from the definitions, and against one another.
/// `meridian-bench check-exhaust` goes further.
@Suite struct CausalExhaustionTests {
    @Test(arguments: [1, 2, 3, 4]) func allHistories(count: Int) {
        var comparison = ReferenceComparison()
        SmallHistories.forEach(count: count, swaps: count < 4) { comparison.compare($0) }
        #expect(comparison.differences == [])
        if count == 4 {
            for model in CausalModel.allCases {
                #expect(comparison.tallies[model.rawValue]?.valid ?? 0 > 500)
                #expect(comparison.tallies[model.rawValue]?.invalid ?? 0 > 500)
            }
        }
    }

    @Test(arguments: 0..<8) func randomHistories(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "causal-exhaustion")
        var comparison = ReferenceComparison()
        for _ in 0..<40 {
            let count = 5 + random.index(4)
            let history = SmallHistories.random(
                count: count, sessions: 2 + random.index(2), keys: 1 + random.index(3), &random)
            comparison.compare(history, allOrders: count == 5)
        }
        #expect(comparison.differences == [])
    }

    /// Causal memory and PRAM where views have to be revised again and again.
    @Test func viewsOfLongerHistories() {
        var valid = 0
        var comparison = ReferenceComparison()
        for seed in 0..<UInt64(300) where comparison.compareViews(seed: seed) { valid += 1 }
        #expect(comparison.differences == [])
        #expect((50...250).contains(valid))
    }

    /// A write of unknown outcome may have taken effect or not: the history is right if one of
    /// the two is.
    @Test(arguments: 0..<6) func operationsOfUnknownOutcome(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "indefinite")
        var orders = PartialOrders()
        for _ in 0..<40 {
            let drawn = SmallHistories.random(
                count: 5, sessions: 3, keys: 1 + random.index(2), &random)
            // The last operation of a session may be one whose outcome is unknown.
            let lasts = (0..<drawn.sessionCount).compactMap { drawn.operations(of: $0).last }
                .filter { drawn.writes[$0] != SessionHistory.nothing }
            func build(isIndefinite: Bool, without left: Set<Int>) -> SessionHistory {
                var builder = SessionHistory.Builder()
                for index in 0..<drawn.count where !left.contains(index) {
                    let reads = drawn.reads[index]
                    let writes = drawn.writes[index]
                    builder.append(
                        process: Int(drawn.sessions[index]), identity: index,
                        key: drawn.keys[index],
                        reads: reads == SessionHistory.nothing ? nil : reads,
                        writes: writes == SessionHistory.nothing ? nil : writes,
                        isIndefinite: isIndefinite && lasts.contains(index))
                }
                return builder.build()
            }
            var allowed = Set<CausalModel>()
            var isSequential = false
            for choice in 0..<(1 << lasts.count) {
                let left = Set(lasts.indices.filter { choice >> $0 & 1 == 1 }.map { lasts[$0] })
                let reference = ReferenceHistory(build(isIndefinite: false, without: left))
                allowed.formUnion(reference.causalModels(&orders))
                isSequential = isSequential || reference.isSequential()
            }
            let history = build(isIndefinite: true, without: [])
            for result in CausalConsistency.check(history, CausalModel.allCases) {
                let expected: CheckVerdict = allowed.contains(result.model) ? .valid : .invalid
                #expect(
                    result.verdict == expected,
                    "seed \(seed) \(result.model): \(ReferenceComparison.text(history))")
            }
            #expect(
                SequentialConsistency.check(history).verdict == (isSequential ? .valid : .invalid))
        }
    }
}
