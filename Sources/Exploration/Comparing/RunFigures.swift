import Judgement
import Recording
import Scenarios

/// A figure of a run, under a name that is the same in every run: `availability.during`,
/// `p99_ms.write.us-east-1`.
package struct RunFigure: Hashable, Sendable {
    /// The name; the unit is part of it where there is one.
    package var name: String
    /// The value.
    package var value: Double

    init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }
}

extension Report {
    /// What was measured, in an order of its own. What does not apply is missing.
    package var figures: [RunFigure] {
        var result = [
            RunFigure("operations", Double(operations.invoked)),
            RunFigure("operations.ok", Double(operations.ok)),
            RunFigure("operations.failed", Double(operations.fail)),
            RunFigure("operations.unknown", Double(operations.info)),
        ]
        for row in availability where row.scope.isPlain && row.planned > 0 {
            result.append(RunFigure("availability_percent" + row.scope.suffix, row.share * 100))
        }
        for row in latency where row.scope.isPlain && row.count > 0 {
            for (name, value) in [
                ("p50_ms", row.p50), ("p95_ms", row.p95), ("p99_ms", row.p99),
                ("p999_ms", row.p999), ("max_ms", row.max),
            ] {
                result.append(RunFigure(name + row.scope.suffix, value))
            }
        }
        func add(_ name: String, _ value: Double?) {
            if let value { result.append(RunFigure(name, value)) }
        }
        add("stale_reads_percent", consistency.staleness.share * 100)
        add("stale_age_p99_ms", consistency.staleness.age.p99)
        add("lost_writes", consistency.lostUpdates.map(Double.init))
        add("discarded_writes", Double(consistency.conflicts.discardedConcurrent))
        add("conflicts", Double(consistency.conflicts.detected))
        add("failed_over_ms", faults.compactMap(\.failedOver).max())
        add("recovered_ms", faults.compactMap(\.recovered).max())
        add("fault_converged_ms", faults.compactMap(\.converged).max())
        add("converged_ms", convergence.converged == true ? convergence.time : nil)
        if let network {
            add("messages_per_operation", network.messagesPerOperation)
            let sent = max(1, operations.invoked)
            add("cross_region_bytes_per_operation", Double(network.crossRegionBytes) / Double(sent))
        }
        return result
    }
}

extension RowScope {
    /// Whether it is of no single fault or data type.
    fileprivate var isPlain: Bool { fault == nil && dataType == nil }

    fileprivate var suffix: String {
        [operation, region, phase?.rawValue].compactMap { $0.map { "." + $0 } }.joined()
    }
}
