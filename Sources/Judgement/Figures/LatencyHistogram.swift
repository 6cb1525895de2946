import Determinism
import Histogram

/// Latencies in an HDR histogram: microseconds to three significant digits, up to an hour.
///
/// Made of all latencies at once, so that it is as wide as they are: emptying a wide one or
/// letting it grow costs more than making it.
struct LatencyHistogram {
    private let histogram: Histogram<UInt32>
    /// How many there are.
    let count: Int
    /// The mean in milliseconds.
    let mean: Double
    /// The longest in milliseconds.
    let maximum: Double

    private static let microsecondsMax: Int64 = 3_600_000_000

    /// The histogram of `latencies`; one above an hour counts as an hour in the percentiles.
    init(_ latencies: [TimeSpan]) {
        let longest = latencies.max() ?? .zero
        var histogram = Histogram<UInt32>(
            lowestDiscernibleValue: 1,
            highestTrackableValue: UInt64(max(2, Self.microseconds(longest))),
            numberOfSignificantValueDigits: .three)
        var sum = 0.0
        for latency in latencies {
            _ = histogram.record(UInt64(Self.microseconds(latency)))
            sum += Double(latency.nanoseconds) / 1_000_000
        }
        self.histogram = histogram
        count = latencies.count
        mean = latencies.isEmpty ? 0 : rounded(sum / Double(latencies.count))
        maximum = milliseconds(longest)
    }

    private static func microseconds(_ latency: TimeSpan) -> Int64 {
        min(max(0, (latency.nanoseconds + 500) / 1000), microsecondsMax)
    }

    /// A percentile (0 to 100) in milliseconds.
    func percentile(_ percentile: Double) -> Double {
        let value = Double(histogram.valueAtPercentile(percentile)) / 1000
        return min(rounded(value), maximum)
    }

    /// The row of these latencies.
    func row(_ scope: RowScope) -> LatencyRow {
        LatencyRow(
            scope: scope, count: count, mean: mean, p50: percentile(50), p95: percentile(95),
            p99: percentile(99), p999: percentile(99.9), max: maximum)
    }
}
