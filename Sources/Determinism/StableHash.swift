/// A 64-bit hash of `bytes` that is the same in every process (FNV-1a, then mixed). Swift's own
/// hashing is seeded per process and must never show in a result. Not cryptographic.
@inlinable
public func stableHash(of bytes: some Sequence<UInt8>) -> UInt64 {
    var hasher = StableHasher()
    for byte in bytes { hasher.add(byte) }
    return hasher.hash
}

/// Takes in, byte by byte, what ``stableHash(of:)`` takes in at once.
public struct StableHasher: Sendable {
    @usableFromInline var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Nothing taken in yet.
    @inlinable
    public init() {}

    /// Takes in a byte.
    @inlinable
    public mutating func add(_ byte: UInt8) {
        state ^= UInt64(byte)
        state &*= 0x0000_0100_0000_01B3
    }

    /// Takes in the bytes of an integer, most significant byte first.
    @inlinable
    public mutating func add(bigEndian number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            add(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    /// The hash of what was taken in.
    @inlinable
    public var hash: UInt64 { mixed(state) }
}

/// The finaliser of SplitMix64: a bijection on 64 bits whose output looks random.
@inlinable
public func mixed(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
}
