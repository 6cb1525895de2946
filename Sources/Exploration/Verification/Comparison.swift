/// One quantity compared between the engines.
package struct Comparison: Hashable, Sendable {
    /// What was compared.
    package var quantity: Quantity
    /// The median over the runs with processes that count.
    package var processes: Double
    /// The median over the runs in virtual time with the same seeds.
    package var virtual: Double
    /// How much more the virtual engine measures on average; `nil` if that was not tested.
    package var difference: Double?
    /// The 90 % confidence interval of the difference.
    package var interval: ClosedRange<Double>?
    /// How much may be between them.
    package var margin: Double
    /// Whether the margin is what runs with other seeds differ by, not the stated one.
    package var isMarginSpread: Bool
    /// What came of it.
    package var finding: Finding
    /// Why nothing can be said, or how the difference shows.
    package var reason: String?

    /// Takes over what a test says. What must be the same exactly is not a matter of chance.
    mutating func take(_ test: EquivalenceTest, isExact: Bool) {
        difference = test.difference
        interval = test.interval
        finding =
            switch test.outcome {
            case .equivalent: .equivalent
            case .different: .different
            case .undecided: isExact ? .different : .undecided
            }
    }

    /// How far the interval's farther end is from 0, as a share of the margin: 1 or less is
    /// equivalent.
    package var reach: Double {
        guard let interval else { return finding == .different ? .infinity : 0 }
        let far = max(interval.lowerBound.magnitude, interval.upperBound.magnitude)
        return margin > 0 ? far / margin : far == 0 ? 0 : .infinity
    }
}

/// What a comparison comes to.
package enum Finding: String, CaseIterable, Hashable, Sendable {
    /// The engines differ.
    case different
    /// There were too few runs for so much noise.
    case undecided
    /// The engines measure the same.
    case equivalent
    /// Too little happened to measure it.
    case notCompared = "not compared"
}

/// Something that holds or does not, compared between the engines: an expectation, or whether a
/// fault took effect.
package struct Statement: Hashable, Sendable {
    /// What holds or not.
    package var text: String
    /// In each run with processes; `nil`: unknown.
    package var processes: [Bool?]
    /// In the run in virtual time with the same seed.
    package var virtual: [Bool?]
    /// What came of it.
    package var finding: Finding

    /// In how many runs it held, for each engine: `3 of 3`.
    package static func count(_ values: [Bool?]) -> String {
        "\(values.count { $0 == true }) of \(values.count)"
    }
}
