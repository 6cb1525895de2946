import Exploration
import Foundation
import Judgement
import Recording

/// The table of a sweep on disk: a heading and a line for each run, added when the run is done.
///
/// Columns are the keys of the matrix, the verdict, the strongest model, and figures that every
/// run can have; what a run does not have is empty.
struct SweepTable {
    let path: String
    private let keys: [String]
    private var rows: [[String]: String] = [:]

    /// The figures, by their names in ``Report/figures``.
    private static let figures =
        [
            "operations", "operations.ok", "operations.failed", "operations.unknown",
            "availability_percent", "availability_percent.before", "availability_percent.during",
            "availability_percent.recovery", "availability_percent.after",
        ]
        + ["read", "write", "txn"].flatMap { operation in
            ["p50_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"].map { "\($0).\(operation)" }
        } + [
            "stale_reads_percent", "stale_age_p99_ms", "lost_writes", "discarded_writes",
            "conflicts", "failed_over_ms", "recovered_ms", "fault_converged_ms", "converged_ms",
            "messages_per_operation", "cross_region_bytes_per_operation",
        ]

    /// The table at `path`, with what it has already; a last line that was cut off is dropped.
    /// Throws ``RecordError`` if it is of other keys.
    init(path: String, keys: [String]) throws {
        self.path = path
        self.keys = keys
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
        keys + ["verdict", "strongest_model"] + Self.figures
    }
    private var heading: String { CSVLine.text(columns) }

    /// Whether the run with these values is in the table.
    func has(_ values: [String]) -> Bool { rows[values] != nil }

    /// Adds a run, on disk at once.
    mutating func add(_ values: [String], _ report: Report, _ models: HeldModels) throws {
        let known = Dictionary(
            report.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let figures = Self.figures.map { name in known[name].map { "\($0)" } ?? "" }
        let line = CSVLine.text(
            values + [report.verdict.rawValue, HeldModels.strongest(of: [models])] + figures)
        rows[values] = line
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
        try file.close()
    }

    /// Brings the rows into this order.
    func sort(by order: [[String]]) throws {
        try write([heading] + order.compactMap { rows[$0] })
    }

    private func write(_ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
