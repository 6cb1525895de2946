import Determinism

/// The configurations that a search has been in: exact, in flat memory of known size.
///
/// A configuration is a few words: which operations are in the order, and the state. Open
/// addressing over one array of words; nothing is ever removed.
struct ConfigurationCache {
    private var words: [UInt64] = []
    /// For each slot where its configuration starts, plus one; 0 for an empty slot.
    private var slots: [UInt32]
    private var hashes: [UInt32]
    private(set) var count = 0

    init() {
        slots = Array(repeating: 0, count: 1024)
        hashes = Array(repeating: 0, count: 1024)
    }

    /// How much memory it takes.
    var bytes: Int { words.count * 8 + slots.count * 8 }

    /// Adds a configuration; false if it was there.
    mutating func insert(_ configuration: [UInt64]) -> Bool {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let hash = Self.hash(configuration)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if hashes[slot] == tag, isEqual(Int(slots[slot]) - 1, configuration) { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(words.count + 1)
        hashes[slot] = tag
        words.append(UInt64(configuration.count))
        words.append(contentsOf: configuration)
        count += 1
        return true
    }

    /// Whether one more configuration of `length` words can be addressed.
    func hasRoom(for length: Int) -> Bool { words.count + length + 2 < Int(UInt32.max) }

    private static func hash(_ configuration: [UInt64]) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for word in configuration { hash = mixed(hash ^ word) }
        return hash
    }

    private func isEqual(_ start: Int, _ configuration: [UInt64]) -> Bool {
        guard words[start] == UInt64(configuration.count) else { return false }
        for (offset, word) in configuration.enumerated() where words[start + 1 + offset] != word {
            return false
        }
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: 0, count: old.count * 2)
        hashes = Array(repeating: 0, count: old.count * 2)
        let mask = slots.count - 1
        for start in old where start != 0 {
            let first = Int(start)
            let length = Int(words[first - 1])
            let hash = Self.hash(Array(words[first..<first + length]))
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = start
            hashes[slot] = UInt32(truncatingIfNeeded: hash >> 32)
        }
    }
}
