/// What the sessions of a history did on registers, one operation after another, without times and
/// versions: the input of the checkers of causal consistency and of its relatives.
///
/// Operations lie in flat arrays, those of one session next to each other in its order; "operation"
/// without more means its index there. Keys and sessions are numbered from 0 on. What failed is not
/// in it, nor what has no effect that anybody saw (see ``Builder``).
public struct SessionHistory: Sendable {
    /// Stands for "reads nothing" in ``reads`` and for "writes nothing" in ``writes``.
    public static let nothing = Int32.min
    /// Absence: the value of every key at the beginning, and what a delete writes.
    public static let absence: Int32 = 0

    /// Where each session begins; one more entry, the number of operations, ends it.
    public internal(set) var starts: ContiguousArray<Int32>
    /// Names each operation in a violation.
    public internal(set) var identities: ContiguousArray<Int>
    /// The session of each operation.
    public internal(set) var sessions: ContiguousArray<Int32>
    /// The key of each operation, by number.
    public internal(set) var keys: ContiguousArray<Int32>
    /// The value that each operation read, before it wrote.
    public internal(set) var reads: ContiguousArray<Int32>
    /// The value that each operation wrote.
    public internal(set) var writes: ContiguousArray<Int32>
    /// Whether it is open if the operation took effect: its outcome is unknown, and what it wrote
    /// was read but may have come from another write.
    public internal(set) var isOptional: ContiguousArray<Bool>
    /// When each operation was invoked, where known; empty if no time was given. No verdict rests
    /// on it: it says which order to try first.
    public internal(set) var invoked: ContiguousArray<Int64>
    /// The name of each key.
    public internal(set) var keyNames: ContiguousArray<Int32>

    /// What numbers are called in explanations.
    struct Names: Sendable {
        var key: @Sendable (Int32) -> String = { "\($0)" }
        var value: @Sendable (Int32) -> String = { "\($0)" }
    }
    var names = Names()

    /// How many operations there are.
    public var count: Int { identities.count }
    /// How many sessions there are.
    public var sessionCount: Int { starts.count - 1 }
    /// How many keys there are.
    public var keyCount: Int { keyNames.count }

    /// The operations of session `session`.
    public func operations(of session: Int) -> Range<Int> {
        Int(starts[session])..<Int(starts[session + 1])
    }

    /// How many operations of its session come before `operation`.
    @inline(__always)
    func position(_ operation: Int) -> Int32 {
        Int32(truncatingIfNeeded: operation) &- starts[Int(sessions[operation])]
    }

    /// The operation of `session` at `position`.
    @inline(__always)
    func operation(_ session: Int32, _ position: Int32) -> Int32 {
        starts[Int(session)] &+ position
    }

    /// Whether `operation` read something.
    func isRead(_ operation: Int) -> Bool { reads[operation] != Self.nothing }
    /// Whether `operation` wrote something.
    func isWrite(_ operation: Int) -> Bool { writes[operation] != Self.nothing }

    /// An operation in words, for the reason of a violation.
    func describe(_ operation: Int) -> String {
        func shown(_ value: Int32) -> String {
            value == Self.absence ? "nothing" : names.value(value)
        }
        let key = names.key(keyNames[Int(keys[operation])])
        var parts: [String] = []
        if isRead(operation) { parts.append("read \(shown(reads[operation]))") }
        if isWrite(operation) { parts.append("wrote \(shown(writes[operation]))") }
        return
            "operation \(identities[operation]) (\(parts.joined(separator: " and ")), key \(key))"
    }
}
