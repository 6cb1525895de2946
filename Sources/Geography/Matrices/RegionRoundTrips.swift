import Determinism

/// The round trips between the regions of one scenario: every row and column has a figure.
public struct RegionRoundTrips: Hashable, Sendable {
    /// The regions, in the order of rows and columns.
    public let regions: [Region]
    private var entries: [RoundTrip]

    /// The table of `regions` by `matrix`; `sameRegion`, if given, is the round trip within each
    /// region, whatever the matrix says.
    ///
    /// - Throws: ``MissingRoundTrip`` for the first pair that the matrix has no figure for and of
    ///   which one has no location to estimate it from.
    public init(
        regions: [Region], matrix: LatencyMatrix, sameRegion: TimeSpan? = nil
    ) throws(MissingRoundTrip) {
        self.regions = regions
        entries = []
        entries.reserveCapacity(regions.count * regions.count)
        for (row, source) in regions.enumerated() {
            for (column, destination) in regions.enumerated() {
                if row == column, let sameRegion {
                    entries.append(RoundTrip(time: sameRegion, isEstimate: false))
                } else if let entry = matrix.roundTrip(from: source, to: destination) {
                    entries.append(entry)
                } else {
                    throw MissingRoundTrip(
                        matrix: matrix, source: source.name, destination: destination.name)
                }
            }
        }
    }

    /// The round trip from the region at `source` to the one at `destination`. A scenario's own
    /// figures are set here.
    public subscript(source: Int, destination: Int) -> RoundTrip {
        get { entries[source * regions.count + destination] }
        set { entries[source * regions.count + destination] = newValue }
    }

    /// The base delay of the directed link between the two: half of the round trip that starts
    /// at its source.
    public func oneWay(from source: Int, to destination: Int) -> TimeSpan {
        self[source, destination].time / 2
    }
}

/// A pair of regions whose round trip is neither measured nor computable.
public struct MissingRoundTrip: Error, Hashable, Sendable, CustomStringConvertible {
    /// The matrix that lacks one of the two.
    public let matrix: LatencyMatrix
    /// The name of the region where the round trip starts.
    public let source: String
    /// The name of the region where it turns.
    public let destination: String

    /// What is wrong and what to do about it.
    public var description: String {
        """
        the matrix \(matrix.rawValue) has no round trip from \(source) to \(destination), and \
        without the location of both none can be estimated: give the location, or an rtt under \
        topology.links
        """
    }
}
