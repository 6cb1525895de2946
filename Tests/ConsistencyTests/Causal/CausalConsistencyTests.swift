import Consistency
import Testing

/// Named histories, most after those of figure 3 of "On verifying causal consistency" (POPL 2017), and each
/// pattern with its operations.
@Suite struct CausalConsistencyTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var name: String
        var line: String
        var allowed: Set<CausalModel>
        var isSequential = false
        var testDescription: String { name }
    }

    static let examples = [
        Example(
            name: "the paper's: causal memory but not convergent",
            line: "wx1 rx2 | wx2 rx1", allowed: [.causal, .causalMemory, .pram]),
        Example(
            name: "the paper's: convergent but not causal memory",
            line: "wz1 wx1 wy1 | wx2 rz0 ry1 rx2", allowed: [.causal, .causalConvergence]),
        Example(
            name: "the paper's: causal memory and convergent, not sequential",
            line: "wx1 ry0 wy1 rx1 | wx2 ry0 wy2 rx2",
            allowed: [.causal, .causalMemory, .causalConvergence, .pram]),
        Example(
            name: "the paper's: causal, neither memory nor convergent",
            line: "wx1 | wx2 rx1 rx2", allowed: [.causal]),
        Example(
            name: "the paper's: not causal",
            line: "wx1 wy1 | ry1 wx2 | rx2 rx1", allowed: [.pram]),
        Example(
            name: "store buffering", line: "wx1 ry0 | wy1 rx0",
            allowed: [.causal, .causalMemory, .causalConvergence, .pram]),
        Example(
            name: "sequential",
            line: "wx1 ry1 | wy1 rx1",
            allowed: [.causal, .causalMemory, .causalConvergence, .pram], isSequential: true),
        Example(
            name: "writes of one session out of order", line: "wx1 wx2 | rx2 rx1", allowed: []),
        Example(
            name: "two that swap one value",
            line: "rx0wx1 | rx0wx2", allowed: [.causal, .causalMemory, .causalConvergence, .pram]),
        Example(
            name: "a chain of swaps",
            line: "rx0wx1 rx2 | rx1wx2",
            allowed: [.causal, .causalMemory, .causalConvergence, .pram], isSequential: true),
    ]

    @Test(arguments: examples) func verdicts(example: Example) {
        let history = sessions(example.line)
        for model in CausalModel.allCases {
            let result = CausalConsistency.check(history, model)
            let expected: CheckVerdict = example.allowed.contains(model) ? .valid : .invalid
            #expect(result.verdict == expected, "\(model.rawValue): \(result.violations)")
        }
        let sequential = SequentialConsistency.check(history)
        #expect(sequential.verdict == (example.isSequential ? .valid : .invalid))
        var reference = ReferenceComparison()
        reference.compare(history)
        #expect(reference.differences == [])
    }

    struct Shown: Sendable, CustomTestStringConvertible {
        var pattern: CausalPattern
        var model: CausalModel
        var line: String
        var operations: [Int]
        var testDescription: String { pattern.rawValue }
    }

    static let patterns = [
        Shown(
            pattern: .cyclicCO, model: .causal, line: "rx1 wy1 | ry1 wx1", operations: [3, 0, 1, 2]),
        Shown(
            pattern: .writeCOInitRead, model: .causal, line: "wx1 wy1 | ry1 rx0",
            operations: [0, 3]),
        Shown(pattern: .thinAirRead, model: .causal, line: "wx1 | rx2", operations: [1]),
        Shown(
            pattern: .writeCORead, model: .causal, line: "wx1 wy1 | ry1 wx2 | rx2 rx1",
            operations: [0, 3, 5]),
        Shown(
            pattern: .cyclicCF, model: .causalConvergence, line: "wx1 rx2 | wx2 rx1",
            operations: [0, 2, 1, 3]),
        Shown(
            pattern: .writeHBInitRead, model: .causalMemory,
            line: "wz1 wx1 wy1 | wx2 rz0 ry1 rx2", operations: [0, 4]),
        Shown(
            pattern: .cyclicHB, model: .causalMemory, line: "wx1 | wx2 | rx1 rx2 rx1",
            operations: [0, 1, 3, 4]),
        Shown(
            pattern: .writePOInitRead, model: .pram, line: "wx1 wy1 | ry1 rx0", operations: [0, 3]),
        Shown(
            pattern: .cyclicPO, model: .pram, line: "wx1 wx2 | rx2 rx1", operations: [0, 1, 3]),
    ]

    /// Each pattern is found under its name; of a circle the operations, wherever it is entered.
    @Test(arguments: patterns) func violations(shown: Shown) throws {
        let result = CausalConsistency.check(sessions(shown.line), shown.model)
        #expect(result.verdict == .invalid)
        let violation = try #require(result.violations.first { $0.pattern == shown.pattern })
        switch shown.pattern {
        case .cyclicCO, .cyclicCF, .cyclicHB, .cyclicPO:
            #expect(violation.operations.sorted() == shown.operations.sorted())
        case .writeCOInitRead, .thinAirRead, .writeCORead, .writeHBInitRead, .writePOInitRead:
            #expect(violation.operations == shown.operations)
        }
        #expect(!violation.reason.isEmpty)
    }

    @Test func repeatedValuesAreUnknownIfRead() {
        let unread = CausalConsistency.check(sessions("wx1 | wx1 | ry0"), .causal)
        #expect(unread.verdict == .valid)
        let read = CausalConsistency.check(sessions("wx1 | wx1 | rx1"), .causal)
        #expect(read.verdict == .unknown)
        #expect(read.ambiguous == [0, 1])
        #expect(read.reason != nil)
        let deleted = CausalConsistency.check(sessions("wx1 wx0 | rx0"), .causalMemory)
        #expect(deleted.verdict == .unknown)
        #expect(deleted.ambiguous == [1, 2])
        // What is wrong without the ambiguous reads is wrong.
        let wrong = CausalConsistency.check(sessions("wx1 wy1 | wx1 | rx1 rz7 ry1"), .causal)
        #expect(wrong.verdict == .invalid)
    }

    @Test func budgetsEndInUnknown() {
        var generator = HistoryGenerator(sessions: 8, operations: 2_000, keys: 5)
        generator.choice = .single
        let history = HistoryGenerator.history(generator.generate())
        let bytes = CheckBudget(statesMax: 1_000_000, bytesMax: 1_000)
        for model in CausalModel.allCases {
            let result = CausalConsistency.check(history, model, budget: bytes)
            #expect(result.verdict == .unknown)
            #expect(result.reason != nil)
        }
        let states = CheckBudget(statesMax: 1, bytesMax: 1 << 30)
        #expect(CausalConsistency.check(history, .causalMemory, budget: states).verdict == .unknown)
        #expect(CausalConsistency.check(history, .causal, budget: states).verdict == .valid)
    }
}
