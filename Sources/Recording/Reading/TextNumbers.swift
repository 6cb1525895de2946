/// Finds the numbers of texts that come again and again in a file by their bytes, without making
/// strings of them.
struct TextNumbers {
    private struct Entry {
        var start = 0
        var length = 0
        var number: UInt32 = 0
    }

    private var slots = ContiguousArray(repeating: Entry(), count: 256)
    private var count = 0

    /// The number of the text in `range` of `bytes`, in `tables`; `nil` if it is no UTF-8. All
    /// texts must be of the same bytes.
    @inline(__always)
    mutating func number(
        of range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, _ tables: inout HistoryTables
    ) -> UInt32? {
        let mask = slots.count - 1
        var slot = Self.hash(bytes, range) & mask
        while slots[slot].number != 0 {
            let entry = slots[slot]
            if entry.length == range.count, Self.isEqual(bytes, entry.start, range) {
                return entry.number
            }
            slot = (slot + 1) & mask
        }
        guard let text = String(validating: bytes[range], as: UTF8.self) else { return nil }
        let number = tables.number(of: text)
        // The empty text has the number of none.
        guard number != 0 else { return 0 }
        slots[slot] = Entry(start: range.lowerBound, length: range.count, number: number)
        count += 1
        if count * 2 > slots.count { grow(bytes) }
        return number
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29)
    }

    private static func isEqual(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ range: Range<Int>
    ) -> Bool {
        for offset in 0..<range.count
        where bytes[start + offset] != bytes[range.lowerBound + offset] { return false }
        return true
    }

    private mutating func grow(_ bytes: UnsafeBufferPointer<UInt8>) {
        let old = slots
        slots = ContiguousArray(repeating: Entry(), count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry.number != 0 {
            var slot = Self.hash(bytes, entry.start..<entry.start + entry.length) & mask
            while slots[slot].number != 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }
}
