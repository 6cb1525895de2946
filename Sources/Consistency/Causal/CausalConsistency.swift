/// Whether a history is causally consistent, in the three published senses, or PRAM.
///
/// A differentiated history, in which nobody writes a value twice to a key, is consistent with a
/// model exactly if it shows none of the model's patterns (Bouajjani et al., POPL 2017, theorems 3
/// to 5). They are looked for with vector clocks and monotone pointers, as in AWDIT (Møldrup and
/// Pavlogiannis, PLDI 2025): for n operations of k sessions O(n·k) for CC and CCv, and so for CM
/// and PRAM unless views have to be revised (see ``SessionView``). The same holds with operations
/// that read and then write.
public enum CausalConsistency {
    /// Checks `history` against `model`.
    ///
    /// Where values repeat and were read, violations among the other reads are found; without
    /// one the verdict is unknown.
    public static func check(
        _ history: SessionHistory, _ model: CausalModel, budget: CheckBudget = .causal
    ) -> CausalResult {
        check(history, [model], budget: budget)[0]
    }

    /// Checks `history` against each of `models`; what they have in common is done once. The
    /// results come in the order of `models`.
    public static func check(
        _ history: SessionHistory, _ models: [CausalModel], budget: CheckBudget = .causal
    ) -> [CausalResult] {
        checkWithArbitration(history, models, budget: budget).results
    }

    /// The same, with all operations in an order that extends the causal order and the conflict
    /// order, if causal convergence is among the models and holds.
    static func checkWithArbitration(
        _ history: SessionHistory, _ models: [CausalModel], budget: CheckBudget
    ) -> (results: [CausalResult], arbitration: ContiguousArray<Int32>) {
        var arbitration: ContiguousArray<Int32> = []
        let sources = ReadsFrom(history)
        let writers = KeyWriters(history)
        let order =
            models.contains { $0 != .pram }
            ? CausalOrder.make(history, sources.source, bytesMax: budget.bytesMax) : nil
        let results = models.map { model in
            var result = CausalResult(model: model, verdict: .valid, checked: history.count)
            let shared = CausalSearch(
                history: history, source: sources.source, writers: writers, budget: budget)
            if let read = sources.thinAirReads.first {
                result.violations.append(shared.thinAir(Int(read)))
            }
            switch model {
            case .causal, .causalConvergence, .causalMemory:
                if let order { judge(shared, order, &result, &arbitration) }
            case .pram:
                shared.findViews(nil, &result)
            }
            settle(history, sources, &result)
            return result
        }
        return (results, arbitration)
    }

    private static func judge(
        _ search: CausalSearch, _ outcome: CausalOrder.Outcome, _ result: inout CausalResult,
        _ arbitration: inout ContiguousArray<Int32>
    ) {
        switch outcome {
        case .cyclic(let steps):
            result.violations.append(search.circle(.cyclicCO, steps))
        case .tooLarge:
            result.reason =
                "the clocks of \(search.history.count) operations in "
                + "\(search.history.sessionCount) sessions exceed the budget of "
                + "\(search.budget.bytesMax >> 20) MB"
        case .order(let order):
            let wantsConflicts = result.model == .causalConvergence
            let found = search.findHiddenWrites(order, wantsConflicts, &result)
            if wantsConflicts { arbitration = found }
            if result.model == .causalMemory, result.violations.isEmpty {
                search.findViews(order, &result)
            }
        }
    }

    /// Makes a verdict of what was found.
    private static func settle(
        _ history: SessionHistory, _ sources: ReadsFrom, _ result: inout CausalResult
    ) {
        if !result.violations.isEmpty {
            result.verdict = .invalid
            result.reason = nil
            return
        }
        if result.reason != nil { result.verdict = .unknown }
        guard let ambiguity = sources.ambiguity else { return }
        result.verdict = .unknown
        let reader = Int(ambiguity.reader)
        let first = Int(ambiguity.writers.0)
        if ambiguity.writers.1 >= 0 {
            let second = Int(ambiguity.writers.1)
            result.ambiguous = [history.identities[first], history.identities[second]]
            result.reason =
                "\(history.describe(first)) and \(history.describe(second)) wrote one value, and "
                + "\(history.describe(reader)) may have read either"
        } else {
            result.ambiguous = [history.identities[first], history.identities[reader]]
            result.reason =
                "\(history.describe(reader)) may have seen the beginning or "
                + history.describe(first)
        }
    }
}
