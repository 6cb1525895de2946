import Determinism
import Foundation

/// The clocks of a node's process: the host's monotonic clock, which all its processes share, and
/// a wall clock that follows it from wherever it was set.
struct HostClock: Sendable {
    private var setting: WallClockSetting

    init(_ setting: WallClockSetting?) {
        self.setting =
            setting ?? WallClockSetting(wall: Self.hostWallTime, at: Self.monotonicNow)
    }

    /// What the host's monotonic clock says.
    static var monotonicNow: Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// Sets the wall clock.
    mutating func set(_ setting: WallClockSetting) { self.setting = setting }

    /// Both clocks, read now.
    var now: NodeTime {
        let monotonic = Self.monotonicNow
        let passed = monotonic.nanoseconds &- setting.monotonicNanoseconds
        return NodeTime(
            monotonic: monotonic,
            wall: WallTime(nanosecondsSince1970: setting.wallNanoseconds &+ passed))
    }

    private static var hostWallTime: WallTime {
        WallTime(nanosecondsSince1970: read(CLOCK_REALTIME))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
