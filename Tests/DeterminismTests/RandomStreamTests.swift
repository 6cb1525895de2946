import Determinism
import Testing

@Suite struct RandomStreamTests {
    struct Reference: Sendable {
        let seed: UInt64
        let name: String
        let numbers: [UInt64]
    }

    /// From an independent implementation of xoshiro256++, SplitMix64 and FNV-1a.
    @Test(arguments: [
        Reference(
            seed: 0, name: "",
            numbers: [0x95BE_9DC8_7375_C7DB, 0xA287_5587_8F94_17B0, 0x4224_9343_F34B_0196]),
        Reference(
            seed: 1, name: "link",
            numbers: [0xE7DD_0349_CF49_91A3, 0x688F_F20B_6D0A_1E65, 0x8523_F724_EE3F_B4AC]),
        Reference(
            seed: 42, name: "fault generator",
            numbers: [0xE281_8997_8172_947E, 0x65DE_23CE_97A4_BDB5, 0xA06E_887C_BEA1_E664]),
    ])
    func numbersOfAnIndependentImplementation(reference: Reference) {
        var stream = RandomStream(seed: reference.seed, name: reference.name)
        #expect(reference.numbers.map { _ in stream.next() } == reference.numbers)
    }

    @Test func derivedStreamsDependOnTheirNameAndLeaveTheirParentAlone() {
        var parent = RandomStream(seed: 42, name: "clients")
        var child = parent.derived("eu-west-1")
        var sibling = parent.derived("eu-west-2")
        #expect(child.next() == 0xA6BF_358F_F353_8F31)
        #expect(sibling.next() != 0xA6BF_358F_F353_8F31)
        #expect(parent.next() == 0x8E02_0CFD_B1FB_BED2)
    }

    @Test func unitsLieBelowOneAndAverageAHalf() {
        var stream = RandomStream(seed: 3, name: "units")
        var sum = 0.0
        for _ in 0..<100_000 {
            let unit = stream.unit()
            #expect(unit >= 0 && unit < 1)
            sum += unit
        }
        #expect((sum / 100_000 - 0.5).magnitude < 0.005)
    }

    @Test(arguments: [1, 2, 3, 7, 10, 1_000] as [UInt64])
    func everyNumberBelowABoundIsAsLikely(bound: UInt64) {
        var stream = RandomStream(seed: 5, name: "below")
        var counts = [Int](repeating: 0, count: Int(bound))
        let draws = 20_000 * Int(min(bound, 50))
        for _ in 0..<draws { counts[Int(stream.below(bound))] += 1 }
        let expected = Double(draws) / Double(bound)
        for count in counts {
            #expect((Double(count) - expected).magnitude < 6 * expected.squareRoot() + 1)
        }
    }

    @Test func boundsNearTheLargestNumberAreKept() {
        var stream = RandomStream(seed: 5, name: "large")
        let bound = UInt64.max / 2 + 2
        for _ in 0..<1_000 { #expect(stream.below(bound) < bound) }
    }

    @Test func spansReachBothEnds() {
        var stream = RandomStream(seed: 5, name: "spans")
        let range = TimeSpan(nanoseconds: -2)...TimeSpan(nanoseconds: 2)
        var seen: Set<Int64> = []
        for _ in 0..<1_000 { seen.insert(stream.span(in: range).nanoseconds) }
        #expect(seen.sorted() == [-2, -1, 0, 1, 2])
    }

    @Test func shufflingKeepsTheElementsAndEveryOrderIsAsLikely() {
        var stream = RandomStream(seed: 5, name: "shuffle")
        var counts: [[Int]: Int] = [:]
        for _ in 0..<60_000 { counts[stream.shuffled([1, 2, 3]), default: 0] += 1 }
        #expect(counts.count == 6)
        for order in counts.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            #expect(order.sorted() == [1, 2, 3])
            #expect((counts[order, default: 0] - 10_000).magnitude < 600, "\(order)")
        }
    }

    @Test func chancesAreMet() {
        var stream = RandomStream(seed: 5, name: "chance")
        let hits = (0..<100_000).count { _ in stream.chance(0.01) }
        #expect((900...1_100).contains(hits))
        #expect(!(0..<1_000).contains { _ in stream.chance(0) })
        #expect((0..<1_000).allSatisfy { _ in stream.chance(1) })
    }

    @Test func hashesOfBytesAreTheSameEverywhere() {
        #expect(stableHash(of: "".utf8) == 0xF52A_15E9_A9B5_E89B)
        #expect(stableHash(of: "meridian".utf8) == 0x5FA6_F896_03B6_E64F)
        #expect(mixed(1_234_567 &+ 0x9E37_79B9_7F4A_7C15) == 6_457_827_717_110_365_317)
    }
}
