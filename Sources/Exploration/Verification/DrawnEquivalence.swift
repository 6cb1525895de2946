import Judgement
import Scenarios

/// The runs of one Plan in both engines.
package struct PlanRuns: Sendable {
    /// With processes.
    package var processes: Report
    /// In virtual time: the first under the same seed, the others under others, with the same
    /// faults at the same times.
    package var virtual: [Report]

    /// One run with processes and some in virtual time, of the same Plan.
    package init(processes: Report, virtual: [Report]) {
        self.processes = processes
        self.virtual = virtual
    }
}

/// Compares runs of a scenario that draws its faults.
///
/// Under each seed other faults strike, so that runs under different seeds have nothing in common;
/// but a seed's Plan is the same in both engines. Each run with processes is compared with those of
/// its own Plan in virtual time. How far these differ among themselves shows what chance alone
/// makes of one Plan: where that is more than half of the stated margin, a run is compared with
/// their mean, and the margin is twice their standard deviation, if that is more than the stated
/// one.
///
/// A single fault stands in one Plan only, and so do the phases that faults make. What is compared
/// is what a run measures as a whole.
struct DrawnEquivalence {
    private let plans: [(processes: MeasuredRun, virtual: [MeasuredRun])]
    private let isPlanExact: Bool
    let quantities: [Quantity]

    init(_ plans: [PlanRuns], isPlanExact: Bool) {
        self.plans = plans.map { (MeasuredRun($0.processes), $0.virtual.map { MeasuredRun($0) }) }
        self.isPlanExact = isPlanExact
        var quantities: [Quantity] = []
        for plan in plans {
            for quantity in Quantity.whole(in: plan.processes) where !quantities.contains(quantity)
            {
                quantities.append(quantity)
            }
        }
        self.quantities = quantities
    }

    /// Every quantity compared, in the order of the reports' rows.
    var comparisons: [Comparison] { quantities.map(comparison) }

    /// What the runs of one Plan measured.
    private struct Measured {
        var processes: Double
        var sameSeed: Double
        var virtual: [Double]

        var mean: Double { virtual.reduce(0, +) / Double(virtual.count) }
    }

    private func comparison(of quantity: Quantity) -> Comparison {
        let isByPlan = quantity.measure == .planned
        let usable = isByPlan ? plans : plans.filter { !$0.processes.isDisturbed }
        let measured = usable.compactMap { plan -> Measured? in
            let values = plan.virtual.compactMap { $0.value(of: quantity) }
            guard let first = plan.processes.value(of: quantity),
                let second = plan.virtual.first?.value(of: quantity), !values.isEmpty
            else { return nil }
            return Measured(processes: first, sameSeed: second, virtual: values)
        }
        var result = Comparison(
            quantity: quantity, processes: median(measured.map(\.processes)),
            virtual: median(measured.map(\.sameSeed)), margin: 0, isMarginSpread: false,
            finding: .notCompared)
        let operations = median(usable.map { Double($0.processes.operations(in: quantity)) })
        if operations < Double(quantity.measure.operationsMin) {
            result.reason = quantity.measure.tooFew(operations)
        } else if usable.count < 2 {
            result.finding = .undecided
            result.reason = "the host disturbed all runs but \(usable.count)"
        } else if measured.count < 2 {
            result.reason = "measured in too few runs"
        } else {
            test(measured, &result)
        }
        return result
    }

    private func test(_ measured: [Measured], _ result: inout Comparison) {
        let isByPlan = result.quantity.measure == .planned
        let stated = result.quantity.stated(isPlanExact: isPlanExact)
            .width(about: result.processes)
        let spread = Self.deviation(within: measured.map(\.virtual))
        result.margin = isByPlan ? stated : max(stated, 2 * spread)
        result.isMarginSpread = result.margin > stated
        let isPaired = isByPlan || spread <= stated / 2
        let test = EquivalenceTest(
            paired: measured.map { (isPaired ? $0.sameSeed : $0.mean) - $0.processes },
            margin: result.margin, comparisons: quantities.count)
        result.take(test, isExact: isByPlan && isPlanExact)
    }

    /// The standard deviation of runs of the same Plan, whichever that is.
    private static func deviation(within plans: [[Double]]) -> Double {
        let moments = plans.filter { $0.count > 1 }.map { Moments($0) }
        let degrees = moments.reduce(0) { $0 + $1.count - 1 }
        guard degrees > 0 else { return 0 }
        let squares = moments.reduce(0) { $0 + $1.variance * Double($1.count - 1) }
        return (squares / Double(degrees)).squareRoot()
    }
}

extension Quantity {
    /// What a run measures as a whole: by regions and operations, not by phases or faults.
    static func whole(in report: Report) -> [Quantity] {
        var quantities: [Quantity] = []
        for row in report.availability where row.scope.isOfRegion {
            quantities.append(
                row.scope.operation == nil
                    ? Quantity(.availability, region: row.scope.region)
                    : Quantity(
                        .planned, region: row.scope.region, operation: row.scope.operation))
        }
        for row in report.latency where row.scope.isOfRegion && row.scope.operation != nil {
            quantities.append(
                Quantity(.median, region: row.scope.region, operation: row.scope.operation))
        }
        return quantities + Self.ofRun
    }

    /// What a run has one of.
    static let ofRun = [
        Quantity(.convergence), Quantity(.messages), Quantity(.staleReads), Quantity(.lostWrites),
    ]
}

extension RowScope {
    /// Whether it is about one region's clients throughout the run.
    fileprivate var isOfRegion: Bool {
        region != nil && phase == nil && fault == nil && dataType == nil
    }
}
