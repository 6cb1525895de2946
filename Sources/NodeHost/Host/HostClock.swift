import Determinism
import Foundation
import RegionCore

/// The clocks of a node's process: what the machine is told the time is, which faults may make
/// wrong, and the host's monotonic clock, which all processes share and no fault touches.
///
/// The machine and its timers live by the node's clocks. Links, due times, probes, statuses and
/// notes live by the host's, so that they mean the same in all processes.
struct HostClock: Sendable {
    private var clock: NodeClock

    init(_ setting: WallClockSetting?, _ condition: ClockCondition) {
        let now = Self.monotonicNow
        clock = NodeClock(wall: Self.hostWallTime, at: now)
        if let setting { set(setting) }
        clock.set(condition, at: now)
    }

    /// What the host's monotonic clock says.
    static var monotonicNow: Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// Sets what a right wall clock says.
    mutating func set(_ setting: WallClockSetting) {
        clock.setWall(
            WallTime(nanosecondsSince1970: setting.wallNanoseconds),
            at: Instant(nanoseconds: setting.monotonicNanoseconds))
    }

    /// Puts what is wrong with the clocks in force from now on. What is wrong already goes on as
    /// it was.
    mutating func set(_ condition: ClockCondition) {
        guard condition != clock.condition else { return }
        clock.set(condition, at: Self.monotonicNow)
    }

    /// The node's clocks, read now.
    var now: NodeTime { clock.reading(at: Self.monotonicNow) }

    /// The node's clocks when the host's says `host`.
    func reading(at host: Instant) -> NodeTime { clock.reading(at: host) }

    /// How far the node's monotonic clock is ahead of the host's.
    func monotonicLead(at host: Instant) -> TimeSpan { clock.monotonicLead(at: host) }

    /// When, by the host's clock, the node's monotonic clock says `own`.
    func host(of own: Instant) -> Instant { clock.host(of: own) }

    private static var hostWallTime: WallTime {
        WallTime(nanosecondsSince1970: read(CLOCK_REALTIME))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
