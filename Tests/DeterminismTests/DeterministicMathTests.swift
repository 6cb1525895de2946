import Determinism
import Foundation
import Testing

/// Our elementary functions against those of the C library, whose last bits may differ from
/// machine to machine: within a few units in the last place.
@Suite struct DeterministicMathTests {
    /// The distance in units of the last place of `expected`.
    private func ulps(_ actual: Double, _ expected: Double) -> Double {
        if actual == expected { return 0 }
        return (actual - expected).magnitude / expected.ulp
    }

    private func samples(_ count: Int, _ name: String, in range: ClosedRange<Double>) -> [Double] {
        var random = RandomStream(seed: 7, name: name)
        return (0..<count).map { _ in
            range.lowerBound + (range.upperBound - range.lowerBound) * random.unit()
        }
    }

    @Test func logarithms() {
        for exponent in samples(20_000, "log", in: -300...300) {
            let x = Foundation.pow(10, exponent)
            #expect(ulps(DeterministicMath.log(x), Foundation.log(x)) <= 3, "log(\(x))")
        }
        for x in samples(20_000, "log near 1", in: 0.5...2) {
            #expect(ulps(DeterministicMath.log(x), Foundation.log(x)) <= 4, "log(\(x))")
        }
    }

    @Test func logarithmsOfExtremes() {
        #expect(DeterministicMath.log(1) == 0)
        #expect(DeterministicMath.log(0) == -.infinity)
        #expect(DeterministicMath.log(.infinity) == .infinity)
        #expect(DeterministicMath.log(-1).isNaN)
        #expect(DeterministicMath.log(.nan).isNaN)
        let smallest = Double.leastNonzeroMagnitude
        #expect(ulps(DeterministicMath.log(smallest), Foundation.log(smallest)) <= 2)
        let largest = Double.greatestFiniteMagnitude
        #expect(ulps(DeterministicMath.log(largest), Foundation.log(largest)) <= 2)
    }

    @Test func exponentials() {
        for x in samples(40_000, "exp", in: -700...709) {
            #expect(ulps(DeterministicMath.exp(x), Foundation.exp(x)) <= 3, "exp(\(x))")
        }
        for x in samples(20_000, "exp near 0", in: -1...1) {
            #expect(ulps(DeterministicMath.exp(x), Foundation.exp(x)) <= 3, "exp(\(x))")
        }
    }

    @Test func exponentialsOfExtremes() {
        #expect(DeterministicMath.exp(0) == 1)
        #expect(DeterministicMath.exp(710) == .infinity)
        #expect(DeterministicMath.exp(.infinity) == .infinity)
        #expect(DeterministicMath.exp(-746) == 0)
        #expect(DeterministicMath.exp(-.infinity) == 0)
        #expect(DeterministicMath.exp(.nan).isNaN)
        // Below the normal numbers the unit in the last place is the smallest number itself.
        for x in samples(200, "exp subnormal", in: -744 ... -709) {
            let difference = DeterministicMath.exp(x) - Foundation.exp(x)
            #expect(difference.magnitude <= 4 * Double.leastNonzeroMagnitude, "exp(\(x))")
        }
    }

    @Test func powers() {
        var random = RandomStream(seed: 7, name: "pow")
        for _ in 0..<20_000 {
            let base = Foundation.exp(random.unit() * 40 - 20)
            let exponent = random.unit() * 20 - 10
            let expected = Foundation.pow(base, exponent)
            // The error of the logarithm is multiplied by the exponent.
            let bound = 4 + 3 * (exponent * Foundation.log(base)).magnitude
            let actual = DeterministicMath.pow(base, exponent)
            #expect(ulps(actual, expected) <= bound, "pow(\(base), \(exponent))")
        }
        #expect(DeterministicMath.pow(0, 2) == 0)
        #expect(DeterministicMath.pow(0, -1) == .infinity)
        #expect(DeterministicMath.pow(0, 0) == 1)
        #expect(DeterministicMath.pow(-2, 0.5).isNaN)
        #expect(DeterministicMath.pow(17.25, 1) == 17.25)
    }

    @Test(arguments: [4.0, 1_000, 1_000_000])
    func sinesAndCosines(bound: Double) {
        for x in samples(20_000, "sin \(bound)", in: -bound...bound) {
            // Near its zeros a sine is compared by the unit of the reduced angle.
            let tolerance = max(4e-16, bound * 3e-17)
            let sine = DeterministicMath.sin(x) - Foundation.sin(x)
            let cosine = DeterministicMath.cos(x) - Foundation.cos(x)
            #expect(sine.magnitude <= tolerance, "sin(\(x)) is off by \(sine)")
            #expect(cosine.magnitude <= tolerance, "cos(\(x)) is off by \(cosine)")
        }
    }

    @Test func sinesOfEveryQuadrant() {
        #expect(DeterministicMath.sin(0) == 0)
        #expect(DeterministicMath.cos(0) == 1)
        for quarter in -8...8 {
            let x = Double(quarter) * Double.pi / 2
            #expect((DeterministicMath.sin(x) - Foundation.sin(x)).magnitude < 1e-15)
            #expect((DeterministicMath.cos(x) - Foundation.cos(x)).magnitude < 1e-15)
        }
    }

    @Test func arcTangents() {
        var random = RandomStream(seed: 7, name: "atan2")
        for _ in 0..<20_000 {
            let y = random.unit() * 2 - 1
            let x = (random.unit() * 2 - 1) * (random.chance(0.5) ? 1 : 1e-6)
            let expected = Foundation.atan2(y, x)
            #expect(ulps(DeterministicMath.atan2(y, x), expected) <= 4, "atan2(\(y), \(x))")
        }
        for (y, x) in [(0.0, 1.0), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, -1)] {
            #expect(ulps(DeterministicMath.atan2(y, x), Foundation.atan2(y, x)) <= 1)
        }
        #expect(DeterministicMath.atan2(0, 0) == 0)
    }

    /// Bit for bit, so that a change of an algorithm, a compiler or a machine shows. Some are off
    /// by one in the last place, and stay so.
    @Test func bitsArePinned() {
        #expect(DeterministicMath.log(10).bitPattern == 0x4002_6BB1_BBB5_5516)
        #expect(DeterministicMath.exp(1).bitPattern == 0x4005_BF0A_8B14_576A)
        #expect(DeterministicMath.pow(2, 0.5).bitPattern == 0x3FF6_A09E_667F_3BCC)
        #expect(DeterministicMath.sin(1).bitPattern == 0x3FEA_ED54_8F09_0CEE)
        #expect(DeterministicMath.cos(1).bitPattern == 0x3FE1_4A28_0FB5_068C)
        #expect(DeterministicMath.atan2(1, 2).bitPattern == 0x3FDD_AC67_0561_BB4E)
    }
}
