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
        if let sessions { result += sessions.figures }
        if let network {
            add("messages_per_operation", network.messagesPerOperation)
            let sent = max(1, operations.invoked)
            add("cross_region_bytes_per_operation", Double(network.crossRegionBytes) / Double(sent))
        }
        return result
    }
}

extension SessionFigures {
    /// The names of all figures that runs with sessions can have.
    package static var figureNames: [String] {
        var all = SessionFigures()
        all.local = 1
        all.lookups.count = 1
        all.spread.count = 1
        all.revocationSpread.count = 1
        all.lost = 0
        return all.figures.map(\.name)
    }

    /// What was measured of sessions. What nothing was measured of is missing.
    fileprivate var figures: [RunFigure] {
        var result: [RunFigure] = []
        func add(_ name: String, _ value: Double?) {
            if let value { result.append(RunFigure("sessions_" + name, value)) }
        }
        func add(_ name: String, _ spread: Spread) {
            guard spread.count + spread.never > 0 else { return }
            if spread.count > 0 {
                add(name + "_p50_ms", spread.p50)
                add(name + "_p99_ms", spread.p99)
                add(name + "_max_ms", spread.max)
            }
            add(name + "_never", Double(spread.never))
        }
        add("hit_percent", hitShare.map { $0 * 100 })
        add("lookups", Double(lookups.count))
        if lookups.count > lookups.silent {
            add("lookup_p50_ms", lookups.p50)
            add("lookup_p99_ms", lookups.p99)
        }
        add("known_everywhere", spread)
        add("ended_everywhere", revocationSpread)
        add("lost", lost.map(Double.init))
        add("revoked_validated_reached", Double(revokedReached))
        add("revoked_validated_window", Double(revokedWindow))
        add("expired_validated", Double(expiredValidated))
        add("expired_early", Double(expiredEarly))
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
