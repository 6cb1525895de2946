import Determinism
import Scenarios
import Testing

@testable import Exploration

/// Costs told from made-up nodes whose true costs are known.
struct CalibrationTests {
    /// A node that works at 120 µs an operation, 30 µs a message and 0.4 % of idling.
    private func node(
        _ seconds: Double, _ operations: Double, _ messages: Double, commit: TimeSpan,
        commits: Int64 = 500
    ) -> Calibration.Sample {
        Calibration.Sample(
            seconds: seconds,
            processorSeconds: operations * 120e-6 + messages * 30e-6 + seconds * 0.004,
            operations: operations, messages: messages, commits: commits, commitMean: commit)
    }

    @Test func costsAreFound() {
        let found = Calibration(
            [
                node(4, 4, 60, commit: .milliseconds(90), commits: 3),
                node(40, 2000, 5000, commit: .milliseconds(3)),
                node(40, 1900, 2600, commit: .milliseconds(2)),
                node(41, 2100, 2400, commit: .milliseconds(40)),
            ], keeping: NodeCost())
        #expect((found.cost.perOperation.microseconds - 120).magnitude < 0.1)
        #expect((found.cost.perMessage.microseconds - 30).magnitude < 0.1)
        #expect((found.idleShare - 0.004).magnitude < 1e-6)
        #expect(found.residualShare < 1e-6)
        // The median: neither the node whose disk was busy nor the one that hardly wrote.
        #expect(found.cost.fsync == .milliseconds(3))
        #expect(found.cost.queue == NodeCost().queue)
    }

    @Test func whatGrowsTogetherIsSharedAsInTheScenario() {
        // Five messages with each operation: only what both cost together can be told.
        let samples = [400.0, 900, 1500, 2000].map { operations in
            node(40, operations, 5 * operations, commit: .milliseconds(2))
        }
        let given = NodeCost(perOperation: .microseconds(30), perMessage: .microseconds(10))
        let found = Calibration(samples + [node(4, 4, 20, commit: .zero)], keeping: given).cost
        // 120 + 5 × 30 µs, an operation as much as three messages.
        #expect((found.perMessage.microseconds - 270.0 / 8).magnitude < 1)
        #expect((found.perOperation.microseconds - 3 * 270.0 / 8).magnitude < 3)
    }

    @Test func nothingMeasuredChangesNothing() {
        let given = NodeCost(fsync: .milliseconds(7), perOperation: .microseconds(9))
        #expect(Calibration([Calibration.Sample](), keeping: given).cost == given)
    }

    @Test func noCostIsNegative() {
        // Messages seem to save time; they do not.
        let rows = [[1.0, 10, 5], [2, 1, 12], [3, 8, 15]]
        let found = LeastSquares.nonNegative(rows)
        #expect(found.allSatisfy { $0 >= 0 })
        #expect(found[1] == 0)
        #expect((found[0] - 74.0 / 14).magnitude < 1e-9)
    }

    @Test func columnsThatCannotBeToldApartShareNothing() {
        let found = LeastSquares.nonNegative([[1, 2, 3], [2, 4, 6], [3, 6, 9]])
        #expect(found.count { $0 > 0 } == 1)
        #expect((found[0] + 2 * found[1] - 3).magnitude < 1e-9)
        // Nor do columns that differ by less than the noise of what is measured.
        let almost = LeastSquares.nonNegative([[1, 2, 3], [2, 4.01, 6.01], [3, 6, 9]])
        #expect(almost.count { $0 > 0 } == 1)
    }
}

extension TimeSpan {
    fileprivate var microseconds: Double { milliseconds * 1000 }
}
