/// A 64-bit hash of `bytes` that is the same in every process (FNV-1a, then mixed). Swift's own
/// hashing is seeded per process and must never show in a result. Not cryptographic.
@inlinable
public func stableHash(of bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes {
        hash ^= UInt64(byte)
        hash &*= 0x0000_0100_0000_01B3
    }
    return mixed(hash)
}

/// The finaliser of SplitMix64: a bijection on 64 bits whose output looks random.
@inlinable
public func mixed(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
}
