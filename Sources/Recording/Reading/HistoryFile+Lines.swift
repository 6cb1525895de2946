extension HistoryFile {
    /// Reads lines of JSON, with or without the line that names the schema.
    static func jsonLines(
        _ bytes: UnsafeBufferPointer<UInt8>, _ path: String
    ) throws(RecordError) -> HistoryFile {
        var lines = HistoryLines(bytes, path: path)
        try lines.read()
        if let cut = lines.cutOff { throw cut }
        return HistoryFile(
            history: lines.history, format: .jsonLines, skipped: 0, bytes: bytes.count)
    }
}
