import Determinism

/// Student's t distribution for whole degrees of freedom: how far a mean of few measurements may
/// be from the truth by chance.
///
/// From the closed forms in Abramowitz and Stegun, 26.7.3 and 26.7.4, in the angle whose tangent
/// is t over the root of the degrees of freedom.
enum StudentDistribution {
    /// The value that stays within ± itself with the probability `confidence`, from 0 to below 1.
    static func quantile(confidence: Double, degrees: Int) -> Double {
        precondition(degrees > 0, "no degrees of freedom")
        precondition((0..<1).contains(confidence), "no probability below 1")
        var low = 0.0
        var high = Double.pi / 2
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if within(angle: middle, degrees: degrees) < confidence {
                low = middle
            } else {
                high = middle
            }
        }
        let root = Double(degrees).squareRoot()
        return root * DeterministicMath.sin(low) / DeterministicMath.cos(low)
    }

    /// The probability of being within ± the value at `angle`.
    private static func within(angle: Double, degrees: Int) -> Double {
        let sine = DeterministicMath.sin(angle)
        let cosine = DeterministicMath.cos(angle)
        let isOdd = degrees % 2 == 1
        if degrees == 1 { return 2 * angle / .pi }
        var term = isOdd ? cosine : 1
        var sum = term
        var power = isOdd ? 3 : 2
        while power <= degrees - 2 {
            term *= cosine * cosine * Double(power - 1) / Double(power)
            sum += term
            power += 2
        }
        return isOdd ? 2 / Double.pi * (angle + sine * sum) : sine * sum
    }
}
