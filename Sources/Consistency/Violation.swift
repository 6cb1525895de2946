import Recording

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
    /// The shortest beginning of the history that the model does not allow either, if it was
    /// found: how many operations of the key had been invoked in it.
    public var shortestPrefix: Int?
    /// The operation whose return ends that beginning, by index in the history.
    public var shownBy: Int?

    /// A violation with these parts.
    public init(
        dataType: String, key: String, operations: [Int], prefix: [Int], reason: String,
        shortestPrefix: Int? = nil, shownBy: Int? = nil
    ) {
        self.dataType = dataType
        self.key = key
        self.operations = operations
        self.prefix = prefix
        self.reason = reason
        self.shortestPrefix = shortestPrefix
        self.shownBy = shownBy
    }

    /// As an object of the report; of a long prefix the end.
    public var json: JSONValue {
        let tail = prefix.suffix(20).map { JSONValue.count($0) }
        return .members([
            "data_type": .text(dataType), "key": .text(key),
            "operations": .list(operations.map { .count($0) }),
            "prefix_length": .count(prefix.count), "prefix_end": .list(tail),
            "shortest_prefix": shortestPrefix.map { .count($0) } ?? .null,
            "shown_by": shownBy.map { .count($0) } ?? .null, "reason": .text(reason),
        ])
    }
}
