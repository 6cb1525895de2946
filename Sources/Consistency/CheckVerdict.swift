import Recording

/// What a checker found out about a history.
public enum CheckVerdict: String, CaseIterable, Hashable, Sendable {
    /// The history is one that the model allows.
    case valid
    /// The history is one that the model does not allow; a violation says why.
    case invalid
    /// The checker ran out of its budget, or the history holds what it cannot judge.
    case unknown
}

/// How much a checker may spend: counted, not timed, so that it is the same everywhere.
public struct CheckBudget: Hashable, Sendable {
    /// Configurations that the search may remember, over all keys.
    public var statesMax: Int
    /// Bytes that it may hold for them at a time.
    public var bytesMax: Int

    /// A budget of these bounds.
    public init(statesMax: Int = 5_000_000, bytesMax: Int = 1 << 29) {
        self.statesMax = statesMax
        self.bytesMax = bytesMax
    }

    /// About a second at most: for one run of thousands, any of which can be run again alone.
    public static let brief = CheckBudget(statesMax: 300_000, bytesMax: 1 << 26)
}

/// The outcome of a check.
public struct CheckResult: Hashable, Sendable {
    /// The verdict. A violation that was found outweighs anything unknown.
    public var verdict: CheckVerdict
    /// How many operations were looked at.
    public var checked: Int
    /// The violations found, at most one per key, in order of keys.
    public var violations: [Violation]
    /// Why the verdict is unknown, if it is.
    public var reason: String?
    /// How many configurations the search went through.
    public var states: Int
    /// What else is to be said, such as which other models hold.
    public var remarks: [String] = []
    /// What was measured, for reports.
    public var figures: [JSONValue.Member] = []

    /// An outcome with these parts.
    public init(
        verdict: CheckVerdict, checked: Int, violations: [Violation] = [], reason: String? = nil,
        states: Int = 0
    ) {
        self.verdict = verdict
        self.checked = checked
        self.violations = violations
        self.reason = reason
        self.states = states
    }
}
