/// Checkers that are compared with their definitions on the same histories.
package enum AgreementFamily: Hashable, Sendable {
    /// Causal models, PRAM, sequential consistency and session guarantees.
    case sessions
    /// Linearizability and sequential consistency of objects of one kind.
    case objects(ObjectKind)
    /// The models of transactions, on histories of one kind.
    case transactions(TransactionHistory.Kind)
    /// What became of elements of sets, and how stale reads of registers were.
    case measures

    /// All of them.
    package static let all: [AgreementFamily] =
        [.sessions] + ObjectKind.allCases.map(Self.objects)
        + TransactionHistory.Kind.allCases.map(Self.transactions) + [.measures]

    /// A model, and how often the checker and the definition agreed about it.
    package typealias Row = (model: String, tally: AgreementTally)

    /// What is compared, as rows are called.
    package var models: [String] {
        switch self {
        case .sessions: ReferenceComparison.models
        case .objects(let kind): ["linearizable \(kind.rawValue)", "sequential \(kind.rawValue)"]
        case .transactions(let kind):
            TransactionModel.allCases.map { "\($0.name), \(kind.rawValue)" }
        case .measures: ["set-full", "staleness", "atomicity-delta"]
        }
    }

    /// Compares all histories of up to `count` operations; of transactions see
    /// ``TransactionComparison/compareAll(upTo:)``.
    package func compareAll(upTo count: Int, swaps: Bool = false) -> [Row] {
        switch self {
        case .sessions:
            var comparison = ReferenceComparison()
            comparison.compareAll(upTo: count, swaps: swaps)
            return rows(models.map { comparison.tallies[$0] })
        case .objects(let kind):
            var comparison = ObjectComparison(kind)
            comparison.compareAll(upTo: count)
            return rows([comparison.tally, comparison.sequential])
        case .transactions(let kind):
            var comparison = TransactionComparison(kind)
            comparison.compareAll(upTo: count)
            return rows(TransactionModel.allCases.map { comparison.tallies[$0] })
        case .measures:
            var comparison = MeasureComparison()
            comparison.compareAll(upTo: count)
            return rows([comparison.sets, comparison.staleness, comparison.delta])
        }
    }

    /// Compares a larger history for each of `seeds`, or a few.
    package func compareSeeded(_ seeds: Range<UInt64>) -> [Row] {
        switch self {
        case .sessions:
            var comparison = ReferenceComparison()
            comparison.compareSeeded(seeds)
            return rows(models.map { comparison.tallies[$0] })
        case .objects(let kind):
            var comparison = ObjectComparison(kind)
            comparison.compareSeeded(seeds)
            return rows([comparison.tally, comparison.sequential])
        case .transactions(let kind):
            var comparison = TransactionComparison(kind)
            comparison.compareSeeded(seeds)
            return rows(TransactionModel.allCases.map { comparison.tallies[$0] })
        case .measures:
            var comparison = MeasureComparison()
            comparison.compareSeeded(seeds)
            return rows([comparison.sets, comparison.staleness, comparison.delta])
        }
    }

    private func rows(_ tallies: [AgreementTally?]) -> [Row] {
        zip(models, tallies).map { ($0, $1 ?? AgreementTally()) }
    }
}
