/// A length of time in whole nanoseconds; may be negative.
public struct TimeSpan: Hashable, Comparable, Sendable {
    /// The length in nanoseconds.
    public var nanoseconds: Int64

    /// A span of `nanoseconds`.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// No time at all.
    public static let zero = TimeSpan(nanoseconds: 0)

    /// A span of whole microseconds.
    @inlinable
    public static func microseconds(_ count: Int) -> Self {
        Self(nanoseconds: Int64(count) * 1_000)
    }
    /// A span of whole milliseconds.
    @inlinable
    public static func milliseconds(_ count: Int) -> Self {
        Self(nanoseconds: Int64(count) * 1_000_000)
    }
    /// A span of milliseconds, rounded to the nearest nanosecond.
    @inlinable
    public static func milliseconds(_ count: Double) -> Self {
        Self(nanoseconds: Int64((count * 1_000_000).rounded()))
    }
    /// A span of whole seconds.
    @inlinable
    public static func seconds(_ count: Int) -> Self {
        Self(nanoseconds: Int64(count) * 1_000_000_000)
    }
    /// A span of seconds, rounded to the nearest nanosecond.
    @inlinable
    public static func seconds(_ count: Double) -> Self {
        Self(nanoseconds: Int64((count * 1_000_000_000).rounded()))
    }

    /// The length in milliseconds.
    @inlinable
    public var milliseconds: Double { Double(nanoseconds) / 1_000_000 }
    /// The length in seconds.
    @inlinable
    public var seconds: Double { Double(nanoseconds) / 1_000_000_000 }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
    /// The sum.
    @inlinable
    public static func + (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds + right.nanoseconds)
    }
    /// The difference.
    @inlinable
    public static func - (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
    /// The same length with the opposite sign.
    @inlinable
    public static prefix func - (span: Self) -> Self { Self(nanoseconds: -span.nanoseconds) }
    /// `factor` times the span.
    @inlinable
    public static func * (span: Self, factor: Int) -> Self { span * Int64(factor) }
    /// `factor` times the span.
    @inlinable
    public static func * (span: Self, factor: Int64) -> Self {
        Self(nanoseconds: span.nanoseconds * factor)
    }
    /// The span scaled by `factor`, rounded to the nearest nanosecond.
    @inlinable
    public static func * (span: Self, factor: Double) -> Self {
        Self(nanoseconds: Int64((Double(span.nanoseconds) * factor).rounded()))
    }
    /// The span divided by `divisor`, rounded towards zero.
    @inlinable
    public static func / (span: Self, divisor: Int64) -> Self {
        Self(nanoseconds: span.nanoseconds / divisor)
    }
    /// Adds `right`.
    @inlinable
    public static func += (left: inout Self, right: Self) { left = left + right }
    /// Subtracts `right`.
    @inlinable
    public static func -= (left: inout Self, right: Self) { left = left - right }
}

extension TimeSpan: CustomStringConvertible {
    /// The span in the scenario file's notation: `250ms`, `10s`, `1.5ms`, `20us`, `1h30m`.
    public var description: String {
        if nanoseconds == 0 { return "0ms" }
        if nanoseconds == .min { return "\(nanoseconds)ns" }
        if nanoseconds < 0 { return "-" + (-self).description }
        let units: [(String, Int64)] = [
            ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
            ("s", 1_000_000_000),
        ]
        if nanoseconds >= 1_000_000_000, nanoseconds % 1_000_000_000 == 0 {
            var rest = nanoseconds
            var text = ""
            for (name, size) in units where rest >= size {
                text += "\(rest / size)\(name)"
                rest %= size
            }
            return text
        }
        if nanoseconds % 1_000 != 0 { return "\(nanoseconds)ns" }
        if nanoseconds < 1_000_000 { return "\(nanoseconds / 1_000)us" }
        let whole = nanoseconds / 1_000_000
        let thousandths = (nanoseconds % 1_000_000) / 1_000
        if thousandths == 0 { return "\(whole)ms" }
        var digits = String(thousandths)
        digits = String(repeating: "0", count: 3 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)ms"
    }
}
