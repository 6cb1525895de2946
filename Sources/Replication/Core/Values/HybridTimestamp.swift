import Determinism

/// A hybrid logical time (Kulkarni et al., "Logical Physical Clocks", 2014): close to the wall
/// clock, and never behind anything that was seen before.
public struct HybridTimestamp: Hashable, Comparable, Sendable {
    /// The wall-clock part, in nanoseconds since 1970.
    public var wall: WallTime
    /// Orders events that share the wall-clock part.
    public var logical: UInt32

    /// The time with these parts.
    @inlinable
    public init(wall: WallTime, logical: UInt32) {
        self.wall = wall
        self.logical = logical
    }

    /// Before every event.
    public static let zero = HybridTimestamp(
        wall: WallTime(nanosecondsSince1970: 0), logical: 0)

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        (left.wall, left.logical) < (right.wall, right.logical)
    }
}

/// The clock that gives hybrid logical times to a replica's events.
public struct HybridClock: Sendable {
    /// The latest time given or seen.
    public private(set) var latest: HybridTimestamp
    /// Times further than this ahead of the own wall clock are not adopted.
    public let driftMax: TimeSpan
    /// How many received times were too far ahead to adopt.
    public private(set) var rejected: UInt64 = 0

    /// A clock that has seen `latest`.
    public init(latest: HybridTimestamp = .zero, driftMax: TimeSpan) {
        self.latest = latest
        self.driftMax = driftMax
    }

    /// A time for an event that happens now; later than every time given or adopted before.
    public mutating func tick(_ now: WallTime) -> HybridTimestamp {
        if now > latest.wall {
            latest = HybridTimestamp(wall: now, logical: 0)
        } else if latest.logical < UInt32.max {
            latest.logical += 1
        } else {
            latest = HybridTimestamp(
                wall: latest.wall + TimeSpan(nanoseconds: 1), logical: 0)
        }
        return latest
    }

    /// Takes note of a time that another replica gave. Returns false, and does not adopt it, if
    /// it is further ahead of `now` than ``driftMax``.
    @discardableResult
    public mutating func observe(_ other: HybridTimestamp, _ now: WallTime) -> Bool {
        if other.wall - now > driftMax {
            rejected += 1
            return false
        }
        if other > latest { latest = other }
        return true
    }
}
