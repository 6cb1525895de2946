import Determinism

/// How far another member is with this member's writes, and what is under way to it.
struct PeerLink: Sendable {
    let member: MemberID
    /// Whether messages can be expected to arrive: until a connection was reset, after one opened.
    var isConnected = true
    /// Whether the member was heard of in this life of the process.
    var isHeard = false
    /// Whether the member said that its state is incomplete.
    var isIncomplete = false
    /// How many of the own first writes the member said it knows.
    var confirmed: UInt64 = 0
    /// The number of the next own write to send.
    var next: UInt64
    /// Messages with writes that are not acknowledged, in order.
    var inFlight: [Batch] = []
    /// What the member said it knows: it has that on disk.
    var known = KnownDots()
    var lastSent: Instant?
    var lastHeard: Instant?
    /// Waits that ended without an answer, since the last answer.
    var timeouts = 0
    /// Messages with writes that were sent again.
    var resends: Int64 = 0
    var resendsReported: Int64 = 0
    var nextReport = Instant.zero
    /// When a whole comparison may be begun because the member fell behind.
    var nextCatchUp = Instant.zero
    private var smoothed: TimeSpan
    private var variation: TimeSpan

    /// A message with writes that is under way.
    struct Batch: Sendable {
        var range: ClosedRange<UInt64>
        var bytes: Int
        var sent: Instant
        var deadline: Instant
        var isResent = false
    }

    /// A link over which nothing was sent; the round trip is as expected until it is measured.
    init(to member: MemberID, roundTrip: TimeSpan, next: UInt64) {
        self.member = member
        self.next = next
        smoothed = roundTrip
        variation = roundTrip / 4
    }

    /// How long to wait for an answer before sending again (Jacobson, "Congestion Avoidance and
    /// Control", 1988), doubled for each wait in vain.
    var patience: TimeSpan {
        let wait = max(EventualOptions.resendMin, smoothed + variation * 4)
        return min(wait * (1 << min(timeouts, 4)), max(EventualOptions.resendMax, wait))
    }

    /// Takes a measured round trip into account.
    mutating func measured(_ roundTrip: TimeSpan) {
        let error = roundTrip - smoothed
        smoothed += error / 8
        variation += ((error < .zero ? -error : error) - variation) / 4
    }

    #if PlantedBugs
        /// Takes what was not acknowledged in time for done.
        mutating func giveUp(_ now: NodeTime) {
            for batch in inFlight where batch.deadline <= now.monotonic {
                confirmed = max(confirmed, batch.range.upperBound)
            }
            inFlight.removeAll { $0.deadline <= now.monotonic }
        }
    #endif

    /// The bytes of what is under way.
    var inFlightBytes: Int { inFlight.reduce(0) { $0 + $1.bytes } }

    /// One above the last write that needs no sending any more, as far as the log is concerned.
    var firstNeeded: UInt64 { min(next, inFlight.first?.range.lowerBound ?? next) }

    /// Whether the member lacks writes that the log no longer holds.
    func isBehind(_ log: WriteLog) -> Bool { isHeard && confirmed + 1 < log.first }

    /// Begins anew after the last write that the member is known to know: what was under way may
    /// be lost.
    mutating func restart(_ log: WriteLog) {
        inFlight.removeAll()
        next = max(log.first, min(confirmed + 1, log.end))
        timeouts = 0
    }
}
