/// What a key holds at a replica.
public struct FinalEntry: Hashable, Sendable {
    /// The key.
    public var key: Key
    /// Its values, each with the version that wrote it; `nil`: deleted.
    public var values: [(value: Value?, version: Version)] {
        pairs.map { ($0.value, $0.version) }
    }
    private var pairs: [Pair]
    private struct Pair: Hashable, Sendable {
        var value: Value?
        var version: Version
    }

    /// The entry that `key` holds `values`.
    public init(key: Key, values: [(value: Value?, version: Version)]) {
        self.key = key
        pairs = values.map { Pair(value: $0.value, version: $0.version) }
    }
}
