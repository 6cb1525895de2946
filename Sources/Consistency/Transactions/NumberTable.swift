/// Numbers under numbers: open addressing in two flat arrays, so that a million entries cost
/// 24 MB and no allocation each.
struct NumberTable {
    private var keys: ContiguousArray<UInt64>
    /// -1 for an empty slot.
    private var values: ContiguousArray<Int32>
    private(set) var count = 0

    init(capacity: Int = 16) {
        var slots = 16
        while slots * 3 < capacity * 4 { slots *= 2 }
        keys = ContiguousArray(repeating: 0, count: slots)
        values = ContiguousArray(repeating: -1, count: slots)
    }

    /// The number under `key`; -1 for none.
    subscript(key: UInt64) -> Int32 { values[slot(key)] }

    /// Puts `value`, at least 0, under `key` unless there is one; returns what is there then.
    mutating func insert(_ key: UInt64, _ value: Int32) -> Int32 {
        let place = slot(key)
        if values[place] >= 0 { return values[place] }
        keys[place] = key
        values[place] = value
        count += 1
        if count * 4 > keys.count * 3 { grow() }
        return value
    }

    /// Puts `value`, at least 0, under `key`, in place of any other.
    mutating func set(_ key: UInt64, _ value: Int32) {
        if insert(key, value) != value { values[slot(key)] = value }
    }

    private func slot(_ key: UInt64) -> Int {
        let mask = keys.count - 1
        var mixed = (key ^ (key >> 29)) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        var place = Int(truncatingIfNeeded: mixed) & mask
        while values[place] >= 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = (keys, values)
        keys = ContiguousArray(repeating: 0, count: old.0.count * 2)
        values = ContiguousArray(repeating: -1, count: old.0.count * 2)
        for (place, value) in old.1.enumerated() where value >= 0 {
            let free = slot(old.0[place])
            keys[free] = old.0[place]
            values[free] = value
        }
    }
}
