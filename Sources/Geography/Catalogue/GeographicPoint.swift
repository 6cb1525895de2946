import Determinism

/// A point on the Earth, taken as a sphere, in degrees.
public struct GeographicPoint: Hashable, Sendable, Codable {
    /// Degrees north of the equator, -90 to 90.
    public var latitude: Double
    /// Degrees east of Greenwich, -180 to 180.
    public var longitude: Double

    /// The point at `latitude` degrees north and `longitude` degrees east.
    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Whether both angles are numbers within their ranges.
    public var isOnEarth: Bool {
        latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180
    }

    /// The mean radius of the Earth in kilometres (IUGG).
    public static let earthRadiusKilometres = 6371.0088

    /// The length of the great circle to `other`, in kilometres, by the haversine formula. The
    /// same on every machine.
    public func kilometres(to other: GeographicPoint) -> Double {
        let radians = Double.pi / 180
        let halfLatitude = DeterministicMath.sin((other.latitude - latitude) * radians / 2)
        let halfLongitude = DeterministicMath.sin((other.longitude - longitude) * radians / 2)
        let cosines =
            DeterministicMath.cos(latitude * radians)
            * DeterministicMath.cos(other.latitude * radians)
        let haversine = halfLatitude * halfLatitude + cosines * halfLongitude * halfLongitude
        let bounded = min(1, max(0, haversine))
        let angle = DeterministicMath.atan2(
            bounded.squareRoot(), (1 - bounded).squareRoot())
        return 2 * Self.earthRadiusKilometres * angle
    }
}
