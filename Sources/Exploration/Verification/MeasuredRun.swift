import Judgement
import Recording
import Scenarios

/// A run's report, asked for one quantity after the other.
struct MeasuredRun {
    let report: Report
    private var latency: [RowScope: LatencyRow] = [:]
    private var availability: [RowScope: AvailabilityRow] = [:]

    init(_ report: Report) {
        self.report = report
        for row in report.latency { latency[row.scope] = row }
        for row in report.availability { availability[row.scope] = row }
    }

    var isDisturbed: Bool { report.isDisturbed }

    /// How late the harness itself was, where `quantity` would show it.
    func lateness(in quantity: Quantity) -> Double {
        switch quantity.measure {
        case .ninetyFifth, .ninetyNinth: report.lateness
        case .planned, .median, .availability, .detection, .failover, .recovery, .faultConvergence,
            .convergence, .messages, .staleReads, .lostWrites:
            0
        }
    }

    /// What the run measured; `nil` if there was nothing to measure.
    func value(of quantity: Quantity) -> Double? {
        switch quantity.measure {
        case .planned: availability[scope(of: quantity)].map { Double($0.planned) }
        case .median: latency[scope(of: quantity)]?.p50
        case .ninetyFifth: latency[scope(of: quantity)]?.p95
        case .ninetyNinth: latency[scope(of: quantity)]?.p99
        case .availability:
            availability[scope(of: quantity)].flatMap { $0.planned > 0 ? $0.share * 100 : nil }
        case .detection: fault(of: quantity)?.detected
        case .failover: fault(of: quantity)?.failedOver
        case .recovery: fault(of: quantity)?.recovered
        case .faultConvergence: fault(of: quantity)?.converged
        case .convergence: report.convergence.converged == true ? report.convergence.time : nil
        case .messages: report.network?.messagesPerOperation
        case .staleReads: report.consistency.staleness.share * 100
        case .lostWrites: report.consistency.lostUpdates.map(Double.init)
        }
    }

    /// How many operations a latency or availability is of.
    func operations(in quantity: Quantity) -> Int {
        switch quantity.measure {
        case .median, .ninetyFifth, .ninetyNinth: latency[scope(of: quantity)]?.count ?? 0
        case .planned, .availability: availability[scope(of: quantity)]?.planned ?? 0
        case .detection, .failover, .recovery, .faultConvergence, .convergence, .messages,
            .staleReads, .lostWrites:
            report.operations.planned
        }
    }

    private func scope(of quantity: Quantity) -> RowScope {
        RowScope(region: quantity.region, operation: quantity.operation, phase: quantity.phase)
    }

    private func fault(of quantity: Quantity) -> FaultFigures? {
        report.faults.first { $0.id == quantity.fault }
    }
}

extension Report {
    /// How late the harness was at the 99th percentile, in milliseconds: clients, event loops and
    /// links.
    package var lateness: Double {
        max(harnessLag?.p99 ?? 0, network?.delayError.p99 ?? 0)
    }

    /// Whether the host kept the run from its pace, so that its times say nothing.
    package var isDisturbed: Bool { lateness > 20 }
}

extension Quantity {
    /// Everything that reports like `report` measure, in the order of the reports' rows.
    static func all(in report: Report) -> [Quantity] {
        var quantities: [Quantity] = []
        for row in report.availability
        where row.scope.fault == nil && row.scope.dataType == nil && row.scope.region != nil {
            let scope = row.scope
            if scope.operation != nil, scope.phase == nil {
                quantities.append(
                    Quantity(.planned, region: scope.region, operation: scope.operation))
            }
            if scope.operation == nil, scope.phase != nil {
                quantities.append(
                    Quantity(.availability, region: scope.region, phase: scope.phase))
            }
        }
        for row in report.latency
        where row.scope.fault == nil && row.scope.dataType == nil && row.scope.region != nil
            && row.scope.operation != nil && row.scope.phase != nil
        {
            for measure in [Measure.median, .ninetyFifth, .ninetyNinth] {
                quantities.append(
                    Quantity(
                        measure, region: row.scope.region, operation: row.scope.operation,
                        phase: row.scope.phase))
            }
        }
        for fault in report.faults {
            for measure in [Measure.detection, .failover, .recovery, .faultConvergence] {
                quantities.append(Quantity(measure, fault: fault.id))
            }
        }
        return quantities + ofRun
    }
}
