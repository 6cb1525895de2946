import Foundation

/// The trace of a run, which a record may have.
extension RecordFolder {
    /// Writes the trace in place of one that is there.
    public func write(trace rows: some Sequence<TraceRow>) throws(RecordError) {
        let path = path(of: .trace)
        if FileManager.default.fileExists(atPath: path) {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw .inaccessible(path: path, reason: error.localizedDescription)
            }
        }
        let file = try LineFile(path: path, schema: .trace)
        var writer = JSONWriter(capacity: 1024)
        for row in rows {
            writer.removeAll()
            writer.value(row.json)
            writer.newline()
            try file.append(writer.bytes)
        }
        try file.close()
    }

    /// Whether the record has a trace.
    public var hasTrace: Bool { FileManager.default.fileExists(atPath: path(of: .trace)) }

    /// The trace, which must be there.
    public func readTrace() throws(RecordError) -> [TraceRow] {
        var truncated: [String] = []
        var run = try readRun()
        // It is written in one piece: nothing of it may be cut off, whatever became of the run.
        run.isComplete = true
        return try rows(.trace, .trace, run, &truncated) { (row) throws(MalformedRow) in
            try TraceRow(row: row)
        }
    }
}
