import Determinism

/// Writes a history as a table that spreadsheets, pandas and R read (RFC 4180): a row for each
/// operation, times in nanoseconds, nothing for what is not known.
struct CSVExport {
    private let history: History

    init(_ history: History) { self.history = history }

    static let columns = [
        "index", "process", "client", "session", "region", "served_by", "attempts", "f",
        "data_type", "key", "value", "result", "planned_ns", "invoke_ns", "complete_ns", "type",
        "error", "version",
    ]

    func write<Failure: Error>(
        _ take: (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var bytes = Array((Self.columns.joined(separator: ",") + "\r\n").utf8)
        for operation in history {
            bytes += Array((CSVLine.text(Self.cells(operation)) + "\r\n").utf8)
            if bytes.count > 1 << 15 {
                try take(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try take(bytes)
    }

    private static func cells(_ operation: HistoryOperation) -> [String] {
        func time(_ instant: Instant?) -> String { instant.map { "\($0.nanoseconds)" } ?? "" }
        return [
            "\(operation.index)", "\(operation.process)", "\(operation.client)",
            "\(operation.session)", operation.region, operation.servedBy ?? "",
            "\(operation.attempts)", operation.function.name, operation.dataType,
            operation.key ?? "", text(operation.value), operation.result.map(text) ?? "",
            time(operation.planned), time(operation.invoked), time(operation.completed),
            operation.outcome.rawValue, operation.error ?? "",
            operation.version.map { VersionText.text($0) } ?? "",
        ]
    }

    /// A scalar as it is, a collection as JSON.
    private static func text(_ value: HistoryValue) -> String {
        switch value {
        case .null: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .list, .pair, .transaction: value.json.line
        }
    }
}
