import Determinism

/// The clocks of one node, as functions of the host's monotonic clock: the node's monotonic clock
/// may run fast or slow, its wall clock may also be offset. Both engines use it.
///
/// All arithmetic is in whole nanoseconds, so that both directions agree everywhere.
package struct NodeClock: Hashable, Sendable {
    /// What is wrong with the clocks now.
    package private(set) var condition = ClockCondition()
    /// Since when (of the host's clock) the drift is what it is.
    private var driftSince: Instant
    /// What the node's monotonic clock said then.
    private var monotonicThen: Instant
    /// A moment of the host's clock, and what a right wall clock says then.
    private var trueAt: Instant
    private var trueWall: WallTime

    /// Clocks that are right: the wall clock says `wall` when the host's clock says `host`.
    package init(wall: WallTime, at host: Instant) {
        driftSince = host
        monotonicThen = host
        trueAt = host
        trueWall = wall
    }

    /// Sets the wall clock: a right one says `wall` when the host's clock says `host`.
    package mutating func setWall(_ wall: WallTime, at host: Instant) {
        trueAt = host
        trueWall = wall
    }

    /// Puts a condition in force from `host` on.
    package mutating func set(_ condition: ClockCondition, at host: Instant) {
        monotonicThen = monotonic(at: host)
        driftSince = host
        self.condition = condition
    }

    /// Both clocks when the host's clock says `host`.
    package func reading(at host: Instant) -> NodeTime {
        NodeTime(monotonic: monotonic(at: host), wall: wall(at: host))
    }

    /// How far the monotonic clock is ahead of the host's at `host`; negative: behind.
    package func monotonicLead(at host: Instant) -> TimeSpan { monotonic(at: host) - host }

    /// The first moment of the host's clock at which the monotonic clock says at least `own`.
    package func host(of own: Instant) -> Instant {
        if own == .distantFuture { return .distantFuture }
        let drift = condition.driftPartsPerBillion
        if drift == 0 { return driftSince + (own - monotonicThen) }
        let wanted = (own - monotonicThen).nanoseconds
        // A first guess, which the rounding of `stretched` may miss by a few nanoseconds.
        let scale = 1 + Double(drift) / 1e9
        var host =
            driftSince + TimeSpan(nanoseconds: Int64((Double(wanted) / scale).rounded(.down)))
        while monotonic(at: host) < own { host += TimeSpan(nanoseconds: 1) }
        return host
    }

    private func monotonic(at host: Instant) -> Instant {
        monotonicThen + stretched(host - driftSince)
    }

    private func wall(at host: Instant) -> WallTime {
        let drifted = stretched(host - driftSince) - (host - driftSince)
        return trueWall + (host - trueAt) + condition.offset + drifted
    }

    /// What a clock that drifts measures of `span`.
    private func stretched(_ span: TimeSpan) -> TimeSpan {
        let drift = condition.driftPartsPerBillion
        if drift == 0 { return span }
        let billion: Int64 = 1_000_000_000
        let whole = span.nanoseconds / billion
        let rest = span.nanoseconds % billion
        return TimeSpan(nanoseconds: span.nanoseconds + whole * drift + rest * drift / billion)
    }
}
