/// Whether a history is sequentially consistent (Lamport, "How to Make a Multiprocessor Computer
/// That Correctly Executes Multiprocess Programs", 1979): some order of all operations, in which
/// those of each session come in its own, explains every one. Times play no part.
///
/// It is not local: a history may be sequentially consistent for each key and not as a whole. To
/// decide it is hard in general (Gibbons and Korach, 1997), so the certain and cheap comes first:
/// what breaks causal convergence or causal memory is not sequentially consistent, and an order
/// that a search finds without going back once is replayed as proof. Only then comes the search
/// with its budget.
public enum SequentialConsistency {
    /// Looks for an order of the calls of `sessions` on the objects of `models`; also says how
    /// many configurations it went through. A call on an object that has no model has no order.
    public static func search<Model: ObjectModel>(
        models: [Model], sessions: [[SequentialCall<Model.Call>]],
        budget: CheckBudget = CheckBudget()
    ) -> (outcome: SearchOutcome, states: Int) {
        let strangers = sessions.joined().filter { !models.indices.contains($0.object) }
        guard strangers.isEmpty else {
            return (.none(prefix: [], stuck: strangers.map(\.identity)), 0)
        }
        var greedy = SequentialSearch(models: models, sessions: sessions)
        let quick = greedy.run(budget: budget, withAlternatives: false)
        if case .found = quick { return (quick, greedy.entered) }
        var search = SequentialSearch(models: models, sessions: sessions)
        let outcome = search.run(budget: budget)
        guard case .none = outcome else { return (outcome, search.entered) }
        // What a dead end cuts off is not wrong yet; a person sees more where it goes on.
        var plain = SequentialSearch(models: models, sessions: sessions, usesDeadEnds: false)
        var share = budget
        share.statesMax = min(budget.statesMax, explainedStatesMax)
        _ = plain.run(budget: share)
        let shown = plain.longest.stuck.isEmpty ? search.longest : plain.longest
        return (.none(prefix: shown.prefix, stuck: shown.stuck), search.entered)
    }

    /// Configurations that a search may enter only to show a violation better.
    private static let explainedStatesMax = 10_000

    /// Checks a history of registers.
    public static func check(
        _ history: SessionHistory, budget: CheckBudget = CheckBudget(),
        causalBudget: CheckBudget = .causal
    ) -> SequentialResult {
        var result = SequentialResult(verdict: .valid, checked: history.count)
        let (breach, ranks) = necessary(history, causalBudget)
        if let breach {
            result.verdict = .invalid
            result.brokenModel = breach.model
            result.operations = breach.violation.operations
            result.reason =
                "\(breach.model.rawValue) does not hold, which sequential consistency implies "
                + "(\(breach.violation.pattern.rawValue)): \(breach.violation.reason)"
            return result
        }
        let prepared = RegisterSessions(history, ranks)
        let (outcome, states) = search(
            models: prepared.models, sessions: prepared.sessions, budget: budget)
        result.states = states
        switch outcome {
        case .found(let order):
            guard prepared.replays(order) else {
                result.verdict = .unknown
                result.reason = "the order found does not replay"
                break
            }
            result.witness = order.map { history.identities[$0] }
        case .none(let prefix, let stuck):
            result.verdict = .invalid
            result.witness = prefix.map { history.identities[$0] }
            result.operations = stuck.map { history.identities[$0] }
            result.reason =
                "no order explains all: the longest found has \(prefix.count) of "
                + "\(history.count) operations, and none of the next of each session can follow"
            if let first = stuck.first {
                result.reason? += ", such as \(history.describe(first))"
            }
        case .exhausted:
            result.verdict = .unknown
            result.reason =
                "gave up after \(states) states, with a budget of \(budget.statesMax) states and "
                + "\(budget.bytesMax >> 20) MB"
        }
        return result
    }

    private static func necessary(
        _ history: SessionHistory, _ budget: CheckBudget
    ) -> (breach: (model: CausalModel, violation: CausalViolation)?, ranks: ContiguousArray<Int32>)
    {
        let (results, arbitration) = CausalConsistency.checkWithArbitration(
            history, [.causal, .causalConvergence, .causalMemory], budget: budget)
        for result in results {
            if let violation = result.violations.first {
                return ((result.model, violation), [])
            }
        }
        guard arbitration.count == history.count else { return (nil, []) }
        var ranks = ContiguousArray<Int32>(repeating: 0, count: history.count)
        for (rank, operation) in arbitration.enumerated() { ranks[Int(operation)] = Int32(rank) }
        return (nil, ranks)
    }
}

/// The outcome of a check of sequential consistency.
public struct SequentialResult: Hashable, Sendable {
    /// The verdict.
    public var verdict: CheckVerdict
    /// How many operations were looked at.
    public var checked: Int
    /// The identities of the operations in an order that explains all, if there is one; that of
    /// a violation is the longest order found.
    public var witness: [Int] = []
    /// Of a violation, by identity: the next operations of the sessions, none of which can follow
    /// the longest order, or the pattern of the weaker model.
    public var operations: [Int] = []
    /// The weaker model that does not hold either.
    public var brokenModel: CausalModel?
    /// Why the verdict is what it is, unless it is valid.
    public var reason: String?
    /// How many configurations the search went through.
    public var states = 0

    /// An outcome without findings.
    public init(verdict: CheckVerdict, checked: Int) {
        self.verdict = verdict
        self.checked = checked
    }
}
