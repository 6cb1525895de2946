import Foundation

/// A history that stands in a file of its own, in whichever form.
public struct HistoryFile: Sendable {
    /// The forms that are read.
    public enum Format: String, CaseIterable, Hashable, Sendable {
        /// Lines of JSON, the `history.jsonl` of a record.
        case jsonLines = "jsonl"
        /// Jepsen's events as EDN maps, one a line or in one vector or list.
        case edn
        /// Lines of Jepsen's log.
        case log
    }

    /// The operations.
    public var history: History
    /// The form it was in.
    public var format: Format
    /// How many lines or events were no operations of clients: a nemesis's, or what else a log
    /// says.
    public var skipped: Int
    /// The length of the file in bytes.
    public var bytes: Int

    /// Reads the history in the file at `path`. `isKeyed`: the value of an operation of Jepsen's
    /// is its key and its value.
    ///
    /// Throws ``RecordError`` where it cannot be read, with line and column.
    public init(path: String, isKeyed: Bool = false) throws(RecordError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .inaccessible(path: path, reason: "cannot be read")
        }
        self = try Self.read(Array(data), path: path, isKeyed: isKeyed)
    }

    /// Reads the history in `bytes`, which errors call the file at `path`.
    public init(bytes: [UInt8], path: String, isKeyed: Bool = false) throws(RecordError) {
        self = try Self.read(bytes, path: path, isKeyed: isKeyed)
    }

    init(history: History, format: Format, skipped: Int, bytes: Int) {
        self.history = history
        self.format = format
        self.skipped = skipped
        self.bytes = bytes
    }

    private static func read(
        _ bytes: [UInt8], path: String, isKeyed: Bool
    ) throws(RecordError) -> HistoryFile {
        let result: Result<HistoryFile, RecordError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(RecordError) {
                return .success(try read(buffer, path, isKeyed))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ path: String, _ isKeyed: Bool
    ) throws(RecordError) -> HistoryFile {
        var cursor = EDNCursor(bytes, 0..<bytes.count)
        do {
            guard let first = try cursor.peek() else {
                throw cursor.unexpected("a history, but the file is empty:")
            }
            if first == UInt8(ascii: "{"), isJSON(bytes, after: cursor.position) {
                return try jsonLines(bytes, path)
            }
            var reader = JepsenReader(isKeyed: isKeyed)
            let isMaps =
                first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
                || first == UInt8(ascii: "(") || first == UInt8(ascii: "#")
            if isMaps {
                try reader.readMaps(&cursor)
                return HistoryFile(
                    history: reader.history, format: .edn, skipped: reader.foreign,
                    bytes: bytes.count)
            }
            guard JepsenReader.isLog(bytes) else {
                throw cursor.unexpected(
                    "lines of JSON (history.jsonl), EDN maps, or lines of Jepsen's log")
            }
            let others = try reader.readLog(bytes)
            return HistoryFile(
                history: reader.history, format: .log, skipped: reader.foreign + others,
                bytes: bytes.count)
        } catch let error as MalformedEDN {
            let place = TextPlace(of: error.offset, in: bytes)
            throw .malformed(
                path: path, line: place.line, reason: "column \(place.column): \(error.reason)")
        } catch let error as RecordError {
            throw error
        } catch {
            throw .inaccessible(path: path, reason: "\(error)")
        }
    }

    /// Whether the form that opens with a brace at `position` is JSON: a string comes next.
    private static func isJSON(_ bytes: UnsafeBufferPointer<UInt8>, after position: Int) -> Bool {
        let rest = bytes[(position + 1)...]
        let next = rest.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        return next == UInt8(ascii: "\"")
    }
}

/// Where a byte of a text is, as editors count.
struct TextPlace {
    /// The line, from 1.
    var line: Int
    /// The column in bytes, from 1.
    var column: Int

    init(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        let before = bytes[..<min(offset, bytes.count)]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = before.count - start + 1
    }
}
