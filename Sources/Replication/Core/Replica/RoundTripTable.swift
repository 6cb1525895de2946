import Determinism

/// Expected round trips between regions, for timeouts that suit the distances.
public struct RoundTripTable: Hashable, Sendable {
    /// The number of regions.
    public let regionCount: Int
    private let spans: [TimeSpan]

    /// A table of `spans`, row by row: the round trip from region i to region j at
    /// `i * regionCount + j`.
    public init(regionCount: Int, spans: [TimeSpan]) {
        precondition(spans.count == regionCount * regionCount, "a round trip for every pair")
        self.regionCount = regionCount
        self.spans = spans
    }

    /// The round trip from `source` to `target`; zero for a region that the table does not know.
    public subscript(source: RegionID, target: RegionID) -> TimeSpan {
        let row = Int(source.index)
        let column = Int(target.index)
        guard row < regionCount, column < regionCount else { return .zero }
        return spans[row * regionCount + column]
    }
}
