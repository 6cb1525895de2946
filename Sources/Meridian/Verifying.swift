import Conduct
import Determinism
import Exploration
import Foundation
import Judgement
import Recording
import RegionCore
import Scenarios

/// How a verification is carried out.
package struct VerifyOptions: Sendable {
    /// How many runs there are with processes that the host leaves alone; for those that it
    /// disturbs there are others, up to as many again. As many under the same seeds in virtual
    /// time.
    package var runs = 5
    /// How many runs there are in virtual time altogether: they show how far seeds differ.
    package var virtualRuns = 50
    /// Whether the costs of a node stay as the scenario has them, instead of being measured.
    package var keepsCosts = false
    /// The folder for the records; by default `runs/verify-<name>-<UTC time>`.
    package var folder: String?
    /// The `region-node` executable; by default the one beside this program.
    package var nodeExecutable: String?
    /// What the records say was the command line.
    package var commandLine: [String] = []

    /// The default options.
    package init() {}
}

/// What came of a verification.
package struct VerifyResult: Sendable {
    /// Whether the engines agree, and about what.
    package var agreement: Agreement
    /// The folder of the records.
    package var folder: String
}

/// Where a verification is.
package enum VerifyStep: Sendable {
    /// Nodes that idle, which shows what that costs.
    case idling
    /// A run with processes under a seed: if the host leaves it alone, the `number`-th of `count`.
    case processes(seed: UInt64, number: Int, count: Int)
    /// The host disturbed the run under this seed: one more is made, under another.
    case disturbed(seed: UInt64)
    /// The runs in virtual time.
    case virtual(count: Int)
}

/// Runs `scenario` in both engines, several times with the same seeds, and tests whether they
/// agree. What a node costs in virtual time is measured first, from the runs with processes.
///
/// The records are `processes-<seed>` and `virtual-<seed>` in the folder, and `idle`; beside them
/// is `agreement.json`. Throws `ScenarioError`, `RecordError`, ``RunError``, or ``RunFailure`` if
/// a run did not come to its end.
package func verify(
    _ scenario: Scenario, options: VerifyOptions,
    watch: @escaping @Sendable (VerifyStep) -> Void
) async throws -> VerifyResult {
    let folder = options.folder ?? "runs/verify-\(scenario.name)-\(compactTime(Date()))"
    let verification = Verification(
        scenario: scenario, options: options, folder: folder, watch: watch)
    let agreement = try await verification.carryOut()
    try Data(agreement.json.indented.utf8).write(
        to: URL(fileURLWithPath: folder + "/agreement.json"))
    return VerifyResult(agreement: agreement, folder: folder)
}

/// One verification under way.
private struct Verification {
    let scenario: Scenario
    let options: VerifyOptions
    let folder: String
    let watch: @Sendable (VerifyStep) -> Void

    func carryOut() async throws -> Agreement {
        var calibrated = scenario
        var calibration: Calibration?
        var records: [RecordContents] = []
        var disks: [UInt64: TimeSpan] = [:]
        if !options.keepsCosts {
            watch(.idling)
            records.append(try read(try await run(idle, seed: scenario.seed, "idle")))
        }
        var processes: [Report] = []
        var calm = 0
        // Runs that the host disturbed are made up for, as long as it lets some pass.
        while calm < options.runs, processes.count < 2 * options.runs {
            let seed = scenario.seed &+ UInt64(processes.count)
            watch(.processes(seed: seed, number: calm + 1, count: options.runs))
            let result = try await run(scenario, seed: seed, "processes-\(seed)")
            processes.append(result.report)
            if result.report.isDisturbed { watch(.disturbed(seed: seed)) } else { calm += 1 }
            if !options.keepsCosts {
                let record = try read(result)
                disks[seed] = Calibration.commitTime(in: record)
                records.append(record)
            }
        }
        if !options.keepsCosts {
            let found = Calibration(records, keeping: scenario.topology.node)
            calibrated.topology.node = found.cost
            calibration = found
        }
        watch(.virtual(count: max(options.virtualRuns, processes.count)))
        guard scenario.faults.contains(where: \.kind.isDrawn) else {
            let virtual = try self.virtual(calibrated, processes.map(\.seed), disks: disks)
            return Agreement(
                plan: try Plan(scenario), processes: processes, virtual: virtual,
                cost: calibrated.topology.node, calibration: calibration)
        }
        let plans = try processes.map { report in
            PlanRuns(
                processes: report,
                virtual: try virtual(
                    ofPlan: try Plan(calibrated, seed: report.seed), disk: disks[report.seed],
                    count: max(1, options.virtualRuns / processes.count)))
        }
        return Agreement(
            scenario: scenario.name, plans: plans,
            isPlanExact: try processes.allSatisfy { try Plan(scenario, seed: $0.seed).isExact },
            cost: calibrated.topology.node, calibration: calibration)
    }

    /// The scenario with hardly anything to do and nothing that breaks.
    private var idle: Scenario {
        var idle = scenario
        idle.faults = []
        idle.actions = []
        idle.expectations = []
        idle.duration = .seconds(4)
        idle.workload.arrivals = .open(PerRegion(1))
        idle.workload.probes = nil
        return idle
    }

    private func run(_ scenario: Scenario, seed: UInt64, _ name: String) async throws -> RunResult {
        var run = self.runOptions(seed, name)
        run.nodeExecutable = options.nodeExecutable
        let result = try await Meridian.run(scenario, options: run)
        if let failure = result.failure { throw failure }
        return result
    }

    private func runOptions(_ seed: UInt64, _ name: String) -> RunOptions {
        var run = RunOptions()
        run.seed = seed
        run.folder = "\(folder)/\(name)"
        run.commandLine = options.commandLine
        return run
    }

    private func read(_ result: RunResult) throws -> RecordContents {
        try RecordFolder.open(at: result.folder).read()
    }

    /// The runs in virtual time: with records for the seeds of the processes, in memory for more.
    /// `disks` says how long a commit took in the run with processes under a seed.
    private func virtual(
        _ scenario: Scenario, _ seeds: [UInt64], disks: [UInt64: TimeSpan]
    ) throws -> [Report] {
        var reports = try seeds.map { try paired(scenario, seed: $0, disk: disks[$0]) }
        for index in seeds.count..<max(seeds.count, options.virtualRuns) {
            let plan = try Plan(scenario, seed: scenario.seed &+ UInt64(index))
            reports.append(try SeedRun.carryOut(plan, strategies: strategies, rows: true).report)
        }
        return reports
    }

    /// Runs in virtual time of what `plan` has drawn: under its own seed, with a record, and in
    /// memory under others, which draw everything else anew.
    private func virtual(ofPlan plan: Plan, disk: TimeSpan?, count: Int) throws -> [Report] {
        var reports = [try paired(plan.scenario, seed: plan.seed, disk: disk)]
        for index in 1..<max(1, count) {
            let other = try Plan(plan.scenario, seed: plan.seed &+ UInt64(index) << 32)
            reports.append(try SeedRun.carryOut(other, strategies: strategies, rows: true).report)
        }
        return reports
    }

    /// The run in virtual time that is compared with the one with processes under `seed`, in which
    /// a commit took `disk`.
    private func paired(_ scenario: Scenario, seed: UInt64, disk: TimeSpan?) throws -> Report {
        var paired = scenario
        if let disk { paired.topology.node.fsync = disk }
        let result = try simulate(paired, options: runOptions(seed, "virtual-\(seed)"))
        if let failure = result.failure { throw failure }
        return result.report
    }
}

extension FaultKind {
    /// Whether it stands for faults that the seed draws.
    fileprivate var isDrawn: Bool {
        if case .random = self { return true }
        return false
    }
}
