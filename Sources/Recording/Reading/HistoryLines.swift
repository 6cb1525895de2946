/// Reads the lines of a `history.jsonl`.
///
/// Nearly every line is as ``RecordWriter`` writes it, and goes from bytes to a row without a tree
/// or a string; any other line takes the long way, which knows every form and every error.
struct HistoryLines {
    private(set) var history = History()
    /// What is wrong with the last line, if it has no end: the writer may have been killed there.
    private(set) var cutOff: RecordError?

    let bytes: UnsafeBufferPointer<UInt8>
    let path: String
    private var fast: HistoryLineParser

    init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) {
        self.bytes = bytes
        self.path = path
        fast = HistoryLineParser(bytes)
    }

    /// The history in `bytes`, whose first line names the schema; and what is wrong with the last
    /// line, if it is cut off.
    static func read(
        _ bytes: [UInt8], path: String
    ) throws(RecordError) -> (history: History, cutOff: RecordError?) {
        let result: Result<HistoryLines, RecordError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(RecordError) {
                var lines = HistoryLines(buffer, path: path)
                try lines.read(needsSchema: true)
                return .success(lines)
            } catch {
                return .failure(error)
            }
        }
        let lines = try result.get()
        return (lines.history, lines.cutOff)
    }

    /// Reads all lines. The first may name the schema, and must if `needsSchema`.
    mutating func read(needsSchema: Bool = false) throws(RecordError) {
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let range = start..<(end ?? bytes.count)
            start = (end ?? bytes.count) + 1
            if range.isEmpty { continue }
            if let row = fast.row(range, &history.tables) {
                if line == 1, needsSchema { throw Self.noSchema(path) }
                history.append(row)
                continue
            }
            do {
                try readSlowly(range, isFirst: line == 1, needsSchema)
            } catch let error as RecordError {
                throw error
            } catch let error as MalformedRow {
                throw .malformed(path: path, line: line, reason: error.reason)
            } catch let error as MalformedJSON {
                let failure = RecordError.malformed(
                    path: path, line: line, reason: "column \(error.offset + 1): \(error)")
                guard end == nil else { throw failure }
                cutOff = failure
            } catch {
                throw .malformed(path: path, line: line, reason: "\(error)")
            }
        }
    }

    private mutating func readSlowly(
        _ range: Range<Int>, isFirst: Bool, _ needsSchema: Bool
    ) throws {
        let json = try JSONParser.parse(Array(bytes[range])[...])
        if isFirst, needsSchema || json["schema"] != nil {
            let name = json["schema"]?.text ?? "none"
            guard RecordSchema.history.accepts(name) else {
                throw RecordError.unknownSchema(
                    path: path, found: name, expected: RecordSchema.history.name)
            }
            return
        }
        history.append(try HistoryOperation(row: RowReader(row: json)))
    }

    private static func noSchema(_ path: String) -> RecordError {
        .unknownSchema(path: path, found: "none", expected: RecordSchema.history.name)
    }
}
