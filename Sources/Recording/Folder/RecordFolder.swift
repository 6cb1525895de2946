import Foundation

/// The folder that a run leaves behind.
///
/// It is complete: figures and verdicts are made from it alone, later and elsewhere. Files are
/// written in plain JSON, one row a line, and open with their schema.
public struct RecordFolder: Hashable, Sendable {
    /// Where the folder is.
    public let path: String

    /// The files of a record.
    public enum File: String, CaseIterable, Hashable, Sendable {
        /// The resolved scenario.
        case plan = "plan.yaml"
        /// What the run was made with.
        case run = "run.json"
        /// The operations.
        case history = "history.jsonl"
        /// What happened besides.
        case events = "events.jsonl"
        /// How the regions fared over time.
        case samples = "samples.jsonl"
        /// What the replicas held at the end.
        case final = "final.jsonl"
        /// Every figure.
        case report = "report.json"
        /// The report as a page.
        case page = "report.html"
        /// The expectations as test cases.
        case junit = "junit.xml"
        /// Every message.
        case trace = "trace.jsonl"
        /// Every write that reached a replica.
        case replication = "replication.jsonl"
    }

    private init(path: String) { self.path = path }

    /// A new folder at `path`, made with the folders above it. It may exist but hold no record.
    public static func create(at path: String) throws(RecordError) -> RecordFolder {
        let folder = RecordFolder(path: path)
        for file in File.allCases
        where FileManager.default.fileExists(atPath: folder.path(of: file)) {
            throw .exists(path: path)
        }
        try makeFolder(path)
        return folder
    }

    /// The record at `path`, which must have `run.json` and `plan.yaml`.
    public static func open(at path: String) throws(RecordError) -> RecordFolder {
        let folder = RecordFolder(path: path)
        for file in [File.run, .plan] {
            let path = folder.path(of: file)
            guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
        }
        return folder
    }

    /// Where `file` is.
    public func path(of file: File) -> String { path + "/" + file.rawValue }

    /// Whether `file` is there.
    public func has(_ file: File) -> Bool {
        FileManager.default.fileExists(atPath: path(of: file))
    }

    /// Where the log and the database of a node are; `/` in its name becomes `-`. The folder is
    /// made if it is not there.
    public func makeNodeFolder(_ node: String) throws(RecordError) -> String {
        let name = String(node.map { $0 == "/" ? "-" : $0 })
        let nodeFolder = path + "/nodes/" + name
        try Self.makeFolder(nodeFolder)
        return nodeFolder
    }

    private static func makeFolder(_ path: String) throws(RecordError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .inaccessible(path: path, reason: "cannot be made: \(error.localizedDescription)")
        }
    }

    // MARK: Writing

    /// Starts the files that grow during the run.
    public func makeWriter() throws(RecordError) -> RecordWriter { try RecordWriter(folder: self) }

    /// Writes what the run was made with, replacing what was there in one step.
    public func write(_ run: RunInformation) throws(RecordError) {
        try replace(.run, with: Array(run.json.indented.utf8))
    }

    /// Writes the resolved scenario.
    public func write(plan: String) throws(RecordError) {
        try replace(.plan, with: Array(plan.utf8))
    }

    /// Writes the final state of all replicas.
    public func write(final rows: some Sequence<FinalRow>) throws(RecordError) {
        let file = try LineFile(path: path(of: .final), schema: .final)
        var writer = JSONWriter(capacity: 1024)
        for row in rows {
            writer.removeAll()
            row.write(into: &writer)
            try file.append(writer.bytes)
        }
        try file.close()
    }

    /// Writes a file made from the record, such as the report, replacing what was there in one
    /// step.
    public func replace(_ file: File, with bytes: [UInt8]) throws(RecordError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path(of: file)), options: .atomic)
        } catch {
            throw .inaccessible(path: path(of: file), reason: error.localizedDescription)
        }
    }

    // MARK: Reading

    /// The bytes of a file.
    public func bytes(of file: File) throws(RecordError) -> [UInt8] {
        let path = path(of: file)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .missing(path: path)
        }
        return Array(data)
    }

    /// How many lines each file of rows has that the run wrote and nothing rewrites. Files may be larger
    /// than memory: they are gone through piece by piece.
    public func countLines() throws(RecordError) -> [String: Int] {
        var lines: [String: Int] = [:]
        for file in [File.history, .events, .samples, .final, .replication] where has(file) {
            let path = path(of: file)
            do {
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                defer { try? handle.close() }
                var count = 0
                while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                    count += piece.withUnsafeBytes { Self.lineCount($0) }
                }
                lines[file.rawValue] = count
            } catch {
                throw .inaccessible(path: path, reason: error.localizedDescription)
            }
        }
        return lines
    }

    private static func lineCount(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.count { $0 == UInt8(ascii: "\n") }
    }

    /// The bytes of a file of rows, which must have all the lines that `run` says.
    func wholeBytes(of file: File, _ run: RunInformation) throws(RecordError) -> [UInt8] {
        let bytes = try bytes(of: file)
        guard run.isComplete else { return bytes }
        let path = path(of: file)
        if bytes.isEmpty {
            throw .malformed(
                path: path, line: 1, reason: "is empty; it ought to begin with its schema")
        }
        let count = Self.lineCount(bytes)
        if let written = run.lines[file.rawValue], written != count {
            throw .malformed(
                path: path, line: count,
                reason:
                    "has \(count) lines, and the run wrote \(written); it was cut off or changed")
        }
        return bytes
    }

    /// What the run was made with.
    public func readRun() throws(RecordError) -> RunInformation {
        let path = path(of: .run)
        do {
            let json = try JSONParser.parse(try bytes(of: .run))
            let schema = json["schema"]?.text ?? "none"
            guard RecordSchema.run.accepts(schema) else {
                throw RecordError.unknownSchema(
                    path: path, found: schema, expected: RecordSchema.run.name)
            }
            return try RunInformation(row: RowReader(row: json))
        } catch let error as RecordError {
            throw error
        } catch let error as MalformedRow {
            throw .malformed(path: path, line: 1, reason: error.reason)
        } catch {
            throw .malformed(path: path, line: 1, reason: "\(error)")
        }
    }

    /// The resolved scenario, as text.
    public func readPlan() throws(RecordError) -> String {
        String(decoding: try bytes(of: .plan), as: UTF8.self)
    }

    /// Everything that a judgement needs. Of a run that did not end, files may be missing at the
    /// end and last lines may be cut off; they are left out and named.
    public func read() throws(RecordError) -> RecordContents {
        let run = try readRun()
        var contents = RecordContents(
            run: run, plan: try readPlan(), history: [], events: [], samples: [], final: [])
        contents.history = try readHistory(run, &contents.truncated)
        contents.events = try rows(.events, .events, run, &contents.truncated) {
            (row) throws(MalformedRow) in try RecordedEvent(row: row)
        }
        contents.samples = try rows(.samples, .samples, run, &contents.truncated) {
            (row) throws(MalformedRow) in try Sample(row: row)
        }
        contents.final = try rows(.final, .final, run, &contents.truncated) {
            (row) throws(MalformedRow) in try FinalRow(row: row)
        }
        return contents
    }

    private func readHistory(
        _ run: RunInformation, _ truncated: inout [String]
    ) throws(RecordError) -> History {
        let path = path(of: .history)
        guard FileManager.default.fileExists(atPath: path) else {
            if run.isComplete { throw .missing(path: path) }
            return History()
        }
        let (history, cutOff) = try HistoryLines.read(
            try wholeBytes(of: .history, run), path: path)
        if let cutOff {
            guard !run.isComplete else { throw cutOff }
            truncated.append(File.history.rawValue)
        }
        return history
    }

    func rows<Row>(
        _ file: File, _ schema: RecordSchema, _ run: RunInformation, _ truncated: inout [String],
        _ make: (RowReader) throws(MalformedRow) -> Row
    ) throws(RecordError) -> [Row] {
        let path = path(of: file)
        guard FileManager.default.fileExists(atPath: path) else {
            if run.isComplete { throw .missing(path: path) }
            return []
        }
        let bytes = try wholeBytes(of: file, run)
        var rows: [Row] = []
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let content = bytes[start..<(end ?? bytes.count)]
            start = (end ?? bytes.count) + 1
            if content.isEmpty, end != nil { continue }
            do {
                let json = try JSONParser.parse(content)
                if line == 1 {
                    let name = json["schema"]?.text ?? "none"
                    guard schema.accepts(name) else {
                        throw RecordError.unknownSchema(
                            path: path, found: name, expected: schema.name)
                    }
                } else {
                    rows.append(try make(RowReader(row: json)))
                }
            } catch let error as RecordError {
                throw error
            } catch let error as MalformedRow {
                throw .malformed(path: path, line: line, reason: error.reason)
            } catch let error as MalformedJSON {
                if end == nil, !run.isComplete {
                    truncated.append(file.rawValue)
                    return rows
                }
                throw .malformed(
                    path: path, line: line,
                    reason: "column \(error.offset + 1): \(error)")
            } catch {
                throw .malformed(path: path, line: line, reason: "\(error)")
            }
        }
        return rows
    }
}
