import Determinism
import Foundation
import Geography
import Testing

@Suite struct DelayDistributionTests {
    static let all: [DelayDistribution] = [
        .constant(.milliseconds(3)),
        .uniform(minimum: .milliseconds(1), maximum: .milliseconds(5)),
        .normal(mean: .milliseconds(10), deviation: .milliseconds(2)),
        .exponential(mean: .milliseconds(4)),
        .pareto(minimum: .milliseconds(2), shape: 3),
        .mixture([
            WeightedDelay(0.38, .pareto(minimum: .milliseconds(1.05), shape: 1.51)),
            WeightedDelay(0.62, .exponential(mean: .milliseconds(5.46))),
        ]),
        .empirical([.milliseconds(1), .milliseconds(2), .milliseconds(10)]),
    ]

    private func samples(_ distribution: DelayDistribution, _ count: Int = 40_000) -> [Double] {
        var random = RandomStream(seed: 11, name: "delays")
        return (0..<count).map { _ in distribution.delay(using: &random).milliseconds }
    }

    private func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    @Test(arguments: all)
    func delaysAreNeverNegativeAndRepeatWithTheirStream(distribution: DelayDistribution) {
        #expect(distribution.problem == nil)
        let first = samples(distribution, 2_000)
        #expect(first.allSatisfy { $0 >= 0 })
        #expect(first == samples(distribution, 2_000))
    }

    @Test func meansAreWhatTheParametersSay() {
        #expect(samples(Self.all[0]).allSatisfy { $0 == 3 })
        #expect((mean(samples(Self.all[1])) - 3).magnitude < 0.05)
        #expect((mean(samples(Self.all[2])) - 10).magnitude < 0.05)
        #expect((mean(samples(Self.all[3])) - 4).magnitude < 0.1)
        #expect((mean(samples(Self.all[4])) - 3).magnitude < 0.1)  // 2 · 3 / (3 - 1)
        // The straight lines between 1, 2 and 10 have means of 1.5 and 6.
        #expect((mean(samples(Self.all[6])) - 3.75).magnitude < 0.05)
    }

    @Test func normalDelaysSpreadByTheirDeviation() {
        let values = samples(Self.all[2])
        let middle = mean(values)
        let deviation = mean(values.map { ($0 - middle) * ($0 - middle) }).squareRoot()
        #expect((deviation - 2).magnitude < 0.05)
    }

    @Test func normalJitterShortensDelaysAsOftenAsItLengthensThem() {
        let jitter = DelayDistribution.normal(mean: .zero, deviation: .milliseconds(2))
        var random = RandomStream(seed: 11, name: "jitter")
        let below = (0..<10_000).count { _ in jitter.jitter(using: &random) < .zero }
        #expect((4_800...5_200).contains(below))
        #expect(samples(jitter).count { $0 == 0 } > 19_000)
    }

    /// Where there is a closed form, the samples follow it.
    @Test(arguments: [0, 1, 3, 4, 6])
    func samplesFollowTheQuantiles(index: Int) throws {
        let distribution = Self.all[index]
        let values = samples(distribution).sorted()
        for probability in [0.1, 0.5, 0.9, 0.99] {
            let expected = try #require(distribution.quantile(probability)).milliseconds
            let found = values[Int(probability * Double(values.count))]
            #expect((found - expected).magnitude < 0.02 + expected * 0.06, "at \(probability)")
        }
    }

    @Test func quantilesHaveTheirClosedForms() {
        let exponential = DelayDistribution.exponential(mean: .milliseconds(4))
        #expect(exponential.quantile(0.5)?.milliseconds.rounded(.down) == 2)
        #expect(exponential.quantile(0) == .zero)
        #expect(exponential.quantile(1) == DelayDistribution.sampleMax)
        let pareto = DelayDistribution.pareto(minimum: .milliseconds(1), shape: 2)
        #expect(pareto.quantile(0.75) == .milliseconds(2))
        #expect(pareto.quantile(1.5) == nil)
        #expect(Self.all[2].quantile(0.5) == nil)
        #expect(Self.all[5].quantile(0.5) == nil)
        #expect(Self.all[6].quantile(0.5) == .milliseconds(2))
        #expect(Self.all[6].quantile(1) == .milliseconds(10))
    }

    @Test func mixturesPickTheirPartsByWeight() {
        let parts = DelayDistribution.mixture([
            WeightedDelay(38, .constant(.milliseconds(1))),
            WeightedDelay(62, .constant(.milliseconds(2))),
        ])
        let ones = samples(parts).count { $0 == 1 }
        #expect((ones - 15_200).magnitude < 500)
    }

    @Test func heavyTailsEnd() {
        let tail = DelayDistribution.pareto(minimum: .seconds(1), shape: 0.01)
        var random = RandomStream(seed: 1, name: "tail")
        for _ in 0..<1_000 {
            #expect(tail.delay(using: &random) <= DelayDistribution.sampleMax)
        }
    }

    @Test(arguments: all)
    func scalingScalesEverySample(distribution: DelayDistribution) {
        let plain = samples(distribution, 500)
        let scaled = samples(distribution.scaled(by: 3), 500)
        for (one, three) in zip(plain, scaled) {
            #expect((three - 3 * one).magnitude < 1e-5 * (1 + three))
        }
    }

    @Test(
        arguments: [
            .constant(.milliseconds(-1)),
            .uniform(minimum: .milliseconds(5), maximum: .milliseconds(1)),
            .normal(mean: .zero, deviation: .milliseconds(-1)),
            .exponential(mean: .milliseconds(-1)),
            .pareto(minimum: .milliseconds(1), shape: 0),
            .pareto(minimum: .milliseconds(1), shape: .nan),
            .mixture([]),
            .mixture([WeightedDelay(0, .constant(.zero))]),
            .mixture([WeightedDelay(1, .constant(.milliseconds(-1)))]),
            .empirical([]),
            .empirical([.milliseconds(2), .milliseconds(1)]),
            .constant(.seconds(3601)),
        ] as [DelayDistribution])
    func impossibleParametersAreNamed(distribution: DelayDistribution) {
        #expect(distribution.problem != nil)
        // Even so nothing crashes.
        var random = RandomStream(seed: 1, name: "wrong")
        #expect(distribution.delay(using: &random) >= .zero)
    }

    @Test(arguments: all)
    func distributionsSurviveCoding(distribution: DelayDistribution) throws {
        let data = try JSONEncoder().encode(distribution)
        #expect(try JSONDecoder().decode(DelayDistribution.self, from: data) == distribution)
    }
}
