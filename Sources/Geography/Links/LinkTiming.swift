import Determinism

/// The constants of the link model, which are those of TCP on Linux where it has any.
public enum LinkTiming {
    /// The first retransmission timeout, unless the round trip is longer.
    public static let retransmissionMin = TimeSpan.milliseconds(200)
    /// No two retransmissions are further apart: TCP_RTO_MAX.
    public static let retransmissionMax = TimeSpan.seconds(120)
    /// The first pause before a lost connection is tried again, before jitter.
    public static let reconnectMin = TimeSpan.milliseconds(50)
    /// The longest pause before a lost connection is tried again, before jitter.
    public static let reconnectMax = TimeSpan.seconds(1)

    /// The retransmission timeout of a link with this round trip, before any doubling.
    static func retransmissionTimeout(roundTrip: TimeSpan) -> TimeSpan {
        min(retransmissionMax, max(retransmissionMin, roundTrip))
    }

    /// When a frame that was first sent at `start` and never acknowledged is sent again for the
    /// first time at or after `now`: `first` later, then after twice that pause, and so on, no
    /// pause longer than ``retransmissionMax``.
    static func nextResend(start: Instant, first: TimeSpan, notBefore now: Instant) -> Instant {
        var pause = first
        var time = start + pause
        while time < now && pause < retransmissionMax {
            pause = min(retransmissionMax, pause + pause)
            time = time + pause
        }
        guard time < now else { return time }
        let late = (now - time).nanoseconds
        let period = retransmissionMax.nanoseconds
        return time + TimeSpan(nanoseconds: (late + period - 1) / period * period)
    }

    /// How much later a frame arrives that is lost `losses` times in a row (at least once): the
    /// first loss costs a round trip if frames behind it trigger a fast retransmit, all others a
    /// timeout, which doubles each time.
    static func penalty(losses: Int, isDense: Bool, roundTrip: TimeSpan) -> TimeSpan {
        var timeout = retransmissionTimeout(roundTrip: roundTrip)
        var sum = TimeSpan.zero
        var left = losses
        if isDense {
            sum = roundTrip
            left -= 1
        }
        while left > 0 {
            sum += timeout
            timeout = min(retransmissionMax, timeout + timeout)
            left -= 1
        }
        return sum
    }

    /// The pause before attempt number `attempt` (from 1 on) to connect: doubling, and of that
    /// an evenly drawn part between a half and the whole, so that peers do not come back in step.
    static func reconnectPause(attempt: Int, using random: inout RandomStream) -> TimeSpan {
        let doublings = min(max(0, attempt - 1), 16)
        let whole = min(reconnectMax, reconnectMin * (1 << Int64(doublings)))
        return random.span(in: (whole / 2)...whole)
    }
}
