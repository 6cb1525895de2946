import Determinism
import Histogram
import RegionCore

/// How late something was, over many times, in microseconds with two digits.
struct Lateness {
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000,
        numberOfSignificantValueDigits: .two)

    /// Takes note of one time; what came early counts as punctual.
    mutating func record(_ lateness: TimeSpan) {
        let microseconds = max(0, lateness.nanoseconds / 1_000)
        histogram.record(UInt64(min(microseconds, 3_600_000_000)))
    }

    var summary: LatenessSummary {
        func span(_ microseconds: UInt64) -> TimeSpan {
            TimeSpan(nanoseconds: Int64(clamping: microseconds) * 1_000)
        }
        guard histogram.totalCount > 0 else { return LatenessSummary() }
        return LatenessSummary(
            count: histogram.totalCount, p50: span(histogram.valueAtPercentile(50)),
            p99: span(histogram.valueAtPercentile(99)), max: span(histogram.max))
    }
}
