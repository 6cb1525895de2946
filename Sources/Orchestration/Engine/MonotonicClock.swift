import Determinism
import NIOCore

/// The monotonic clock that all processes of this host share.
enum MonotonicClock {
    /// The time now.
    static var now: Instant {
        Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    }
}

extension NIODeadline {
    /// The deadline at `instant` of the monotonic clock.
    init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
    }
}
