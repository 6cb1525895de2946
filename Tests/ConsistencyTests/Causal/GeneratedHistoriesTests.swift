import Consistency
import Determinism
import Testing

/// Histories of thousands of operations that are known to be right, and such with one planted
/// mistake.
@Suite struct GeneratedHistoriesTests {
    private func generator(_ choice: HistoryGenerator.Choice, _ seed: UInt64) -> HistoryGenerator {
        var generator = HistoryGenerator(sessions: 12, operations: 4_000, keys: 60)
        generator.choice = choice
        generator.seed = seed
        generator.distribution = seed % 2 == 0 ? .uniform : .zipfian
        generator.swapShare = choice == .single ? 0.1 : 0
        return generator
    }

    @Test(arguments: HistoryGenerator.Choice.allCases, [1, 2] as [UInt64])
    func rightHistories(choice: HistoryGenerator.Choice, seed: UInt64) {
        let history = HistoryGenerator.history(generator(choice, seed).generate(), withTimes: true)
        var verdicts: [CausalModel: CheckVerdict] = [:]
        for result in CausalConsistency.check(history, CausalModel.allCases) {
            verdicts[result.model] = result.verdict
        }
        #expect(verdicts[.causal] == .valid)
        switch choice {
        case .lastApplied:
            #expect(verdicts[.causalMemory] == .valid)
            #expect(verdicts[.pram] == .valid)
        case .latestInLog:
            #expect(verdicts[.causalConvergence] == .valid)
        case .single:
            for model in CausalModel.allCases { #expect(verdicts[model] == .valid) }
            let sequential = SequentialConsistency.check(history)
            #expect(sequential.verdict == .valid)
            #expect(sequential.witness.count == history.count)
        }
        let guarantees = ValueGuarantees.check(history)
        #expect(guarantees[.writesFollowReads]?.verdict == .valid)
        if choice != .latestInLog {
            for guarantee in SessionGuarantee.allCases {
                #expect(guarantees[guarantee]?.verdict == .valid)
            }
        }
    }

    /// A session that wrote twice to a key is shown the first by a read later on: that breaks
    /// every model, and the violation names that read.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func aPlantedMistakeIsFound(seed: UInt64) throws {
        var operations = generator(.single, seed).generate()
        var random = RandomStream(seed: seed, name: "plant")
        var planted: (write: Int, hidden: Int, read: Int)?
        while planted == nil {
            let write = random.index(operations.count / 2)
            let first = operations[write]
            guard first.writes != SessionHistory.nothing else { continue }
            let later = operations.indices.dropFirst(write + 1).filter {
                operations[$0].session == first.session && operations[$0].key == first.key
            }
            guard
                let hidden = later.first(where: {
                    operations[$0].writes != SessionHistory.nothing
                }),
                let read = later.first(where: {
                    $0 > hidden && operations[$0].writes == SessionHistory.nothing
                })
            else { continue }
            operations[read].reads = first.writes
            planted = (write, hidden, read)
        }
        let found = try #require(planted)
        let history = HistoryGenerator.history(operations, withTimes: true)
        for result in CausalConsistency.check(history, CausalModel.allCases) {
            #expect(result.verdict == .invalid)
            if result.model == .causal {
                let violation = try #require(result.violations.first)
                #expect(violation.pattern == .writeCORead)
                #expect(violation.operations.first == found.write)
                #expect(violation.operations.last == found.read)
            }
        }
        let guarantees = ValueGuarantees.check(history)
        #expect(guarantees[.readYourWrites]?.verdict == .invalid)
        #expect(guarantees[.readYourWrites]?.violation.last == found.read)
        let sequential = SequentialConsistency.check(history)
        #expect(sequential.verdict == .invalid)
        #expect(sequential.brokenModel == .causal)
    }
}
