import Determinism

/// How late things were, in buckets whose width is a sixteenth of their value: quantiles are
/// right within 7 %.
struct LatenessHistogram {
    private var counts: [UInt64] = Array(repeating: 0, count: 64 * 16)
    private(set) var total: UInt64 = 0
    private(set) var maximum = TimeSpan.zero

    mutating func add(_ span: TimeSpan) {
        let value = UInt64(max(0, span.nanoseconds))
        counts[Self.bucket(of: value)] += 1
        total += 1
        maximum = max(maximum, span)
    }

    /// The smallest value that at least the share `quantile` (0 to 1) of all does not exceed, to
    /// the width of a bucket.
    func quantile(_ quantile: Double) -> TimeSpan {
        guard total > 0 else { return .zero }
        let wanted = max(1, UInt64((Double(total) * quantile).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return min(maximum, Self.upperEnd(of: bucket)) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= 16 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 3) * 16 + Int((value >> UInt64(exponent - 4)) & 15)
    }

    private static func upperEnd(of bucket: Int) -> TimeSpan {
        guard bucket >= 16 else { return TimeSpan(nanoseconds: Int64(bucket)) }
        let exponent = bucket / 16 + 3
        let base = (UInt64(16 + bucket % 16) + 1) << UInt64(exponent - 4)
        return TimeSpan(nanoseconds: Int64(clamping: base - 1))
    }
}
