import Exploration
import Foundation
import Recording
import RegionCore
import Scenarios
import Synchronization

/// How strategies are compared.
package struct CompareOptions: Sendable {
    /// The strategies; others are compared with the first.
    package var choices: [StrategyChoice]
    /// The data type whose strategy is exchanged; `nil`: that of all which have none of their own.
    package var dataType: String?
    /// The seeds; `nil`: the scenario's own.
    package var seeds: ClosedRange<UInt64>?
    /// What carries out the runs.
    package var engine = RunInformation.Engine.virtual
    /// How many runs at a time, in virtual time.
    package var jobs = ProcessInfo.processInfo.activeProcessorCount
    /// The folder for what is found; by default `runs/compare-<name>-<UTC time>`.
    package var folder: String?
    /// The `region-node` executable; by default the one beside this program.
    package var nodeExecutable: String?
    /// What the records say was the command line.
    package var commandLine: [String] = []

    /// Strategies to be compared in virtual time.
    package init(_ choices: [StrategyChoice]) { self.choices = choices }
}

/// Runs the scenario in `file` with one strategy after the other, under the same seeds: the same
/// timeline, the same clients. In the folder are `compare.json` and `compare.csv`.
///
/// `watch` is told how many runs of how many are done. Throws `ScenarioError`, ``RunError`` or
/// ``RunFailure`` if a run did not come to its end.
package func compare(
    file: String, options: CompareOptions,
    watch: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
) async throws -> (comparison: StrategyComparison, folder: String) {
    let source = try ScenarioSource(path: file, strategies: strategies.descriptions)
    let scenarios = try options.choices.map { choice in
        try telling("with \(choice.text)") {
            try source.scenario(
                strategy: choice.name, options: choice.options.map { ($0.name, $0.value) },
                of: options.dataType)
        }
    }
    let name = scenarios.first?.name ?? "nothing"
    let folder = options.folder ?? "runs/compare-\(name)-\(compactTime(Date()))"
    try makeFolder(folder, without: ["compare.csv", "compare.json", "sweep.csv", "run.json"])
    var plans: [(strategy: Int, plan: Plan)] = []
    for (index, scenario) in scenarios.enumerated() {
        for seed in options.seeds ?? scenario.seed...scenario.seed {
            plans.append((index, try Plan(scenario, seed: seed)))
        }
    }
    let runs = MeasuredRuns(
        engine: options.engine, jobs: options.jobs, folder: folder,
        nodeExecutable: options.nodeExecutable, commandLine: options.commandLine)
    let done = Mutex<[ComparedRun]>([])
    let places = plans.map(\.strategy)
    watch(0, places.count)
    try await runs.carryOut(plans.map(\.plan)) { index, report, models in
        let count = done.withLock { done in
            done.append(ComparedRun(strategy: places[index], report: report, models: models))
            return done.count
        }
        watch(count, places.count)
    }
    let comparison = StrategyComparison(
        scenario: name, engine: options.engine, strategies: options.choices.map(\.text),
        runs: done.withLock { $0 })
    try Data(comparison.csv.utf8).write(to: URL(fileURLWithPath: folder + "/compare.csv"))
    try Data(comparison.json.indented.utf8).write(
        to: URL(fileURLWithPath: folder + "/compare.json"))
    return (comparison, folder)
}

/// What `body` gives; what it finds wrong with a scenario is told with `variant`, of which it is.
func telling<Result>(_ variant: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch var error as ScenarioError {
        for index in error.problems.indices { error.problems[index].found += " (\(variant))" }
        throw error
    }
}

/// Makes the folder for what many runs come to, in which none of `files` may be.
func makeFolder(_ path: String, without files: [String]) throws(RecordError) {
    for file in files where FileManager.default.fileExists(atPath: path + "/" + file) {
        throw .exists(path: path)
    }
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw .inaccessible(path: path, reason: "cannot be made: is there a file of that name?")
    }
}
