import Consistency
import Determinism
import Testing

/// The checker against brute force, on histories of a few transactions. `scripts/soak
/// check-exhaust` goes further.
@Suite struct TransactionExhaustionTests {
    /// What breaks these need not show in any phenomenon that is looked for.
    private let mayMiss: Set<TransactionModel> = [.readAtomic, .causal, .prefix]

    private func expectAgreement(
        _ comparison: TransactionComparison, isComplete: Bool, atLeast count: Int
    ) {
        for model in TransactionModel.allCases {
            let tally = comparison.tallies[model] ?? AgreementTally()
            #expect(tally.differences == 0, "\(tally.firstDifference ?? "")")
            #expect(tally.missed == 0 || !isComplete || mayMiss.contains(model), "\(model.name)")
            #expect(tally.valid > count, "\(model.name): \(tally)")
        }
        for model in TransactionOracle.models {
            let invalid = comparison.tallies[model]?.invalid ?? 0
            #expect(invalid > count, "\(model.name): \(invalid)")
        }
    }

    /// Every history of two transactions of up to two operations, and of three of one.
    @Test(arguments: TransactionHistory.Kind.allCases)
    func smallHistories(_ kind: TransactionHistory.Kind) {
        var comparison = TransactionComparison(kind)
        comparison.compareAll(upTo: 3)
        expectAgreement(comparison, isComplete: kind == .listAppend, atLeast: 300)
    }

    @Test(arguments: TransactionHistory.Kind.allCases, [UInt64(0), 1000])
    func randomHistories(_ kind: TransactionHistory.Kind, _ seed: UInt64) {
        var comparison = TransactionComparison(kind)
        // Brute force takes longer over lists, with their two reads more.
        comparison.compareSeeded(seed..<seed + (kind == .listAppend ? 60 : 300))
        expectAgreement(comparison, isComplete: false, atLeast: 2)
        // Most of what is wrong is found, although that is not promised.
        let tally = comparison.tallies[.serializable] ?? AgreementTally()
        #expect(tally.invalid > tally.missed, "\(tally)")
    }

    /// With every append in a read at the end nothing escapes.
    @Test(arguments: UInt64(0)..<4) func completeListsAgree(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "complete")
        var comparison = TransactionComparison(.listAppend)
        for _ in 0..<50 {
            let sample = SampleHistoryDraw.lists(
                &random, count: 2 + random.index(3), isComplete: true)
            comparison.compare(sample, isComplete: true)
        }
        expectAgreement(comparison, isComplete: true, atLeast: 2)
    }
}
