/// What a node's wall clock says, in nanoseconds since 1970-01-01T00:00:00Z.
///
/// Wall clocks may be offset and may jump, forwards and backwards. They are for hybrid logical
/// clocks and for expiry, never for timers or leases, which use ``Instant``.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var nanosecondsSince1970: Int64

    /// The time `nanosecondsSince1970` after the epoch.
    @inlinable
    public init(nanosecondsSince1970: Int64) { self.nanosecondsSince1970 = nanosecondsSince1970 }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }
    /// The time `span` later.
    @inlinable
    public static func + (time: Self, span: TimeSpan) -> Self {
        Self(nanosecondsSince1970: time.nanosecondsSince1970 &+ span.nanoseconds)
    }
    /// The time from `right` to `left`; negative if `left` is earlier.
    @inlinable
    public static func - (left: Self, right: Self) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanosecondsSince1970 &- right.nanosecondsSince1970)
    }
}

/// Both clocks of a node, read together, after the input that they go with was taken.
public struct NodeTime: Hashable, Sendable {
    /// The monotonic clock: for timers, leases and measured delays.
    public var monotonic: Instant
    /// The wall clock: for hybrid logical clocks and expiry.
    public var wall: WallTime

    /// A reading of both clocks.
    @inlinable
    public init(monotonic: Instant, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }
}
