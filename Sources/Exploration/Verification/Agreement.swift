import Judgement
import Scenarios

/// Whether the two engines agree about a scenario: what was compared, what differs, and a verdict.
///
/// A scenario that behaves differently in virtual time and with processes is a bug in one of the
/// engines, and nothing that virtual time says of it can be trusted.
package struct Agreement: Sendable {
    /// The scenario's name.
    package var scenario: String
    /// The seeds that were run in both engines.
    package var seeds: [UInt64]
    /// Those of them under which the host disturbed the processes.
    package var disturbedSeeds: [UInt64]
    /// How many runs there were in virtual time.
    package var virtualRuns: Int
    /// What a node cost in virtual time.
    package var cost: NodeCost
    /// How that was measured; `nil` if it was not.
    package var calibration: Calibration?
    /// The quantities, worst first.
    package var comparisons: [Comparison]
    /// Expectations, and the effects of faults where all seeds have the same.
    package var statements: [Statement]
    /// Whether each seed had faults of its own, so that less could be compared.
    package var areFaultsDrawn: Bool

    /// Compares reports of runs with processes and in virtual time. Of each run with processes
    /// there must be one in virtual time with the same seed; there may be more of these.
    package init(
        plan: Plan, processes: [Report], virtual: [Report], cost: NodeCost,
        calibration: Calibration? = nil
    ) {
        self.init(
            scenario: plan.name, processes: processes, virtual: virtual,
            isPlanExact: plan.isExact, cost: cost, calibration: calibration)
    }

    init(
        scenario: String, processes: [Report], virtual: [Report], isPlanExact: Bool,
        cost: NodeCost = NodeCost(), calibration: Calibration? = nil
    ) {
        self.init(
            scenario, processes, virtual,
            Equivalence(processes: processes, virtual: virtual, isPlanExact: isPlanExact)
                .comparisons, areFaultsDrawn: false, cost, calibration)
    }

    /// Compares the runs of Plans of one scenario that draws faults, each with those of the same
    /// Plan.
    package init(
        scenario: String, plans: [PlanRuns], isPlanExact: Bool, cost: NodeCost = NodeCost(),
        calibration: Calibration? = nil
    ) {
        self.init(
            scenario, plans.map(\.processes), plans.flatMap(\.virtual),
            DrawnEquivalence(plans, isPlanExact: isPlanExact).comparisons, areFaultsDrawn: true,
            cost, calibration)
    }

    private init(
        _ scenario: String, _ processes: [Report], _ virtual: [Report],
        _ comparisons: [Comparison], areFaultsDrawn: Bool, _ cost: NodeCost,
        _ calibration: Calibration?
    ) {
        self.scenario = scenario
        self.cost = cost
        self.calibration = calibration
        self.areFaultsDrawn = areFaultsDrawn
        seeds = processes.map(\.seed)
        virtualRuns = virtual.count
        disturbedSeeds = processes.filter { MeasuredRun($0).isDisturbed }.map(\.seed)
        self.comparisons = comparisons.enumerated().sorted { first, second in
            let (one, other) = (first.element, second.element)
            if one.finding != other.finding { return one.finding.rank < other.finding.rank }
            return one.reach != other.reach
                ? one.reach > other.reach : first.offset < second.offset
        }.map(\.element)
        statements = Statement.expectations(processes: processes, virtual: virtual)
        if !areFaultsDrawn {
            statements += Statement.effects(processes: processes, virtual: virtual)
        }
    }

    /// What it all comes to.
    package enum Verdict: String, Hashable, Sendable {
        /// The engines agree.
        case agree
        /// They differ in something.
        case differ
        /// There were too few runs for so much noise.
        case undecided
    }

    /// How many comparisons came to `finding`.
    package func count(_ finding: Finding) -> Int {
        comparisons.count { $0.finding == finding }
            + statements.count { $0.finding == finding }
    }

    /// The share of comparisons that may stay undecided: a test of each, with the few runs that
    /// there are, leaves some open by chance even where nothing differs.
    package static let undecidedMax = 0.1

    /// The verdict: something differs, too much is undecided, or the engines agree.
    package var verdict: Verdict {
        if count(.different) > 0 { return .differ }
        let undecided = count(.undecided)
        let decided = count(.equivalent)
        guard decided > 0 else { return .undecided }
        return Double(undecided) <= Self.undecidedMax * Double(decided + undecided)
            ? .agree : .undecided
    }

    /// What `meridian verify` exits with.
    package var exitCode: ExitCode {
        switch verdict {
        case .agree: .passed
        case .differ: .livenessFailed
        case .undecided: .unknown
        }
    }
}

extension Finding {
    /// The order in which findings are shown.
    fileprivate var rank: Int {
        switch self {
        case .different: 0
        case .undecided: 1
        case .equivalent: 2
        case .notCompared: 3
        }
    }
}

extension Plan {
    /// Whether its clients do exactly the same in every run: not if they wait for answers, if a
    /// surge sets in a millisecond sooner or later, or if they go on until a core has served.
    package var isExact: Bool {
        let hasSurge = faults.contains { fault in
            if case .surge = fault.kind { return true }
            return false
        }
        return !workload.isClosedLoop && !hasSurge && liveness == nil
    }
}

extension Statement {
    /// Whether each expectation of the reports held.
    static func expectations(processes: [Report], virtual: [Report]) -> [Statement] {
        let pairs = pairs(processes, virtual)
        return (pairs.first?.0.expectations ?? []).enumerated().map { index, expectation in
            Statement(
                expectation.expect, isCertain: expectation.kind == .safety, pairs
            ) { $0.expectations.indices.contains(index) ? $0.expectations[index].held : nil }
        }
    }

    /// Whether each fault of the reports took effect.
    static func effects(processes: [Report], virtual: [Report]) -> [Statement] {
        let pairs = pairs(processes, virtual)
        return (pairs.first?.0.faults ?? []).map { fault in
            Statement("fault \(fault.id) (\(fault.kind)) takes effect", isCertain: true, pairs) {
                $0.faults.first { $0.id == fault.id }?.hadEffect
            }
        }
    }

    private static func pairs(_ processes: [Report], _ virtual: [Report]) -> [(Report, Report)] {
        processes.compactMap { run in
            virtual.first { $0.seed == run.seed }.map { (run, $0) }
        }
    }

    /// Compares what holds in pairs of runs. What `isCertain` never fails by chance. Pairs whose
    /// processes were disturbed do not count.
    private init(
        _ text: String, isCertain: Bool, _ runs: [(Report, Report)],
        _ holds: (Report) -> Bool?
    ) {
        let pairs = runs.map { (holds($0), holds($1)) }
        self.init(
            text: text, processes: pairs.map(\.0), virtual: pairs.map(\.1),
            finding: .equivalent)
        let usable = zip(pairs, runs).filter { !MeasuredRun($1.0).isDisturbed }.map(\.0)
        let unequal = usable.count { $0.0 != $0.1 }
        if usable.isEmpty {
            finding = .undecided
        } else if unequal == usable.count, usable.count > 1 || isCertain {
            finding = .different
        } else if unequal > 0 {
            finding = isCertain ? .different : .undecided
        }
    }
}
