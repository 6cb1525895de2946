import Determinism

/// The planned times of a region's operations in open loop: a Poisson process.
///
/// Gaps are drawn as shares of the mean gap, so that a change of rate stretches or squeezes what
/// is left of the present gap and draws nothing: the schedule before the change, and the
/// randomness after it, are the same with and without it.
package struct PoissonSchedule: Sendable {
    /// When the next operation is planned; ``Instant/distantFuture`` while the rate is 0.
    package private(set) var next: Instant = .distantFuture
    /// Operations a second.
    package private(set) var rate: Double

    private var random: RandomStream
    private var gapLeft: Double
    private var gapFrom: Instant

    /// A schedule of `rate` operations a second (at least 0) from `start` on.
    package init(rate: Double, start: Instant, random: RandomStream) {
        self.rate = rate
        self.random = random
        gapFrom = start
        gapLeft = Self.gap(&self.random)
        reckon()
    }

    /// Takes the next planned time. It must not be ``Instant/distantFuture``.
    package mutating func take() -> Instant {
        let taken = next
        gapFrom = taken
        gapLeft = Self.gap(&random)
        reckon()
        return taken
    }

    /// Changes the rate from `now` on (at least 0 operations a second). The planned times before
    /// `now` must have been taken.
    package mutating func setRate(_ rate: Double, at now: Instant) {
        if now > gapFrom {
            gapLeft = max(0, gapLeft - (now - gapFrom).seconds * self.rate)
            gapFrom = now
        }
        self.rate = rate
        reckon()
    }

    private mutating func reckon() {
        let seconds = rate > 0 ? gapLeft / rate : .infinity
        next = seconds < 1e9 ? gapFrom + .seconds(seconds) : .distantFuture
    }

    private static func gap(_ random: inout RandomStream) -> Double {
        -DeterministicMath.log(1 - random.unit())
    }
}
