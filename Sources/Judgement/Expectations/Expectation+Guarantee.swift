import Consistency
import Scenarios

extension Expectation {
    /// The session guarantee that it is about, if it is about one.
    var guarantee: SessionGuarantee? {
        switch self {
        case .consistency(let model, _): SessionGuarantee(rawValue: model.rawValue)
        case .not(let inner): inner.guarantee
        case .converged, .availability, .latency, .failover, .lostUpdates, .staleReads, .staleness,
            .invariants:
            nil
        }
    }
}
