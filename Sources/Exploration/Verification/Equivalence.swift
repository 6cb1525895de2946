import Judgement

/// Compares what runs of one scenario with processes and in virtual time measured.
///
/// Runs with the same seed have the same arrivals, keys, targets and jitter, so they are compared
/// as pairs. But what an election decides, and how long it takes, follows from small differences
/// of time and soon is another matter in each run: where runs in virtual time with other seeds
/// differ among themselves by more than half of the stated margin, pairs tell no more than
/// strangers do, and all runs of one engine are compared with all of the other. The margin there
/// is twice the standard deviation among seeds, if that is more than the stated one: a run of one
/// engine could be one of the other.
struct Equivalence {
    private let processes: [MeasuredRun]
    private let virtual: [MeasuredRun]
    /// Runs with processes that count, each with the one in virtual time under its seed.
    private let pairs: [(processes: MeasuredRun, virtual: MeasuredRun)]
    private let isPlanExact: Bool
    let quantities: [Quantity]

    /// Of runs whose clients were to do exactly the same if `isPlanExact`.
    init(processes: [Report], virtual: [Report], isPlanExact: Bool) {
        let virtualRuns = virtual.map { MeasuredRun($0) }
        let processRuns = processes.map { MeasuredRun($0) }
        self.virtual = virtualRuns
        self.processes = processRuns
        self.isPlanExact = isPlanExact
        pairs = processRuns.compactMap { run in
            virtualRuns.first { $0.report.seed == run.report.seed }.map { (run, $0) }
        }
        var quantities: [Quantity] = []
        var seen: Set<Quantity> = []
        for run in processes + virtual {
            for quantity in Quantity.all(in: run) where seen.insert(quantity).inserted {
                quantities.append(quantity)
            }
        }
        self.quantities = quantities
    }

    /// Every quantity compared, in the order of the reports' rows.
    var comparisons: [Comparison] { quantities.map(comparison) }

    private func comparison(of quantity: Quantity) -> Comparison {
        let isExact = quantity.measure == .planned
        let usable = isExact ? pairs : pairs.filter { !$0.processes.isDisturbed }
        let measured = usable.compactMap { pair -> (Double, Double)? in
            guard let first = pair.processes.value(of: quantity),
                let second = pair.virtual.value(of: quantity)
            else { return nil }
            return (first, second)
        }
        let ofProcesses = usable.compactMap { $0.processes.value(of: quantity) }
        let ofVirtual = virtual.compactMap { $0.value(of: quantity) }
        var result = Comparison(
            quantity: quantity, processes: median(ofProcesses),
            virtual: median(measured.isEmpty ? ofVirtual : measured.map(\.1)), margin: 0,
            isMarginSpread: false, finding: .notCompared)

        if let reason = absence(quantity, usable.count, ofProcesses.count, ofVirtual.count) {
            result.finding = reason.finding
            result.reason = reason.text
            return result
        }
        if let few = tooFew(quantity, usable.map(\.processes)) {
            result.reason = few
            return result
        }
        guard usable.count > 1 else {
            result.finding = .undecided
            result.reason = "the host disturbed all runs but \(usable.count)"
            return result
        }
        guard measured.count > 1, ofVirtual.count > 1 else {
            result.reason = "measured in too few runs"
            return result
        }
        test(measured, ofProcesses, ofVirtual, usable.map(\.processes), &result)
        return result
    }

    private func test(
        _ pairs: [(Double, Double)], _ ofProcesses: [Double], _ ofVirtual: [Double],
        _ runs: [MeasuredRun], _ result: inout Comparison
    ) {
        let quantity = result.quantity
        let lateness = runs.map { $0.lateness(in: quantity) }.max() ?? 0
        let stated =
            quantity.stated(isPlanExact: isPlanExact).width(about: result.processes) + lateness
        let spread = Moments(ofVirtual).deviation
        let isByPlan = quantity.measure == .planned
        result.margin = isByPlan ? stated : max(stated, 2 * spread)
        result.isMarginSpread = result.margin > stated
        let test =
            isByPlan || spread <= stated / 2
            ? EquivalenceTest(
                paired: pairs.map { $0.1 - $0.0 }, margin: result.margin,
                comparisons: quantities.count)
            : EquivalenceTest(
                ofProcesses, ofVirtual, margin: result.margin, comparisons: quantities.count)
        result.take(test, isExact: isByPlan && isPlanExact)
    }

    /// What is to be said if the engines do not both measure `quantity` in most of their runs.
    private func absence(
        _ quantity: Quantity, _ usable: Int, _ inProcesses: Int, _ inVirtual: Int
    ) -> (finding: Finding, text: String)? {
        guard usable > 0, !virtual.isEmpty else { return nil }
        let first = Double(inProcesses) / Double(usable)
        let second = Double(inVirtual) / Double(virtual.count)
        if first >= 0.5, second >= 0.5 { return nil }
        let text =
            "measured in \(inProcesses) of \(usable) runs with processes and "
            + "\(inVirtual) of \(virtual.count) in virtual time"
        // Groups of few operations may be empty by chance.
        let operations = median(
            (pairs.map(\.processes) + virtual).map { Double($0.operations(in: quantity)) }
                .filter { $0 > 0 })
        let isClear =
            usable > 1 && max(first, second) >= 0.8 && min(first, second) <= 0.2
            && operations >= Double(max(20, quantity.measure.operationsMin))
        return (isClear ? .different : .notCompared, text)
    }

    /// What is to be said if the runs have too few operations of `quantity`.
    private func tooFew(_ quantity: Quantity, _ runs: [MeasuredRun]) -> String? {
        let wanted = quantity.measure.operationsMin
        guard wanted > 0 else { return nil }
        let counts = (runs + virtual).map { Double($0.operations(in: quantity)) }
        let typical = median(counts)
        guard typical < Double(wanted) else { return nil }
        return quantity.measure.tooFew(typical)
    }
}

/// The median of `values`; of an even number the mean of the middle two, and 0 of none.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
