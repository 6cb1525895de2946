import Determinism

/// How a delay, or the jitter on top of a delay, is distributed.
///
/// Samples come from a ``RandomStream`` and the functions of `DeterministicMath`, so the same
/// stream gives the same delays on every machine. No sample exceeds ``sampleMax``: heavy tails
/// end there.
public indirect enum DelayDistribution: Hashable, Sendable, Codable {
    /// Always the same.
    case constant(TimeSpan)
    /// Evenly between the two, ends included.
    case uniform(minimum: TimeSpan, maximum: TimeSpan)
    /// Normal (Gaussian). As jitter it also shortens delays; as a delay it ends at zero.
    case normal(mean: TimeSpan, deviation: TimeSpan)
    /// Exponential.
    case exponential(mean: TimeSpan)
    /// Pareto: at least `minimum`, with P(x > t) = (minimum / t) ^ shape.
    case pareto(minimum: TimeSpan, shape: Double)
    /// One of several, picked by weight.
    case mixture([WeightedDelay])
    /// As measured: the samples in ascending order are evenly spaced quantiles, with straight
    /// lines between them.
    case empirical([TimeSpan])

    /// No sample is longer: one hour.
    public static let sampleMax = TimeSpan.seconds(3600)

    /// A delay: never negative, at most ``sampleMax``.
    public func delay(using random: inout RandomStream) -> TimeSpan {
        max(.zero, jitter(using: &random))
    }

    /// What is added to a delay: negative where the distribution reaches below zero.
    public func jitter(using random: inout RandomStream) -> TimeSpan {
        switch self {
        case .constant(let span):
            return Self.bounded(Double(span.nanoseconds))
        case .uniform(let minimum, let maximum):
            guard minimum < maximum else { return minimum }
            return min(Self.sampleMax, random.span(in: minimum...maximum))
        case .normal(let mean, let deviation):
            let standard = Self.standardNormal(using: &random)
            return Self.bounded(
                Double(mean.nanoseconds) + standard * Double(deviation.nanoseconds))
        case .exponential(let mean):
            return Self.exponential(mean, at: random.unit())
        case .pareto(let minimum, let shape):
            return Self.pareto(minimum, shape, at: random.unit())
        case .mixture(let parts):
            var rest = random.unit() * parts.reduce(0) { $0 + $1.weight }
            for part in parts {
                rest -= part.weight
                if rest < 0 { return part.distribution.jitter(using: &random) }
            }
            return parts.last?.distribution.jitter(using: &random) ?? .zero
        case .empirical(let samples):
            return Self.interpolated(samples, at: random.unit())
        }
    }

    /// The delay that a share of `probability` (0 to 1) of all samples do not exceed, where that
    /// has a closed form: not for `normal` and `mixture`.
    public func quantile(_ probability: Double) -> TimeSpan? {
        guard probability >= 0, probability <= 1 else { return nil }
        switch self {
        case .constant(let span):
            return Self.bounded(Double(span.nanoseconds))
        case .uniform(let minimum, let maximum):
            let width = Double(maximum.nanoseconds - minimum.nanoseconds)
            return Self.bounded(Double(minimum.nanoseconds) + width * probability)
        case .exponential(let mean):
            return Self.exponential(mean, at: probability)
        case .pareto(let minimum, let shape):
            return Self.pareto(minimum, shape, at: probability)
        case .empirical(let samples):
            return Self.interpolated(samples, at: probability)
        case .normal, .mixture:
            return nil
        }
    }

    /// A delay in the middle of the distribution: the median, for a mixture the weighted mean of
    /// its parts' medians. Retransmission timeouts count with it.
    public var typical: TimeSpan {
        switch self {
        case .constant, .uniform, .exponential, .pareto, .empirical:
            return quantile(0.5) ?? .zero
        case .normal(let mean, _):
            return mean
        case .mixture(let parts):
            let weights = parts.reduce(0) { $0 + $1.weight }
            guard weights > 0 else { return .zero }
            let sum = parts.reduce(0) {
                $0 + $1.weight * Double($1.distribution.typical.nanoseconds)
            }
            return Self.bounded(sum / weights)
        }
    }

    /// The distribution with every sample `factor` times as long, parameters at most
    /// ``sampleMax``.
    public func scaled(by factor: Double) -> DelayDistribution {
        switch self {
        case .constant(let span):
            return .constant(Self.scaled(span, by: factor))
        case .uniform(let minimum, let maximum):
            return .uniform(
                minimum: Self.scaled(minimum, by: factor), maximum: Self.scaled(maximum, by: factor)
            )
        case .normal(let mean, let deviation):
            return .normal(
                mean: Self.scaled(mean, by: factor), deviation: Self.scaled(deviation, by: factor))
        case .exponential(let mean):
            return .exponential(mean: Self.scaled(mean, by: factor))
        case .pareto(let minimum, let shape):
            return .pareto(minimum: Self.scaled(minimum, by: factor), shape: shape)
        case .mixture(let parts):
            return .mixture(
                parts.map { WeightedDelay($0.weight, $0.distribution.scaled(by: factor)) })
        case .empirical(let samples):
            return .empirical(samples.map { Self.scaled($0, by: factor) })
        }
    }

    /// What is wrong with the parameters, for the author of a scenario; `nil` if nothing is.
    public var problem: String? {
        switch self {
        case .constant(let span):
            return Self.problem(span, "the constant")
        case .uniform(let minimum, let maximum):
            if minimum > maximum { return "the minimum \(minimum) is above \(maximum)" }
            return Self.problem(minimum, "the minimum") ?? Self.problem(maximum, "the maximum")
        case .normal(let mean, let deviation):
            return Self.problem(mean, "the mean") ?? Self.problem(deviation, "the deviation")
        case .exponential(let mean):
            return Self.problem(mean, "the mean")
        case .pareto(let minimum, let shape):
            if !(shape > 0 && shape.isFinite) { return "the shape must be above 0" }
            return Self.problem(minimum, "the minimum")
        case .mixture(let parts):
            if parts.isEmpty { return "a mixture needs at least one part" }
            for part in parts {
                if !(part.weight >= 0 && part.weight.isFinite) {
                    return "a weight must be a number of at least 0"
                }
                if let problem = part.distribution.problem { return problem }
            }
            return parts.contains { $0.weight > 0 } ? nil : "all weights are 0"
        case .empirical(let samples):
            if samples.isEmpty { return "measured samples are needed" }
            for (earlier, later) in zip(samples, samples.dropFirst()) where earlier > later {
                return "the samples must ascend: \(earlier) stands before \(later)"
            }
            return Self.problem(samples[0], "the first sample")
                ?? Self.problem(samples[samples.count - 1], "the last sample")
        }
    }
}

/// A part of a mixture of distributions.
public struct WeightedDelay: Hashable, Sendable, Codable {
    /// How often it is picked, relative to the weights of the other parts.
    public var weight: Double
    /// What it is distributed like.
    public var distribution: DelayDistribution

    /// A part with `weight`.
    public init(_ weight: Double, _ distribution: DelayDistribution) {
        self.weight = weight
        self.distribution = distribution
    }
}

extension DelayDistribution {
    private static func problem(_ span: TimeSpan, _ name: String) -> String? {
        if span < .zero { return "\(name) must not be negative" }
        return span > sampleMax ? "\(name) must be at most \(sampleMax)" : nil
    }

    /// `factor` times `span`, at most ``sampleMax`` either way; no factor makes it overflow.
    static func scaled(_ span: TimeSpan, by factor: Double) -> TimeSpan {
        bounded(Double(span.nanoseconds) * factor)
    }

    private static func bounded(_ nanoseconds: Double) -> TimeSpan {
        let bound = Double(sampleMax.nanoseconds)
        guard nanoseconds < bound else { return sampleMax }
        guard nanoseconds > -bound else { return -sampleMax }
        return TimeSpan(nanoseconds: Int64(nanoseconds.rounded()))
    }

    /// One of the two numbers of the transform of Box and Muller (1958).
    private static func standardNormal(using random: inout RandomStream) -> Double {
        let radius = (-2 * DeterministicMath.log(1 - random.unit())).squareRoot()
        return radius * DeterministicMath.cos(2 * Double.pi * random.unit())
    }

    private static func exponential(_ mean: TimeSpan, at probability: Double) -> TimeSpan {
        guard mean > .zero else { return .zero }
        return bounded(-Double(mean.nanoseconds) * DeterministicMath.log(1 - probability))
    }

    private static func pareto(
        _ minimum: TimeSpan, _ shape: Double, at probability: Double
    ) -> TimeSpan {
        guard minimum > .zero else { return .zero }
        let stretch = DeterministicMath.pow(1 - probability, -1 / shape)
        return bounded(Double(minimum.nanoseconds) * stretch)
    }

    private static func interpolated(_ samples: [TimeSpan], at probability: Double) -> TimeSpan {
        guard let last = samples.last else { return .zero }
        let position = probability * Double(samples.count - 1)
        let index = Int(position)
        guard index + 1 < samples.count else { return min(last, sampleMax) }
        let step = samples[index + 1] - samples[index]
        return min(sampleMax, samples[index] + step * (position - Double(index)))
    }
}
