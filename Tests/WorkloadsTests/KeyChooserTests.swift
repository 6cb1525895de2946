import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

/// How often each of `count` positions comes out of `draws` draws.
private func histogram(
    _ chooser: KeyChooser, draws: Int, seed: UInt64
) -> [Int] {
    var random = RandomStream(seed: seed, name: "keys")
    var counts = [Int](repeating: 0, count: chooser.count)
    for _ in 0..<draws { counts[chooser.next(&random)] += 1 }
    return counts
}

/// Whether `count` of `draws` is within five standard deviations of what `probability` lets
/// expect.
private func isExpected(_ count: Int, _ probability: Double, of draws: Int) -> Bool {
    let mean = probability * Double(draws)
    let deviation = (mean * (1 - probability)).squareRoot()
    return abs(Double(count) - mean) <= 5 * deviation + 1
}

private func zipfian(_ count: Int) -> [Double] {
    let weights = (1...count).map { DeterministicMath.pow(Double($0), -0.99) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}

@Suite struct KeyChooserTests {
    @Test(arguments: [1, 2, 3, 10, 100, 1000])
    func zipfianFrequenciesAreThoseOfTheFormula(count: Int) {
        let draws = 50_000
        let counts = histogram(KeyChooser(.zipfian, count: count), draws: draws, seed: 3)
        for (rank, probability) in zipfian(count).enumerated() {
            #expect(
                isExpected(counts[rank], probability, of: draws),
                "rank \(rank) of \(count): \(counts[rank]) of \(draws), expected \(probability)")
        }
    }

    @Test func zipfianReachesFarIntoManyKeys() {
        let chooser = KeyChooser(.zipfian, count: 1_000_000)
        var random = RandomStream(seed: 1, name: "many")
        let drawn = (0..<20_000).map { _ in chooser.next(&random) }
        #expect(drawn.allSatisfy { (0..<1_000_000).contains($0) })
        // The upper half of a million keys holds 5.2 % of the mass.
        let upper = drawn.count { $0 >= 500_000 }
        #expect(isExpected(upper, 0.0481, of: 20_000), "\(upper) of 20000")
    }

    @Test func uniformTreatsAllKeysAlike() {
        let counts = histogram(KeyChooser(.uniform, count: 20), draws: 40_000, seed: 5)
        for count in counts { #expect(isExpected(count, 0.05, of: 40_000)) }
    }

    @Test func latestPrefersTheNewest() {
        var chooser = KeyChooser(.latest, count: 9)
        #expect(chooser.insert() == 9)
        let counts = histogram(chooser, draws: 40_000, seed: 9)
        for (age, probability) in zipfian(10).enumerated() {
            #expect(isExpected(counts[9 - age], probability, of: 40_000), "age \(age)")
        }
    }

    @Test func hotspotGivesAFifthOfTheKeysFourFifths() {
        let counts = histogram(KeyChooser(.hotspot, count: 50), draws: 50_000, seed: 11)
        for (key, count) in counts.enumerated() {
            #expect(isExpected(count, key < 10 ? 0.08 : 0.005, of: 50_000), "key \(key)")
        }
    }

    @Test(arguments: KeyDistribution.allCases, [1, 2, 4])
    func fewKeysWork(distribution: KeyDistribution, count: Int) {
        let counts = histogram(KeyChooser(distribution, count: count), draws: 2000, seed: 13)
        #expect(counts.allSatisfy { $0 > 0 })
    }

    @Test func growthKeepsTheDistributionExact() {
        var grown = KeyChooser(.latest, count: 1)
        while grown.count < 100 { _ = grown.insert() }
        let fresh = KeyChooser(.latest, count: 100)
        #expect(
            histogram(grown, draws: 1000, seed: 17) == histogram(fresh, draws: 1000, seed: 17))
    }

    @Test func namesAreShortOrPadded() {
        let short = KeyNames(count: 3, size: 0)
        #expect(short[2].text == "k2")
        #expect(short[70_000].text == "k70000")
        let long = KeyNames(count: 3, size: 8)
        #expect(long[2].text == "k0000002")
        #expect(long[123].bytes.count == 8)
        #expect(KeyNames(count: 1, size: 1 << 20)[0].bytes.count == Limits.keyBytesMax)
    }
}
