import Exploration
import Foundation
import Judgement
import NodeHost
import Recording
import RegionCore
import Scenarios
import Subprocess
import SystemPackage

/// What a fuzz run tries, and how.
package struct FuzzOptions: Sendable {
    /// The scenario file.
    package var file: String
    /// The seeds, and which of them are canaries.
    package var plan: FuzzPlan
    /// How many processes work at a time.
    package var jobs: Int
    /// Whether seeds also draw the topology, the workload and everything else.
    package var isSwarm: Bool

    /// A fuzz run of `file`.
    package init(file: String, plan: FuzzPlan, jobs: Int, isSwarm: Bool) {
        self.file = file
        self.plan = plan
        self.jobs = jobs
        self.isSwarm = isSwarm
    }
}

/// Runs every seed once, in `jobs` processes of this program, and tells after each run how far it
/// is. A process that comes to an end by itself is a finding: the seed that it worked on is
/// recorded as a crash, and another process goes on after it.
package func fuzz(
    _ options: FuzzOptions, watch: @escaping @Sendable (FuzzSummary) -> Void
) async throws -> FuzzSummary {
    let collector = Collector(watch)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<options.jobs {
            group.addTask {
                var last: UInt64?
                while let first = options.plan.share(
                    of: index, among: options.jobs, after: last
                ).first {
                    let end = try await work(options, index, after: last) { outcome in
                        last = outcome.seed
                        await collector.add(outcome)
                    }
                    guard let end else { return }
                    let seed = last.map { $0 + UInt64(options.jobs) } ?? first
                    await collector.addCrash(seed, end)
                    last = seed
                }
            }
        }
        try await group.waitForAll()
    }
    return await collector.summary
}

/// Adds up what workers report.
private actor Collector {
    private(set) var summary = FuzzSummary()
    private let watch: @Sendable (FuzzSummary) -> Void

    init(_ watch: @escaping @Sendable (FuzzSummary) -> Void) { self.watch = watch }

    func add(_ outcome: SeedOutcome) {
        summary.add(outcome)
        watch(summary)
    }

    func addCrash(_ seed: UInt64, _ reason: String) {
        summary.addCrash(seed, reason)
        watch(summary)
    }
}

/// Runs one worker process to its end: how it ended before it was done, or `nil` if it was done.
private func work(
    _ options: FuzzOptions, _ index: Int, after last: UInt64?,
    take: (SeedOutcome) async -> Void
) async throws -> String? {
    var arguments = [
        "fuzz-worker", options.file, "--seeds",
        "\(options.plan.seeds.lowerBound)..\(options.plan.seeds.upperBound)", "--index",
        "\(index)", "--workers", "\(options.jobs)", "--parent",
        "\(ProcessInfo.processInfo.processIdentifier)",
    ]
    if let last { arguments += ["--after", "\(last)"] }
    if options.plan.hasCanaries { arguments.append("--canary") }
    if options.isSwarm { arguments.append("--swarm") }
    let result = try await Subprocess.run(
        .path(FilePath("/proc/self/exe")), arguments: Arguments(arguments), input: .none,
        output: .sequence, error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
    ) { execution in
        for try await line in execution.standardOutput.strings() {
            guard let json = try? JSONParser.parse(Array(line.utf8)[...]),
                let outcome = SeedOutcome(json: json)
            else { continue }
            await take(outcome)
        }
    }
    switch result.terminationStatus {
    case .exited(0): return nil
    case .exited(let code): return "the process exited with \(code)"
    case .signaled(let signal): return "signal \(signal)"
    }
}

/// What a worker process does: the runs of its share of the seeds, a line on standard output for
/// each.
package func workOnFuzz(
    _ scenario: Scenario, _ plan: FuzzPlan, seeds: [UInt64], isSwarm: Bool,
    put: (JSONValue) -> Void
) {
    var run = SeedRun(scenario, strategies: strategies)
    run.isSwarm = isSwarm
    for seed in seeds {
        let outcome: SeedOutcome
        do {
            outcome = try run.carryOut(seed: seed, isCanary: plan.isCanary(seed))
        } catch {
            outcome = SeedOutcome(
                seed: seed, code: .unknown,
                failures: [SeedOutcome.Failure(kind: "cannot run", detail: "\(error)")])
        }
        put(outcome.json)
    }
}

/// Sees to it that this process does not outlive `parent`, which started it.
package func endWithParent(_ parent: Int32) throws { try ParentWatch.begin(parent) }
