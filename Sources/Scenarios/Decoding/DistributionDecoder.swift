import Determinism
import Geography

/// Reads distributions of delays: `{distribution: pareto, minimum: 1ms, shape: 1.5}`.
struct DistributionDecoder {
    private static let kinds = [
        "constant", "uniform", "normal", "exponential", "pareto", "mixture", "empirical",
    ]

    /// A jitter: a distribution, or a duration as the deviation of a normal one around zero.
    static func decodeJitter(_ reader: Reader) -> DelayDistribution? {
        if reader.isMapping { return decode(reader) }
        let notation = Notation<TimeSpan>.duration.limited(
            to: "a duration such as 2ms, or a mapping with 'distribution'"
        ) { _ in true }
        guard let deviation = reader.value(notation) else { return nil }
        return checked(.normal(mean: .zero, deviation: deviation), reader)
    }

    /// The distribution that a mapping describes.
    static func decode(_ reader: Reader) -> DelayDistribution? {
        let result: DelayDistribution? = reader.mapping(
            expected: "a mapping such as {distribution: normal, deviation: 2ms}"
        ) { map in
            let kind = map.required("distribution", expected: listed(kinds))?.value(.choice(kinds))
            switch kind {
            case "constant":
                return duration(map, "delay").map { .constant($0) }
            case "uniform":
                let minimum = map.value("minimum", .duration, default: .zero)
                return duration(map, "maximum").map { .uniform(minimum: minimum, maximum: $0) }
            case "normal":
                let mean = map.value("mean", .duration, default: .zero)
                return duration(map, "deviation").map { .normal(mean: mean, deviation: $0) }
            case "exponential":
                return duration(map, "mean").map { .exponential(mean: $0) }
            case "pareto":
                let minimum = duration(map, "minimum")
                let shape = map.required("shape", expected: "a number above 0")?.value(.number)
                guard let minimum, let shape else { return nil }
                return .pareto(minimum: minimum, shape: shape)
            case "mixture":
                return decodeMixture(map)
            case "empirical":
                let expected = "a list of durations, ascending"
                guard let list = map.required("samples", expected: expected),
                    let elements = list.elements(expected: expected)
                else { return nil }
                let samples = elements.compactMap { $0.value(.duration) }
                return samples.count == elements.count ? .empirical(samples) : nil
            case _:
                return nil
            }
        }
        return result.flatMap { checked($0, reader) }
    }

    private static func duration(_ map: MappingReader, _ key: String) -> TimeSpan? {
        map.required(key, expected: "a duration such as 2ms")?.value(.duration)
    }

    private static func decodeMixture(_ map: MappingReader) -> DelayDistribution? {
        let expected = "a list such as [[38%, {distribution: …}], [62%, {distribution: …}]]"
        guard let list = map.required("of", expected: expected),
            let elements = list.elements(expected: expected)
        else { return nil }
        var parts: [WeightedDelay] = []
        for element in elements {
            let pair = "a share and a distribution, such as [38%, {distribution: …}]"
            guard let sides = element.elements(expected: pair) else { return nil }
            guard sides.count == 2 else {
                element.mismatch(expected: pair)
                return nil
            }
            guard let weight = sides[0].value(.share), let distribution = decode(sides[1]) else {
                return nil
            }
            parts.append(WeightedDelay(weight, distribution))
        }
        return .mixture(parts)
    }

    private static func checked(
        _ distribution: DelayDistribution, _ reader: Reader
    ) -> DelayDistribution? {
        guard let problem = distribution.problem else { return distribution }
        reader.fail(problem)
        return nil
    }
}
