import Scenarios

extension Expectation {
    /// The consistency model that it is about, if it is about one.
    var model: ConsistencyModel? {
        switch self {
        case .consistency(let model, _): model
        case .not(let inner): inner.model
        case .converged, .availability, .latency, .failover, .lostUpdates, .staleReads, .staleness,
            .invariants:
            nil
        }
    }
}
