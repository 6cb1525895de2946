import Determinism

/// Where the round trips of a scenario come from: its key `topology.latency`.
public enum LatencyMatrix: String, CaseIterable, Sendable, Codable {
    /// Measured between regions of Amazon Web Services.
    case aws
    /// Measured between regions of Microsoft Azure.
    case azure
    /// Measured between regions of Google Cloud.
    case gcp
    /// Light in fibre along the great circle: see ``FibreDistance``.
    case distance
    /// No delay at all.
    case none

    /// The measurements, if this is a measured matrix.
    public var measured: RoundTripMatrix? {
        switch self {
        case .aws: .aws
        case .azure: .azure
        case .gcp: .gcp
        case .distance, .none: nil
        }
    }

    /// The regions that a scenario with this matrix may name without describing them.
    public var catalogue: RegionCatalogue { measured?.catalogue ?? .all }

    /// Where the figures come from.
    public var source: String {
        switch self {
        case .aws, .azure, .gcp: measured?.source ?? ""
        case .distance: FibreDistance.explanation
        case .none: "no delay"
        }
    }

    /// When they were measured; empty where nothing was.
    public var date: String { measured?.date ?? "" }

    /// What the figures are: an average, a percentile, an estimate.
    public var statistic: String {
        switch self {
        case .aws, .azure, .gcp: measured?.statistic ?? ""
        case .distance: "estimate"
        case .none: "zero"
        }
    }

    /// The round trip within a region where none was measured: the longest that the measured
    /// matrices have within a region.
    public static let withinRegion = TimeSpan.microseconds(300)

    /// The round trip that begins in `source` and turns in `destination`.
    ///
    /// Within a region it is the measured one or else ``withinRegion``. Between regions of which
    /// the matrix lacks one (a scenario may invent regions) it is estimated from the distance;
    /// `nil` if then one of the two has no location. With ``none`` it is always zero.
    public func roundTrip(from source: Region, to destination: Region) -> RoundTrip? {
        if self == .none { return RoundTrip(time: .zero, isEstimate: false) }
        if let time = measured?.roundTrip(from: source.name, to: destination.name) {
            return RoundTrip(time: time, isEstimate: false)
        }
        if source.name == destination.name {
            return RoundTrip(time: Self.withinRegion, isEstimate: true)
        }
        guard let start = source.location, let end = destination.location else { return nil }
        let time = max(Self.withinRegion, FibreDistance.roundTrip(from: start, to: end))
        return RoundTrip(time: time, isEstimate: true)
    }
}

/// A round trip, and whether it was measured.
public struct RoundTrip: Hashable, Sendable {
    /// From the source to the destination and back.
    public var time: TimeSpan
    /// Whether it was computed because nobody measured it.
    public var isEstimate: Bool

    /// A round trip of `time`.
    public init(time: TimeSpan, isEstimate: Bool) {
        self.time = time
        self.isEstimate = isEstimate
    }
}
