import Recording

/// Small numbers for the scalars of a history, in the order in which they are first met; 0 is
/// absence. Checkers index their tables by them.
///
/// Whole numbers that are small, as other systems' histories have them, are looked up in a table;
/// all else in one with open addressing. Neither allocates for a value that is known.
struct ScalarNumbers: Sendable {
    private var small: ContiguousArray<Int32> = []
    private static let smallMax = 1 << 22

    private var slots = ContiguousArray<Int32>(repeating: 0, count: 1024)
    /// The scalar of each number; that of 0 is absence.
    private(set) var scalars: ContiguousArray<Scalar> = [.null]

    /// How many numbers there are, 0 included.
    var count: Int { scalars.count }

    /// The number of a scalar.
    @inline(__always)
    mutating func number(_ scalar: Scalar) -> Int32 {
        if scalar.isNull { return 0 }
        if let integer = scalar.smallInteger, integer < Self.smallMax {
            return number(small: integer, scalar)
        }
        let mask = slots.count - 1
        var slot = Self.hash(scalar) & mask
        while slots[slot] != 0 {
            if scalars[Int(slots[slot])] == scalar { return slots[slot] }
            slot = (slot + 1) & mask
        }
        let number = add(scalar)
        slots[slot] = number
        if scalars.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func number(small integer: Int, _ scalar: Scalar) -> Int32 {
        if integer >= small.count {
            let missing = max(integer + 1, min(Self.smallMax, small.count * 2)) - small.count
            small.append(contentsOf: repeatElement(0, count: missing))
        }
        if small[integer] == 0 { small[integer] = add(scalar) }
        return small[integer]
    }

    private mutating func add(_ scalar: Scalar) -> Int32 {
        scalars.append(scalar)
        return Int32(scalars.count - 1)
    }

    private static func hash(_ scalar: Scalar) -> Int {
        let product = scalar.bits &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product ^ product >> 32)
    }

    private mutating func grow() {
        slots = ContiguousArray(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, scalar) in scalars.enumerated().dropFirst() {
            if let integer = scalar.smallInteger, integer < Self.smallMax { continue }
            var slot = Self.hash(scalar) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number)
        }
    }
}
