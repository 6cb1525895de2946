import Determinism
import Histogram

/// Latencies in an HDR histogram: microseconds to three significant digits, up to an hour.
struct LatencyHistogram {
    private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
    private var sum = 0.0
    private var longest = TimeSpan.zero
    private(set) var count = 0

    private static let microsecondsMax: UInt64 = 3_600_000_000

    /// Forgets everything.
    mutating func reset() {
        // A new one is as small as its values; emptying a grown one costs more.
        histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
        sum = 0
        longest = .zero
        count = 0
    }

    /// Adds a latency; one above an hour counts as an hour in the percentiles.
    mutating func record(_ latency: TimeSpan) {
        let microseconds = max(0, (latency.nanoseconds + 500) / 1000)
        _ = histogram.record(min(UInt64(microseconds), Self.microsecondsMax))
        sum += Double(latency.nanoseconds) / 1_000_000
        longest = max(longest, latency)
        count += 1
    }

    /// A percentile (0 to 100) in milliseconds.
    func percentile(_ percentile: Double) -> Double {
        let value = Double(histogram.valueAtPercentile(percentile)) / 1000
        return min(rounded(value), maximum)
    }

    /// The mean in milliseconds.
    var mean: Double { count == 0 ? 0 : rounded(sum / Double(count)) }

    /// The longest in milliseconds.
    var maximum: Double { milliseconds(longest) }

    /// The row of these latencies.
    func row(_ scope: RowScope) -> LatencyRow {
        LatencyRow(
            scope: scope, count: count, mean: mean, p50: percentile(50), p95: percentile(95),
            p99: percentile(99), p999: percentile(99.9), max: maximum)
    }
}
