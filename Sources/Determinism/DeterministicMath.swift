/// Elementary functions from basic operations only.
///
/// The C library picks other code on other processors (fused and vector instructions), so its
/// last bits differ between machines. Addition, multiplication, division and square root are
/// exact by IEEE 754, and so is everything here that is built from them. Accuracy is a few
/// units in the last place, which tests hold against the C library.
public enum DeterministicMath {
    private static let ln2High = 0x1.62e42fee00000p-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// The natural logarithm of `x`; -infinity at 0, NaN below.
    public static func log(_ x: Double) -> Double {
        if x.isNaN || x < 0 { return .nan }
        if x == 0 { return -.infinity }
        if x == .infinity { return .infinity }
        var exponent = Double(x.exponent)
        var mantissa = x.significand
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa /= 2
            exponent += 1
        }
        // ln(m) = 2 artanh((m - 1) / (m + 1)), |s| < 0.1716
        let s = (mantissa - 1) / (mantissa + 1)
        let square = s * s
        var sum = 0.0
        var power = 25.0
        while power >= 3 {
            sum = (sum + 1 / power) * square
            power -= 2
        }
        return exponent * ln2High + (2 * s + (2 * s * sum + exponent * ln2Low))
    }

    /// e to the power of `x`.
    public static func exp(_ x: Double) -> Double {
        if x.isNaN { return .nan }
        if x > 709.782_712_893_384 { return .infinity }
        if x < -745.2 { return 0 }
        let count = (x / 0.693_147_180_559_945_3).rounded(.toNearestOrEven)
        let rest = (x - count * ln2High) - count * ln2Low
        var sum = 1.0
        var divisor = 17.0
        while divisor >= 1 {
            sum = 1 + sum * rest / divisor
            divisor -= 1
        }
        return scaled(sum, byPowerOfTwo: Int(count))
    }

    /// `base` to the power of `exponent`, for a base above 0; 0 to a positive power is 0.
    public static func pow(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 0 { return 1 }
        if base == 0 { return exponent > 0 ? 0 : .infinity }
        if base < 0 { return .nan }
        if exponent == 1 { return base }
        return exp(exponent * log(base))
    }

    /// The sine of `x` radians, for |x| below a million.
    public static func sin(_ x: Double) -> Double { sineAndCosine(x).sine }

    /// The cosine of `x` radians, for |x| below a million.
    public static func cos(_ x: Double) -> Double { sineAndCosine(x).cosine }

    /// The arc tangent of `y / x` in the right quadrant, in radians.
    public static func atan2(_ y: Double, _ x: Double) -> Double {
        let pi = Double.pi
        if x == 0 && y == 0 { return 0 }
        let ratio = Swift.min(x.magnitude, y.magnitude) / Swift.max(x.magnitude, y.magnitude)
        var angle = arcTangentUpToOne(ratio)
        if y.magnitude > x.magnitude { angle = pi / 2 - angle }
        if x < 0 { angle = pi - angle }
        return y < 0 ? -angle : angle
    }

    private static func arcTangentUpToOne(_ ratio: Double) -> Double {
        // Halve the angle twice so that the series converges fast.
        var t = ratio
        var doublings = 0
        while t > 0.2 {
            t = t / (1 + (1 + t * t).squareRoot())
            doublings += 1
        }
        let square = t * t
        var sum = 0.0
        var power = 27.0
        while power >= 3 {
            let sign = Int(power) % 4 == 3 ? -1.0 : 1.0
            sum = sum * square + sign / power
            power -= 2
        }
        var angle = t + t * square * sum
        while doublings > 0 {
            angle *= 2
            doublings -= 1
        }
        return angle
    }

    private static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
        let halfPiHigh = 0x1.921fb54400000p0
        let halfPiLow = 0x1.0b4611a626331p-34
        let quadrant = (x / (Double.pi / 2)).rounded(.toNearestOrEven)
        let rest = (x - quadrant * halfPiHigh) - quadrant * halfPiLow
        let square = rest * rest
        var sine = 1.0
        var cosine = 1.0
        var term = 22.0
        while term >= 2 {
            cosine = 1 - cosine * square / (term * (term - 1))
            term -= 2
        }
        term = 21
        while term >= 3 {
            sine = 1 - sine * square / (term * (term - 1))
            term -= 2
        }
        sine *= rest
        switch (Int(quadrant) % 4 + 4) % 4 {
        case 0: return (sine, cosine)
        case 1: return (cosine, -sine)
        case 2: return (-sine, -cosine)
        case _: return (-cosine, sine)
        }
    }

    private static func scaled(_ value: Double, byPowerOfTwo count: Int) -> Double {
        if count > 1000 { return value * 0x1p1000 * power(count - 1000) }
        if count < -1000 { return value * 0x1p-1000 * power(count + 1000) }
        return value * power(count)
    }

    private static func power(_ count: Int) -> Double {
        Double(sign: .plus, exponent: count, significand: 1)
    }
}
