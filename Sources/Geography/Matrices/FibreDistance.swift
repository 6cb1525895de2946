import Determinism

/// Round trips from distance alone: light in fibre along the great circle, times the detour that
/// cables take.
public enum FibreDistance {
    /// How fast light travels in fibre, in kilometres per second: two thirds of its speed in
    /// vacuum, by fibre's refractive index of about 1.5.
    public static let kilometresPerSecond = 299_792.458 * 2 / 3

    /// How much longer a round trip takes than light along the great circle would: the median
    /// over all pairs of regions more than 500 km apart is 1.71 in the matrix `aws` and 1.68 in
    /// `gcp` (1.81 in `azure`, whose figures are 95th percentiles).
    public static let pathStretch = 1.7

    /// What the estimate rests on, in a line.
    public static let explanation =
        "great circle, light in fibre at 2/3 c, times a path stretch of 1.7"

    /// The estimated round trip between two points.
    public static func roundTrip(from start: GeographicPoint, to end: GeographicPoint) -> TimeSpan {
        let kilometres = start.kilometres(to: end)
        return .seconds(2 * kilometres * pathStretch / kilometresPerSecond)
    }
}
