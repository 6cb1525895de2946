import Exploration
import Foundation
import Judgement
import Recording
import Replication
import Scenarios

/// The table of a sweep on disk: a heading and a line for each run, added when the run is done.
///
/// Columns are the keys of the matrix, the verdict, the strongest model, and figures that every
/// run can have; what a run does not have is empty.
struct SweepTable {
    let path: String
    private let keys: [String]
    private var rows: [[String]: String] = [:]

    /// The figures, by their names in ``Report/figures``.
    private let figures: [String]

    /// The figures that runs of a scenario can have.
    private static func figures(of scenario: Scenario) -> [String] {
        let phases = ["before", "during", "recovery", "after"]
        let regions = scenario.topology.regions.enumerated().filter { index, _ in
            scenario.workload.clients[RegionID(index: UInt16(truncatingIfNeeded: index))] > 0
        }.map(\.element.name)
        let common: [OperationKind] = [.read, .write, .txn]
        let operations = common + scenario.operationKinds.filter { !common.contains($0) }
        var names = ["operations", "operations.ok", "operations.failed", "operations.unknown"]
        names += ["availability_percent"] + (phases + regions).map { "availability_percent.\($0)" }
        for operation in operations.map(\.rawValue) {
            names += ["p50_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"].map {
                "\($0).\(operation)"
            }
        }
        for operation in scenario.operationKinds.map(\.rawValue) {
            for region in regions {
                names += ["p50_ms", "p99_ms"].map { "\($0).\(operation).\(region)" }
            }
        }
        names += [
            "stale_reads_percent", "stale_age_p99_ms", "lost_writes", "discarded_writes",
            "conflicts", "failed_over_ms", "recovered_ms", "fault_converged_ms", "converged_ms",
        ]
        if scenario.services.sessions != nil { names += SessionFigures.figureNames }
        return names + ["messages_per_operation", "cross_region_bytes_per_operation"]
    }

    /// The table at `path`, with what it has already; a last line that was cut off is dropped.
    /// Throws ``RecordError`` if it is of other keys or figures than sweeps of `scenario` by `keys`.
    init(path: String, keys: [String], of scenario: Scenario) throws {
        self.path = path
        self.keys = keys
        figures = Self.figures(of: scenario)
        guard let bytes = FileManager.default.contents(atPath: path) else {
            try Data((heading + "\n").utf8).write(to: URL(fileURLWithPath: path))
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // After the last line end there is nothing, or what was cut off.
        lines.removeLast()
        guard lines.first == heading else {
            throw RecordError.malformed(
                path: path, line: 1,
                reason: "a table of another matrix or version; name another folder with --out")
        }
        for (index, line) in lines.enumerated().dropFirst() {
            guard let cells = CSVLine.cells(line), cells.count == columns.count else {
                throw RecordError.malformed(
                    path: path, line: index + 1, reason: "not a row of \(columns.count) cells")
            }
            rows[Array(cells.prefix(keys.count))] = line
        }
        try write(lines)
    }

    private var columns: [String] {
        keys + ["verdict", "strongest_model"] + figures
    }
    private var heading: String { CSVLine.text(columns) }

    /// Whether the run with these values is in the table.
    func has(_ values: [String]) -> Bool { rows[values] != nil }

    /// Adds a run, on disk at once.
    mutating func add(_ values: [String], _ report: Report, _ models: HeldModels) throws {
        let known = Dictionary(
            report.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let cells = figures.map { name in known[name].map { "\($0)" } ?? "" }
        let line = CSVLine.text(
            values + [report.verdict.rawValue, HeldModels.strongest(of: [models])] + cells)
        rows[values] = line
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
        try file.close()
    }

    /// Brings the rows into this order; those of other values, from an earlier matrix of the same keys,
    /// stay behind them.
    func sort(by order: [[String]]) throws {
        let asked = Set(order)
        let others = rows.keys.filter { !asked.contains($0) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        try write([heading] + (order + others).compactMap { rows[$0] })
    }

    private func write(_ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
