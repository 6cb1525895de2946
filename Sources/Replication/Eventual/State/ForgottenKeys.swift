import DequeModule

/// The hashes of keys that were deleted everywhere and forgotten: the last ones, for a while.
///
/// A write of such a key follows on the deletion though nothing is left to say so. Its context
/// then names all that is known, so that the deletion does not look like a write that got lost.
/// Only figures rest on this, so it may forget, and hashes may collide.
struct ForgottenKeys: Sendable {
    private var order: Deque<UInt64> = []
    private var hashes: Set<UInt64> = []

    /// The most keys remembered.
    static let max = 65_536

    /// Whether `key` was forgotten not long ago.
    func contains(_ key: Key) -> Bool { hashes.contains(key.stableHash) }

    /// Remembers that `key` was forgotten.
    mutating func insert(_ key: Key) {
        guard hashes.insert(key.stableHash).inserted else { return }
        order.append(key.stableHash)
        if order.count > Self.max, let oldest = order.popFirst() { hashes.remove(oldest) }
    }
}
