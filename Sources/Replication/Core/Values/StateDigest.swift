import Determinism

/// A digest of a group's logical state: which keys hold which values, however they came about.
///
/// Kept up to date by adding and removing single entries in any order; two replicas with the same
/// entries have the same digest. 128 bits of a non-cryptographic hash.
public struct StateDigest: Hashable, Sendable {
    /// The first 64 bits.
    public var high: UInt64
    /// The last 64 bits.
    public var low: UInt64

    /// The digest of the empty state.
    public init() {
        high = 0
        low = 0
    }

    /// The digest with these bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Adds the entry that `key` holds the value encoded as `value`.
    public mutating func add(_ key: Key, _ value: [UInt8]) {
        let hash = Self.hashes(key, stableHash(of: value))
        high &+= hash.0
        low &+= hash.1
    }

    /// Removes an entry that was added.
    public mutating func remove(_ key: Key, _ value: [UInt8]) {
        let hash = Self.hashes(key, stableHash(of: value))
        high &-= hash.0
        low &-= hash.1
    }

    /// Adds the entry that `key` holds a value whose encoding has this ``stableHash(of:)``.
    mutating func add(_ key: Key, encodingHash: UInt64) {
        let hash = Self.hashes(key, encodingHash)
        high &+= hash.0
        low &+= hash.1
    }

    /// Removes an entry that was added.
    mutating func remove(_ key: Key, encodingHash: UInt64) {
        let hash = Self.hashes(key, encodingHash)
        high &-= hash.0
        low &-= hash.1
    }

    private static func hashes(_ key: Key, _ hash: UInt64) -> (UInt64, UInt64) {
        let first = mixed(hash ^ mixed(key.stableHash))
        return (first, mixed(first &+ hash &+ 0x9E37_79B9_7F4A_7C15))
    }
}

extension StateDigest: CustomStringConvertible {
    /// 32 hexadecimal digits.
    public var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
