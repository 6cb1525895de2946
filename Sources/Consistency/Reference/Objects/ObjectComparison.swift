import Determinism
import Recording
import Replication

/// Compares both methods of deciding linearizability, and the search for sequential consistency,
/// with ``ReferenceObject``.
package struct ObjectComparison {
    private let kind: ObjectKind
    /// What was compared of linearizability so far.
    package private(set) var tally = AgreementTally()
    /// And of sequential consistency.
    package private(set) var sequential = AgreementTally()

    /// A comparison for objects of `kind`.
    package init(_ kind: ObjectKind) { self.kind = kind }

    /// Compares the verdicts on one history: without versions, and with whatever versions the
    /// history's `number` gives it.
    package mutating func compare(_ operations: [ReferenceOperation], number: Int) {
        let isLinearizable = ReferenceObject.isLinearizable(operations, kind)
        let expected: CheckVerdict = isLinearizable ? .valid : .invalid
        let made = ReferenceOperation.history(operations, kind)
        var verdicts: [(String, CheckVerdict)] = [
            ("fast", verdict(made, .fast)), ("general", verdict(made, .general)),
        ]
        if number % 4 == 0 {
            let versioned = Self.versioned(made, number / 4)
            verdicts.append(("fast with versions", verdict(versioned, .fast)))
        }
        compareSequential(operations, made)
        guard let wrong = verdicts.first(where: { $0.1 != expected }) else {
            tally.count(expected)
            return
        }
        tally.countDifference(
            "\(kind.rawValue), \(wrong.0): \(wrong.1), not \(expected)\n\(Self.text(operations))")
    }

    private mutating func compareSequential(
        _ operations: [ReferenceOperation], _ made: [HistoryOperation]
    ) {
        let isSequential = ReferenceObject.isSequential(operations, kind)
        let expected: CheckVerdict = isSequential ? .valid : .invalid
        let history = History(made)
        let found = SequentialConsistency.check(history, dataType: "default", kind: kind)
        // That it follows from linearizability must never be said wrongly.
        let follows = SequentialConsistency.linearizable(history, dataType: "default", kind: kind)
        if found.verdict == expected, follows == nil || isSequential {
            return sequential.count(expected)
        }
        sequential.countDifference(
            "\(kind.rawValue), sequential: \(found.verdict), not \(expected)\n"
                + Self.text(operations))
    }

    private static func text(_ operations: [ReferenceOperation]) -> String {
        operations.map { "  \($0)" }.joined(separator: "\n")
    }

    private func verdict(
        _ operations: [HistoryOperation], _ method: LinearizabilityMethod
    ) -> CheckVerdict {
        Linearizability.check(
            History(operations), dataType: "default", kind: kind, method: method, shortenedMax: 0
        ).verdict
    }

    /// With versions that may be quite wrong, some missing.
    private static func versioned(
        _ operations: [HistoryOperation], _ number: Int
    ) -> [HistoryOperation] {
        var stream = RandomStream(seed: UInt64(number), name: "versions")
        return operations.enumerated().map { index, operation in
            var operation = operation
            let version =
                switch number % 3 {
                case 0: index
                case 1: operations.count - index
                case _: stream.index(operations.count + 1)
                }
            let isMissing = number % 3 == 2 && stream.chance(0.3)
            operation.version = isMissing ? nil : .sequence(epoch: 1, index: UInt64(version))
            return operation
        }
    }

    /// Compares all histories of up to `count` operations. Those of at most `wideMax` have every
    /// function of the kind, others the common ones.
    package mutating func compareAll(upTo count: Int, wideMax: Int = 4) {
        // Two objects have many more histories than one.
        let wideMax = min(wideMax, kind == .multiRegister ? 3 : 4)
        for size in stride(from: 1, through: count, by: 1) {
            var histories = SmallObjectHistories(kind, isWide: size <= wideMax)
            histories.forEach(count: size) { operations in
                var operations = operations
                ReferenceOperation.shareProcesses(&operations)
                compare(operations, number: tally.histories)
                return true
            }
        }
    }

    /// Compares a larger history for each of `seeds`.
    package mutating func compareSeeded(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var stream = RandomStream(seed: seed, name: "objects \(kind.rawValue)")
            compare(ObjectHistoryDraw.history(kind, &stream), number: Int(seed))
        }
    }
}
