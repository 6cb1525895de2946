/// Whether two engines measure the same, told from what their runs measured.
///
/// Two questions, each answered only when the data are clear. *Equivalent*: two one-sided t tests
/// (Schuirmann 1987) at 5 % each, which is to say that the 90 % confidence interval of the
/// difference of the means lies within ± the margin. *Different*: an interval so wide that, over
/// all the comparisons of a verification, chance would put one in twenty wrongly outside
/// (Bonferroni) lies wholly beyond the margin. What is neither is *undecided*: there were too few
/// runs for so much noise.
struct EquivalenceTest {
    /// What the test says.
    enum Outcome: Equatable {
        case equivalent
        case different
        case undecided
    }

    /// The difference of the means.
    let difference: Double
    /// Its 90 % confidence interval.
    let interval: ClosedRange<Double>
    let outcome: Outcome

    /// Tests the differences of runs with the same seeds, of which there must be two at least, as
    /// one of `comparisons` tests.
    init(paired differences: [Double], margin: Double, comparisons: Int) {
        let moments = Moments(differences)
        self.init(
            moments.mean, error: (moments.variance / Double(moments.count)).squareRoot(),
            degrees: moments.count - 1, margin: margin, comparisons: comparisons)
    }

    /// Tests the difference of what two engines measured in runs that have nothing to do with
    /// each other, two at least of each. The variance is pooled: few runs of one engine borrow
    /// what is known of the spread from the many of the other.
    init(_ first: [Double], _ second: [Double], margin: Double, comparisons: Int) {
        let (one, other) = (Moments(first), Moments(second))
        let degrees = one.count + other.count - 2
        let pooled =
            (one.variance * Double(one.count - 1) + other.variance * Double(other.count - 1))
            / Double(degrees)
        self.init(
            other.mean - one.mean,
            error: (pooled / Double(one.count) + pooled / Double(other.count)).squareRoot(),
            degrees: degrees, margin: margin, comparisons: comparisons)
    }

    private init(
        _ difference: Double, error: Double, degrees: Int, margin: Double, comparisons: Int
    ) {
        func halfWidth(_ confidence: Double) -> Double {
            error * StudentDistribution.quantile(confidence: confidence, degrees: degrees)
        }
        let half = halfWidth(0.9)
        self.difference = difference
        interval = (difference - half)...(difference + half)
        if difference.magnitude + half <= margin {
            outcome = .equivalent
        } else if difference.magnitude - halfWidth(1 - 0.05 / Double(max(1, comparisons)))
            > margin
        {
            outcome = .different
        } else {
            outcome = .undecided
        }
    }
}

/// Mean and variance of some measurements.
struct Moments {
    let count: Int
    let mean: Double
    /// The variance of the population that the measurements are drawn from, estimated.
    let variance: Double

    /// The moments of `values`, of which there must be two at least.
    init(_ values: [Double]) {
        precondition(values.count > 1, "one measurement has no spread")
        count = values.count
        let mean = values.reduce(0, +) / Double(count)
        self.mean = mean
        variance =
            values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }

    /// The standard deviation.
    var deviation: Double { variance.squareRoot() }
}
