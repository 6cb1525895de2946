import Determinism

/// What several runs say of a figure: the mean, and how far it may be from the truth by chance.
package struct Estimate: Hashable, Sendable {
    /// The mean.
    package var mean: Double
    /// Half the width of the interval that holds the true mean with 95 % confidence (Student,
    /// "The Probable Error of a Mean", 1908); `nil`: one value tells nothing of it.
    package var halfWidth: Double?
    /// How many values there are.
    package var count: Int

    /// What `values` say; `nil` if there are none.
    package init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        count = values.count
        guard count > 1 else { return }
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        let quantile = StudentDistribution.quantile(confidence: 0.95, degrees: count - 1)
        halfWidth = quantile * (square / Double(count)).squareRoot()
    }

    /// Whether it is sure to differ from 0.
    package var isNotZero: Bool { halfWidth.map { abs(mean) > $0 } ?? false }
}
