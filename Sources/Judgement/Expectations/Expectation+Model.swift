import Scenarios

extension Expectation {
    /// The consistency model that it is about, if it is about one.
    package var model: ConsistencyModel? {
        switch self {
        case .consistency(let model, _): model
        case .not(let inner): inner.model
        case .bounded, .visibility, .converged, .availability, .latency, .failover, .lostUpdates,
            .staleReads, .staleness, .sessions, .invariants:
            nil
        }
    }

    /// The bound that it demands, if it demands one.
    var bound: ConsistencyBound? {
        switch self {
        case .bounded(let bound, _): bound
        case .not(let inner): inner.bound
        case .consistency, .visibility, .converged, .availability, .latency, .failover,
            .lostUpdates, .staleReads, .staleness, .sessions, .invariants:
            nil
        }
    }
}
