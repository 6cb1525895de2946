import Determinism

/// Compares the checker of transactions with three definitions: ``TransactionOracle`` carries them
/// out, ``VisibilityOracle`` goes by what they see of each other, and ``ReferencePhenomena`` by
/// what models forbid. Where several decide a model they must agree.
///
/// A history that a model allows must never be called one that it does not. The other way round
/// only where the checker promises it: phenomena in lists that reads at the end show as a whole.
/// What it lets pass elsewhere is counted as missed.
package struct TransactionComparison {
    private let kind: TransactionHistory.Kind
    /// Of each model what was compared so far.
    package private(set) var tallies: [TransactionModel: AgreementTally] = [:]

    /// A comparison for histories of `kind`.
    package init(_ kind: TransactionHistory.Kind) { self.kind = kind }

    /// Compares all verdicts on one history. `isComplete`: reads at the end show every list.
    package mutating func compare(_ sample: SampleHistory, isComplete: Bool) {
        let result = sample.check()
        let broken = Set(result.broken + result.alsoBroken)
        let phenomena = ReferencePhenomena.judge(sample)
        var forbidden = phenomena.broken
        var isRight = true
        func define(_ model: TransactionModel, _ holds: Bool, isExact: Bool) {
            if holds == forbidden.contains(model), isExact || holds { isRight = false }
            if holds { forbidden.remove(model) } else { forbidden.insert(model) }
        }
        for (model, holds) in zip(TransactionOracle.models, TransactionOracle(sample).satisfied()) {
            define(model, holds, isExact: true)
        }
        let visibility = VisibilityOracle(sample)
        for level in VisibilityOracle.Level.allCases {
            // Of the others some histories show no phenomenon that is known here.
            let isExact = TransactionOracle.models.contains(level.model)
            define(level.model, visibility.isAllowed(level), isExact: isExact)
        }
        for model in TransactionModel.allCases {
            let isForbidden = forbidden.contains(model)
            let isFound = broken.contains(model)
            if phenomena.undecided.contains(model) {
                // Reads contradict each other, and the model allows that.
                tallies[model, default: AgreementTally()].count(.unknown)
            } else if !isRight || isFound && !isForbidden
                || isComplete && !isFound && phenomena.broken.contains(model)
            {
                tallies[model, default: AgreementTally()].countDifference(
                    "\(model.name), \(kind.rawValue): \(isFound ? "invalid" : "valid"), not "
                        + "\(isForbidden ? "invalid" : "valid")\n"
                        + (isRight ? "" : "the definitions differ\n")
                        + "\(sample)\n\(Self.text(result))")
            } else if isForbidden, !isFound {
                tallies[model, default: AgreementTally()].countMissed()
            } else {
                tallies[model, default: AgreementTally()].count(
                    isFound ? .invalid : result.reason == nil ? .valid : .unknown)
            }
        }
    }

    private static func text(_ result: TransactionCheckResult) -> String {
        result.anomalies.flatMap { [$0.anomaly.name] + $0.explanation }.joined(separator: "\n")
    }
}

extension TransactionComparison {
    /// Compares all histories of up to `count` operations: two transactions of two with every
    /// outcome and every list, three of two from a count of five on, and as many of one.
    package mutating func compareAll(upTo count: Int) {
        let isList = kind == .listAppend
        for size in stride(from: 1, through: min(2, count), by: 1) {
            SmallTransactions(
                kind, length: min(2, count), isAnyList: true, hasOutcomes: true
            ).forEach(count: size) { compare($0, isComplete: isList) }
        }
        for size in stride(from: 3, through: min(4, count), by: 1) {
            SmallTransactions(kind, length: size == 3 && count > 4 ? 2 : 1)
                .forEach(count: size) { compare($0, isComplete: isList) }
        }
    }

    /// Compares a larger history for each of `seeds`; of lists every second one is complete.
    package mutating func compareSeeded(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var stream = RandomStream(seed: seed, name: "transactions \(kind.rawValue)")
            let count = 3 + stream.index(3)
            switch kind {
            case .listAppend:
                let isComplete = seed % 2 == 0
                let sample = SampleHistoryDraw.lists(
                    &stream, count: count, isComplete: isComplete)
                compare(sample, isComplete: isComplete)
            case .readWriteRegister:
                compare(
                    SampleHistoryDraw.registers(&stream, count: count), isComplete: false)
            }
        }
    }
}
