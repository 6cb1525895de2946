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

/// Why a history is not one that the model allows.
public struct Violation: Hashable, Sendable {
    /// The data type.
    public var dataType: String
    /// The key.
    public var key: String
    /// Operations that no order makes right, by index in the history: the first is one that had
    /// to take effect before the others return and could not.
    public var operations: [Int]
    /// The longest order of operations found before that, by index in the history.
    public var prefix: [Int]
    /// The contradiction in a sentence.
    public var reason: String

    /// As an object of the report; of a long prefix the end.
    public var json: JSONValue {
        let tail = prefix.suffix(20).map { JSONValue.count($0) }
        return .members([
            "data_type": .text(dataType), "key": .text(key),
            "operations": .list(operations.map { .count($0) }),
            "prefix_length": .count(prefix.count), "prefix_end": .list(tail),
            "reason": .text(reason),
        ])
    }
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
