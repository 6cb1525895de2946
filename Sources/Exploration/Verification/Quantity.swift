import Judgement
import Scenarios

/// Something that is measured in a run and compared between the engines.
package struct Quantity: Hashable, Sendable {
    /// What is measured.
    package var measure: Measure
    /// Of which clients; `nil`: of all.
    package var region: String?
    /// Of which operations; `nil`: of all.
    package var operation: String?
    /// Of which part of the run; `nil`: of all of it.
    package var phase: Phase?
    /// Of which fault; `nil`: of none.
    package var fault: String?

    /// What is measured.
    package enum Measure: String, CaseIterable, Hashable, Sendable {
        /// Operations that were to start.
        case planned = "operations planned"
        /// The median latency, in milliseconds.
        case median = "latency p50"
        /// The 95th percentile of the latency, in milliseconds.
        case ninetyFifth = "latency p95"
        /// The 99th percentile of the latency, in milliseconds.
        case ninetyNinth = "latency p99"
        /// The share of operations that were answered in time, in points of a hundred.
        case availability = "availability"
        /// From a fault's strike until a node noticed, in milliseconds.
        case detection = "detected"
        /// From a fault's strike until every group had a leader again, in milliseconds.
        case failover = "failed over"
        /// From a fault's strike until clients saw what they had seen before, in milliseconds.
        case recovery = "recovered"
        /// From a fault's heal until what was acknowledged before was everywhere, in milliseconds.
        case faultConvergence = "converged"
        /// From the end until all members agreed, in milliseconds.
        case convergence = "converged at the end"
        /// Messages between nodes for each operation that was sent.
        case messages = "messages per operation"
        /// The share of reads that returned something old, in points of a hundred.
        case staleReads = "stale reads"
        /// Acknowledged writes that are lost.
        case lostWrites = "writes lost"
    }

    /// The quantity with these parts.
    package init(
        _ measure: Measure, region: String? = nil, operation: String? = nil,
        phase: Phase? = nil, fault: String? = nil
    ) {
        self.measure = measure
        self.region = region
        self.operation = operation
        self.phase = phase
        self.fault = fault
    }

    /// The quantity in words: `latency p95, write, us-east-1, before`.
    package var text: String {
        let parts = [operation, region, phase?.rawValue, fault].compactMap { $0 }
        return ([measure.rawValue] + parts).joined(separator: ", ")
    }
}

extension Quantity.Measure {
    /// The unit, as tables show it after a number.
    package var unit: String {
        switch self {
        case .planned, .lostWrites, .messages: ""
        case .availability, .staleReads: " %"
        case .median, .ninetyFifth, .ninetyNinth, .detection, .failover, .recovery,
            .faultConvergence, .convergence:
            " ms"
        }
    }

    /// What is to be said of a run that had too few operations for this.
    func tooFew(_ operations: Double) -> String {
        "\(Int(operations)) operations are too few: \(operationsMin) are wanted"
    }

    /// How many operations a run must have for this to be measured at all: of a percentile, five
    /// must be beyond it, and of a median ten on either side.
    var operationsMin: Int {
        switch self {
        case .median: 20
        case .ninetyFifth: 100
        case .ninetyNinth: 500
        case .planned, .availability, .detection, .failover, .recovery, .faultConvergence,
            .convergence, .messages, .staleReads, .lostWrites:
            0
        }
    }
}
