/// Writes a history in the forms that other tools read.
public struct HistoryExport: Sendable {
    /// The forms.
    public enum Format: String, CaseIterable, Hashable, Sendable {
        /// Jepsen's events as EDN maps, one a line: what Jepsen, Knossos, Elle and Porcupine's
        /// readers take.
        case edn
        /// A table with a row for each operation (RFC 4180).
        case csv
        /// Lines of JSON, the `history.jsonl` of a record.
        case jsonLines = "jsonl"
    }

    /// The operations.
    public let history: History
    /// The form.
    public let format: Format

    /// `history` in `format`.
    public init(_ history: History, as format: Format) {
        self.history = history
        self.format = format
    }

    /// Hands over the text piece by piece.
    public func write<Failure: Error>(
        _ take: (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        switch format {
        case .edn: try EDNExport(history).write(take)
        case .csv: try CSVExport(history).write(take)
        case .jsonLines:
            var writer = JSONWriter(capacity: 1 << 16)
            try take(RecordSchema.history.firstLine)
            for operation in history {
                operation.write(into: &writer)
                if writer.bytes.count > 1 << 15 {
                    try take(writer.bytes)
                    writer.removeAll()
                }
            }
            try take(writer.bytes)
        }
    }
}
