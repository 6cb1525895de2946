/// A seeded stream of random numbers: xoshiro256++ (Blackman and Vigna, 2019), seeded through
/// SplitMix64.
///
/// Every subsystem draws from its own stream, derived from the run's seed and the subsystem's
/// name, so that adding a subsystem leaves all the others as they were. The same seed and name
/// give the same numbers in every process, on every machine.
public struct RandomStream: Sendable {
    @usableFromInline var s0: UInt64
    @usableFromInline var s1: UInt64
    @usableFromInline var s2: UInt64
    @usableFromInline var s3: UInt64

    /// The stream of the subsystem `name` in the run with `seed`.
    public init(seed: UInt64, name: String) {
        self.init(state: seed ^ stableHash(of: name.utf8))
    }

    private init(state: UInt64) {
        var mixer = state
        func split() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            return mixed(mixer)
        }
        s0 = split()
        s1 = split()
        s2 = split()
        s3 = split()
    }

    /// A new stream, independent of this one, that depends on this stream's state and `name`.
    /// This stream does not advance.
    public func derived(_ name: String) -> RandomStream {
        RandomStream(state: s0 ^ rotate(s2, 17) ^ stableHash(of: name.utf8))
    }

    /// The next 64 random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        let result = rotate(s0 &+ s3, 23) &+ s0
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = rotate(s3, 45)
        return result
    }

    /// A number evenly drawn from 0 up to but not including 1, with 53 random bits.
    @inlinable
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1.0p-53
    }

    /// A whole number evenly drawn from `0..<bound`. `bound` must not be zero.
    @inlinable
    public mutating func below(_ bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a random number below zero does not exist")
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// An index evenly drawn from `0..<count`. `count` must be positive.
    @inlinable
    public mutating func index(_ count: Int) -> Int { Int(below(UInt64(count))) }

    /// A span evenly drawn from `range`, ends included.
    @inlinable
    public mutating func span(in range: ClosedRange<TimeSpan>) -> TimeSpan {
        let width = UInt64(range.upperBound.nanoseconds - range.lowerBound.nanoseconds)
        return TimeSpan(
            nanoseconds: range.lowerBound.nanoseconds + Int64(below(width + 1)))
    }

    /// `true` with `probability` (0 to 1).
    @inlinable
    public mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// The elements in an evenly drawn order (Fisher and Yates).
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        var last = result.count - 1
        while last > 0 {
            result.swapAt(last, index(last + 1))
            last -= 1
        }
        return result
    }
}

@inlinable
func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    (value << count) | (value >> (64 - count))
}
