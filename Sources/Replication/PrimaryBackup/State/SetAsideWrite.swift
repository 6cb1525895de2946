import Determinism

/// A write that its primary took in and that is not in the line of the primaries after it.
struct SetAsideWrite: Hashable, Sendable {
    /// Where it stood in the log that was left.
    var index: LogIndex
    /// The write.
    var entry: LogEntry

    /// The most that a member keeps; of more the oldest are forgotten.
    static let countMax = 65_536

    /// Its version.
    var version: Version { .sequence(epoch: entry.term.rawValue, index: index.rawValue) }

    /// What it writes, if it is a client's.
    var command: LogCommand? {
        guard case .command(let command)? = try? LogEntry.Payload.decoded(entry.payload) else {
            return nil
        }
        return command
    }
}

extension SetAsideWrite: ByteCodable {
    var encodedSize: Int { index.encodedSize + entry.encodedSize }
    func encode(into writer: inout ByteWriter) {
        index.encode(into: &writer)
        entry.encode(into: &writer)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> SetAsideWrite {
        SetAsideWrite(
            index: try LogIndex.decode(from: &reader), entry: try LogEntry.decode(from: &reader))
    }
}

extension [SetAsideWrite] {
    /// How many bytes ``encodeAll(into:)`` appends.
    var allSize: Int {
        reduce(ByteWriter.varintSize(UInt64(count))) { $0 + $1.encodedSize }
    }
    func encodeAll(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(count))
        for write in self { write.encode(into: &writer) }
    }
    static func decodeAll(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> [SetAsideWrite] {
        var result: [SetAsideWrite] = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 3)) {
            result.append(try SetAsideWrite.decode(from: &reader))
        }
        return result
    }
}
