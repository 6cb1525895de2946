import Testing

@testable import Exploration

/// The tests behind a finding, against known values.
struct EquivalenceTestTests {
    /// From the tables in Abramowitz and Stegun, 26.10.
    @Test(arguments: [
        (0.9, 1, 6.314), (0.9, 2, 2.920), (0.9, 4, 2.132), (0.9, 5, 2.015), (0.95, 10, 2.228),
        (0.99, 2, 9.925), (0.99, 3, 5.841), (0.99, 30, 2.750), (0.5, 7, 0.711),
    ])
    func quantilesAreThoseOfTheTables(_ confidence: Double, _ degrees: Int, _ value: Double) {
        let found = StudentDistribution.quantile(confidence: confidence, degrees: degrees)
        #expect((found - value).magnitude < 0.0006, "\(found)")
    }

    @Test func pairsGiveTheirInterval() {
        // Mean 2, deviation 1, three pairs: 2 ± 2.920 / √3.
        let test = EquivalenceTest(paired: [1, 2, 3], margin: 4, comparisons: 1)
        #expect(test.difference == 2)
        #expect((test.interval.upperBound - 3.6858).magnitude < 0.001)
        #expect(test.outcome == .equivalent)
        #expect(
            EquivalenceTest(paired: [1, 2, 3], margin: 3, comparisons: 1).outcome == .undecided)
    }

    @Test func strangersShareTheirSpread() {
        // Means 10 and 14; variances 1 and 4 with 2 and 3 degrees of freedom: pooled 14 / 5.
        let test = EquivalenceTest(
            [9, 10, 11], [12, 14, 16, 14], margin: 9, comparisons: 1)
        #expect(test.difference == 4)
        let pooled = (2.0 * 1 + 8.0) / 5
        let half = 2.015 * (pooled / 3 + pooled / 4).squareRoot()
        #expect((test.interval.upperBound - 4 - half).magnitude < 0.005)
        #expect(test.outcome == .equivalent)
    }

    @Test func manyComparisonsNeedClearerDifferences() {
        let differences = [9.0, 10, 11, 10]
        #expect(
            EquivalenceTest(paired: differences, margin: 8, comparisons: 1).outcome == .different)
        #expect(
            EquivalenceTest(paired: differences, margin: 8, comparisons: 200).outcome
                == .undecided)
        #expect(
            EquivalenceTest(paired: differences, margin: 1, comparisons: 200).outcome
                == .different)
    }

    @Test func noSpreadIsNoReasonForDoubt() {
        #expect(EquivalenceTest(paired: [0, 0], margin: 0, comparisons: 9).outcome == .equivalent)
        #expect(EquivalenceTest(paired: [1, 1], margin: 0, comparisons: 9).outcome == .different)
    }
}
