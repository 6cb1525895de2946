import Exploration
import Foundation
import Judgement
import Recording
import RegionCore
import Scenarios
import Synchronization

/// How a sweep is carried out.
package struct SweepOptions: Sendable {
    /// What carries out the runs.
    package var engine = RunInformation.Engine.virtual
    /// How many runs at a time, in virtual time.
    package var jobs = ProcessInfo.processInfo.activeProcessorCount
    /// The folder for the table; by default `runs/sweep-<name>`.
    package var folder: String?
    /// The `region-node` executable; by default the one beside this program.
    package var nodeExecutable: String?
    /// What the records say was the command line.
    package var commandLine: [String] = []

    /// The default options.
    package init() {}
}

/// What a sweep came to.
package struct SweepResult: Sendable {
    /// The table: a row for each run.
    package var table: String
    /// How many runs there are.
    package var total: Int
    /// How many of them had been done before.
    package var before: Int
}

/// Runs the scenario in `file` once for each combination of the values of its matrix, and writes
/// one table, `sweep.csv`: a row for each run, in the order of the combinations.
///
/// What the table has already is not done again; a table of another matrix is refused. Throws
/// `ScenarioError`, `RecordError`, ``RunError``, or ``RunFailure`` if a run did not come to its
/// end; what was done until then stays.
package func sweep(
    file: String, options: SweepOptions,
    watch: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
) async throws -> SweepResult {
    let source = try ScenarioSource(path: file, strategies: strategies.descriptions)
    let matrix = try source.scenario()
    guard !matrix.sweep.isEmpty else {
        throw ScenarioError([
            ScenarioProblem(
                file: file, found: "no matrix",
                expected: "a section such as 'matrix: {seed: 1..20}'")
        ])
    }
    let combinations = matrix.combinations
    let folder = options.folder ?? "runs/sweep-\(matrix.name)"
    try makeFolder(folder, without: ["compare.csv", "run.json"])
    try checkOrigin(matrix, options.engine, folder)
    let table = try SweepTable(
        path: folder + "/sweep.csv", keys: matrix.sweep.map { $0.path.joined(separator: ".") },
        of: matrix)
    let left = combinations.indices.filter { !table.has(combinations[$0]) }
    let plans = try left.map { try source.plan(of: combinations[$0], in: matrix) }
    let runs = MeasuredRuns(
        engine: options.engine, jobs: options.jobs, folder: folder,
        nodeExecutable: options.nodeExecutable, commandLine: options.commandLine)
    let before = combinations.count - left.count
    let shared = Mutex((table: table, done: before))
    watch(before, combinations.count)
    try await runs.carryOut(plans) { index, report, models in
        let done = try shared.withLock { shared in
            try shared.table.add(combinations[left[index]], report, models)
            shared.done += 1
            return shared.done
        }
        watch(done, combinations.count)
    }
    try shared.withLock { try $0.table.sort(by: combinations) }
    return SweepResult(table: table.path, total: combinations.count, before: before)
}

/// The plans of all runs of the scenario in `file`: one, or one for each combination of the values
/// of its matrix. Throws `ScenarioError`.
package func plans(file: String) throws -> [Plan] {
    let source = try ScenarioSource(path: file, strategies: strategies.descriptions)
    let scenario = try source.scenario()
    guard !scenario.sweep.isEmpty else { return [try Plan(scenario)] }
    return try scenario.combinations.map { try source.plan(of: $0, in: scenario) }
}

/// Makes sure that the table in `folder` is of this scenario and engine: rows of another would be
/// taken for its own. `sweep.json` tells, and is written for a new table.
private func checkOrigin(
    _ scenario: Scenario, _ engine: RunInformation.Engine, _ folder: String
) throws {
    var single = scenario
    single.sweep = []
    let plan = try Plan(single).yaml
    let origin = JSONValue.members([
        "schema": .text("meridian.sweep/1"), "engine": .text(engine.rawValue),
        "scenario": .text("sha256:" + SHA256.hexadecimal(Array(plan.utf8))),
    ])
    let path = folder + "/sweep.json"
    if let known = FileManager.default.contents(atPath: path) {
        guard String(decoding: known, as: UTF8.self) == origin.indented else {
            throw RecordError.inaccessible(
                path: folder,
                reason:
                    "has a table of another scenario or engine; name another folder with --out, "
                    + "or remove this one first")
        }
    } else if FileManager.default.fileExists(atPath: folder + "/sweep.csv") {
        throw RecordError.inaccessible(
            path: folder, reason: "has a table that does not say of which scenario it is; remove it"
        )
    } else {
        try Data(origin.indented.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

extension Scenario {
    /// A value for each key of the matrix, in every combination; those of the last key follow each
    /// other.
    fileprivate var combinations: [[String]] {
        sweep.reduce([[]]) { before, key in
            before.flatMap { start in key.values.map { start + [$0] } }
        }
    }
}

extension ScenarioSource {
    fileprivate func plan(of values: [String], in scenario: Scenario) throws -> Plan {
        let pairs = zip(scenario.sweep, values).map { (path: $0.path, value: $1) }
        let variant = pairs.map { "\($0.path.joined(separator: ".")): \($0.value)" }
        return try telling("with " + variant.joined(separator: ", ")) {
            try Plan(try self.scenario(with: pairs))
        }
    }
}
