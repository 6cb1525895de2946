/// A point on a monotonic clock, in nanoseconds since that clock's zero.
///
/// In virtual time the zero is the start of the run; on a host it is the zero of
/// `CLOCK_MONOTONIC`, which every process of the host shares. Instants of different clocks must
/// not be compared. Wall-clock time is a different thing: see ``WallTime``.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's zero.
    public var nanoseconds: Int64

    /// The instant `nanoseconds` after the clock's zero.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's zero.
    @inlinable
    public static var zero: Instant { Instant(nanoseconds: 0) }
    /// Later than every instant that can occur in a run.
    @inlinable
    public static var distantFuture: Instant { Instant(nanoseconds: .max) }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `span` later, at most ``distantFuture``.
    @inlinable
    public static func + (instant: Self, span: TimeSpan) -> Self {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow ? .distantFuture : Self(nanoseconds: sum)
    }

    /// The instant `span` earlier.
    @inlinable
    public static func - (instant: Self, span: TimeSpan) -> Self {
        Self(nanoseconds: instant.nanoseconds - span.nanoseconds)
    }

    /// The time from `right` to `left`; negative if `left` is earlier.
    @inlinable
    public static func - (left: Self, right: Self) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    /// Moves the instant `span` later.
    @inlinable
    public static func += (instant: inout Self, span: TimeSpan) { instant = instant + span }
}
