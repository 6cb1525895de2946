import Determinism

/// Who wrote a value to a key: open addressing over flat arrays.
struct ValueTable {
    private var pairs: ContiguousArray<UInt64>
    private var firsts: ContiguousArray<Int32>
    private var seconds: ContiguousArray<Int32>
    private let mask: Int

    /// Makes a table for up to `count` values.
    init(count: Int) {
        var size = 16
        while size < count * 2 { size *= 2 }
        pairs = ContiguousArray(repeating: 0, count: size)
        firsts = ContiguousArray(repeating: -1, count: size)
        seconds = ContiguousArray(repeating: -1, count: size)
        mask = size - 1
    }

    /// A value of a key as one number.
    static func pair(_ key: Int32, _ value: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: key)) << 32 | UInt64(UInt32(bitPattern: value))
    }

    private func slot(_ pair: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: mixed(pair &+ 0x9E37_79B9_7F4A_7C15)) & mask
        while firsts[slot] >= 0, pairs[slot] != pair { slot = (slot + 1) & mask }
        return slot
    }

    /// Notes that `writer` wrote the value.
    mutating func insert(_ pair: UInt64, _ writer: Int32) {
        let slot = slot(pair)
        if firsts[slot] < 0 {
            pairs[slot] = pair
            firsts[slot] = writer
        } else if seconds[slot] < 0 {
            seconds[slot] = writer
        }
    }

    /// The first two operations that wrote the value; -1 for none.
    func writers(_ pair: UInt64) -> (first: Int32, second: Int32) {
        let slot = slot(pair)
        return (firsts[slot], seconds[slot])
    }
}
