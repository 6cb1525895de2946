/// Whether a history keeps the session guarantees, judged by values alone: without versions and
/// without times, for histories whose times are not to be trusted (``SessionGuarantees`` is for
/// those that have them).
///
/// Terry et al. (PDIS 1994) define the guarantees by what a server's database holds when it serves
/// a session, and Viotti and Vukolić ("Consistency in Non-Transactional Distributed Storage
/// Systems", ACM Computing Surveys 2016) by which writes are visible to a read and how writes are
/// arbitrated. Values show neither, so each guarantee is judged by what the reading session itself
/// may conclude. A read r of session s on key x that returns the value of write w breaks a
/// guarantee if a write w' ≠ w to x is visible to it by that guarantee, and w' replaced w by the
/// same. If r returns the initial value it is enough that w' is visible. Session s *learns* a write
/// when it makes it or reads its value. Visible, and replaced by it:
///
/// | guarantee | w' is visible to r if | w' replaced w if |
/// |---|---|---|
/// | read-your-writes | s wrote w' before r | s had learned w before it wrote w' |
/// | monotonic-reads | s read w' before r | s had learned w before it read w' |
/// | monotonic-writes | s read, before r, w' or a later write of the session of w' (for an initial value: a later one) | w comes before w' in their session |
/// | writes-follow-reads | s read, before r, w' or a write whose session had read w' before writing it (for an initial value: such a write) | the session of w' had read w before it wrote w' |
///
/// So the first three follow from PRAM, and all four from causal consistency with PRAM. A session
/// that skips back and forth between writes of unrelated sessions, w1, w2 and w1 again, breaks
/// monotonic reads; two sessions that see them in different orders break none.
///
/// A read of what nobody wrote, or its own session only later, breaks each of them. A read of a value that several operations
/// wrote is left out; if it is the only reason to doubt, the verdict is unknown. Takes
/// O(n·k) for n operations of k sessions.
public enum ValueGuarantees {
    /// Checks `history`; each guarantee has its result.
    public static func check(
        _ history: SessionHistory
    ) -> [SessionGuarantee: GuaranteeResult] {
        let sources = ReadsFrom(history)
        let impossible = impossibleRead(history, sources)
        var search = GuaranteeSearch(history, sources.source)
        search.run()
        var results: [SessionGuarantee: GuaranteeResult] = [:]
        for guarantee in SessionGuarantee.allCases {
            var result = GuaranteeResult(verdict: .valid, checked: history.count)
            if let impossible {
                result.violation = [history.identities[impossible]]
                result.reason =
                    "nobody wrote what \(history.describe(impossible)) returned before it"
            } else if let breach = search.breaches[guarantee] {
                result.violation = breach.operations.map { history.identities[Int($0)] }
                result.reason = reason(history, guarantee, breach.operations)
            }
            if !result.violation.isEmpty {
                result.verdict = .invalid
            } else if let ambiguity = sources.ambiguity {
                result.verdict = .unknown
                result.reason =
                    "who wrote what \(history.describe(Int(ambiguity.reader))) returned cannot "
                    + "be told, for one is \(history.describe(Int(ambiguity.writers.0)))"
            }
            results[guarantee] = result
        }
        return results
    }

    /// The first read of what nobody wrote, or its own session only later.
    private static func impossibleRead(_ history: SessionHistory, _ sources: ReadsFrom) -> Int? {
        (0..<history.count).first { index in
            let writer = Int(sources.source[index])
            if sources.source[index] == ReadsFrom.thinAir { return true }
            return writer > index && history.sessions[writer] == history.sessions[index]
        }
    }

    private static func reason(
        _ history: SessionHistory, _ guarantee: SessionGuarantee, _ operations: [Int32]
    ) -> String {
        let read = history.describe(Int(operations[operations.count - 1]))
        let shown = history.describe(Int(operations[0]))
        switch guarantee {
        case .readYourWrites: return "\(read) does not show its session's own write, \(shown)"
        case .monotonicReads: return "\(read) goes back behind what its session saw in \(shown)"
        case .monotonicWrites:
            return "\(read) hides \(shown), of whose session later ones were seen before"
        case .writesFollowReads:
            return "\(read) hides \(shown), on which what its session saw before rests"
        }
    }
}

/// The outcome of a check of one session guarantee.
public struct GuaranteeResult: Hashable, Sendable {
    /// The verdict.
    public var verdict: CheckVerdict
    /// How many operations were looked at.
    public var checked: Int
    /// The operations of the first violation, by identity: the one that should have been shown
    /// (or that showed it), and last the read that did not.
    public var violation: [Int]
    /// Why the verdict is what it is, unless it is valid.
    public var reason: String?

    /// An outcome with these parts.
    public init(
        verdict: CheckVerdict, checked: Int, violation: [Int] = [], reason: String? = nil
    ) {
        self.verdict = verdict
        self.checked = checked
        self.violation = violation
        self.reason = reason
    }
}
