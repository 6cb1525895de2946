import Determinism
import Recording
import RegionCore

/// The worst that any node said of how well its host kept time.
struct WorstLateness {
    private var delayError = LatenessSummary()
    private var loopLag = LatenessSummary()

    mutating func take(_ status: NodeStatus) {
        Self.worsen(&delayError, status.delayError)
        Self.worsen(&loopLag, status.loopLag)
    }

    /// How far the links were off, at the worst node.
    var delayErrorQuantiles: MillisecondQuantiles { Self.quantiles(delayError) }

    /// How late the worst of the nodes' event loops and the clients ran.
    func harnessLag(clients: LatenessHistogram) -> MillisecondQuantiles {
        MillisecondQuantiles(
            p50: max(loopLag.p50, clients.quantile(0.5)).milliseconds,
            p99: max(loopLag.p99, clients.quantile(0.99)).milliseconds,
            max: max(loopLag.max, clients.maximum).milliseconds)
    }

    private static func worsen(_ worst: inout LatenessSummary, _ other: LatenessSummary) {
        worst.p50 = max(worst.p50, other.p50)
        worst.p99 = max(worst.p99, other.p99)
        worst.max = max(worst.max, other.max)
    }

    private static func quantiles(_ summary: LatenessSummary) -> MillisecondQuantiles {
        MillisecondQuantiles(
            p50: summary.p50.milliseconds, p99: summary.p99.milliseconds,
            max: summary.max.milliseconds)
    }
}
