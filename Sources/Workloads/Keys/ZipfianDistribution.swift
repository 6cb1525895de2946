import Determinism

/// Ranks from 1 to `count`, the k-th with a frequency proportional to k to the power of
/// `-exponent`, exactly, in constant time and memory.
///
/// Rejection-inversion (Hörmann and Derflinger, "Rejection-Inversion to Generate Variates from
/// Monotone Discrete Distributions", 1996): a point is drawn under the continuous envelope by
/// inverting its integral, rounded to a rank, and rejected when it lies above that rank's bar. No
/// table and no sum over the ranks is kept, so `count` may grow at any time.
package struct ZipfianDistribution: Sendable {
    /// The exponent of the YCSB.
    package static let exponentOfYCSB = 0.99

    /// How many ranks there are.
    package private(set) var count: Int
    /// How steeply frequencies fall; above 0, and not 1.
    package let exponent: Double

    private let integralAtFirst: Double
    private let alwaysAccepted: Double
    private var integralAtLast: Double

    /// Ranks from 1 to `count` (at least 1).
    package init(count: Int, exponent: Double = ZipfianDistribution.exponentOfYCSB) {
        precondition(count >= 1, "a distribution over no ranks")
        precondition(exponent > 0 && exponent != 1, "an exponent above 0 that is not 1")
        self.count = count
        self.exponent = exponent
        let rest = 1 - exponent
        integralAtFirst = Self.integral(1.5, rest) - 1
        integralAtLast = Self.integral(Double(count) + 0.5, rest)
        alwaysAccepted =
            2
            - Self.inverseIntegral(
                Self.integral(2.5, rest) - DeterministicMath.pow(2, -exponent), rest)
    }

    /// Changes the number of ranks.
    package mutating func resize(to count: Int) {
        precondition(count >= 1, "a distribution over no ranks")
        self.count = count
        integralAtLast = Self.integral(Double(count) + 0.5, 1 - exponent)
    }

    /// Draws a rank, 1 being the most frequent.
    package func next(_ random: inout RandomStream) -> Int {
        let rest = 1 - exponent
        while true {
            let area = integralAtLast + random.unit() * (integralAtFirst - integralAtLast)
            let point = Self.inverseIntegral(area, rest)
            let rank = min(max(Int(point + 0.5), 1), count)
            let distance = Double(rank) - point
            if distance <= alwaysAccepted { return rank }
            let bar = DeterministicMath.pow(Double(rank), -exponent)
            if area >= Self.integral(Double(rank) + 0.5, rest) - bar { return rank }
        }
    }

    /// The integral of `x` to the power of `-exponent` from 1 to `x`; `rest` is 1 - exponent.
    private static func integral(_ x: Double, _ rest: Double) -> Double {
        (DeterministicMath.pow(x, rest) - 1) / rest
    }

    private static func inverseIntegral(_ area: Double, _ rest: Double) -> Double {
        DeterministicMath.pow(max(1 + area * rest, 0), 1 / rest)
    }
}
