import Consistency
import Testing

/// What the builder makes of what it is given.
@Suite struct SessionHistoryTests {
    @Test func operationsOfAProcessAreASession() {
        var builder = SessionHistory.Builder()
        builder.append(process: 7, identity: 10, key: 5, writes: 1)
        builder.append(process: 3, identity: 11, key: 9, reads: 0)
        builder.append(process: 7, identity: 12, key: 9, reads: 0, writes: 2)
        let history = builder.build()
        #expect(history.sessionCount == 2)
        #expect(history.keyCount == 2)
        #expect(Array(history.identities) == [10, 12, 11])
        #expect(history.operations(of: 0) == 0..<2)
        #expect(Array(history.keyNames) == [5, 9])
        #expect(Array(history.keys) == [0, 1, 1])
    }

    @Test func anUnreadWriteOfUnknownOutcomeIsLeftOut() {
        var builder = SessionHistory.Builder()
        builder.append(process: 1, identity: 0, key: 1, writes: 1, isIndefinite: true)
        builder.append(process: 1, identity: 1, key: 1, reads: 0)
        builder.append(process: 2, identity: 2, key: 2, writes: 1, isIndefinite: true)
        builder.append(process: 3, identity: 3, key: 2, reads: 1)
        builder.append(process: 4, identity: 4, key: 2, reads: 5, isIndefinite: true)
        let history = builder.build()
        #expect(history.identities.sorted() == [1, 2, 3])
        #expect(!history.isOptional.contains(true))
        #expect(CausalConsistency.check(history, .causal).verdict == .valid)
    }

    /// What was read took effect, and so did what it had read itself.
    @Test func aSwapThatWasReadTookEffectAndSoDidItsSource() {
        var builder = SessionHistory.Builder()
        builder.append(process: 1, identity: 0, key: 1, writes: 1, isIndefinite: true)
        builder.append(process: 2, identity: 1, key: 1, reads: 1, writes: 2, isIndefinite: true)
        builder.append(process: 3, identity: 2, key: 1, reads: 2)
        builder.append(process: 4, identity: 3, key: 1, reads: 9, writes: 3, isIndefinite: true)
        #expect(builder.build().identities.sorted() == [0, 1, 2])
    }

    @Test func anOperationOfUnknownOutcomeEndsItsSession() {
        var builder = SessionHistory.Builder()
        builder.append(process: 1, identity: 0, key: 1, writes: 1, isIndefinite: true)
        builder.append(process: 1, identity: 1, key: 1, reads: 0)
        builder.append(process: 2, identity: 2, key: 1, reads: 1)
        let history = builder.build()
        #expect(history.sessionCount == 3)
        #expect(SequentialConsistency.check(history).verdict == .valid)
    }

    @Test func oddInputHasVerdicts() {
        #expect(
            CausalConsistency.check(SessionHistory.Builder().build(), .causalMemory).verdict
                == .valid)
        #expect(SequentialConsistency.check(SessionHistory.Builder().build()).verdict == .valid)
        var builder = SessionHistory.Builder()
        builder.append(process: -5, identity: -1, key: .min, reads: .min)
        builder.append(process: -5, identity: -1, key: .max, writes: .min)
        builder.append(process: .max, identity: .min, key: .max, reads: .max)
        builder.append(process: .max, identity: .min, key: .max)
        let history = builder.build()
        #expect(history.count == 3)
        for model in CausalModel.allCases {
            #expect(CausalConsistency.check(history, model).verdict == .invalid)
        }
        #expect(SequentialConsistency.check(history).verdict == .invalid)
        #expect(ValueGuarantees.check(history)[.monotonicReads]?.verdict == .invalid)
    }
}
