import Determinism

/// What members of a primary-backup group write to their journals.
///
/// The content is the strategy's own affair; the host stores it as bytes.
public struct PrimaryBackupRecord: ByteCodable, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    enum Body: Hashable, Sendable {
        /// The configuration learned, and up to which epoch the member follows no earlier primary.
        case configuration(Configuration, sealed: Term)
        /// The log is cut after this index and goes on with these entries.
        case entries(after: LogIndex, [LogEntry])
        /// Writes that are not in the primary's line were set aside.
        case setAside([SetAsideWrite])
        /// A piece of a checkpoint that stands for everything before; the last one completes it.
        case checkpointPart([UInt8], isLast: Bool)
        /// A record of the failover manager.
        case manager(RaftRecord)
    }

    /// How many bytes the encoding has.
    public var encodedSize: Int {
        switch body {
        case .configuration(let configuration, let sealed):
            1 + configuration.encodedSize + sealed.encodedSize
        case .entries(let index, let entries):
            entries.reduce(
                1 + index.encodedSize + ByteWriter.varintSize(UInt64(entries.count))
            ) { $0 + $1.encodedSize }
        case .setAside(let writes): 1 + writes.allSize
        case .checkpointPart(let bytes, _): 2 + ByteWriter.bytesSize(bytes.count)
        case .manager(let record): 1 + record.encodedSize
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch body {
        case .configuration(let configuration, let sealed):
            writer.writeInteger(UInt8(1))
            configuration.encode(into: &writer)
            sealed.encode(into: &writer)
        case .entries(let index, let entries):
            writer.writeInteger(UInt8(2))
            index.encode(into: &writer)
            writer.writeVarint(UInt64(entries.count))
            for entry in entries { entry.encode(into: &writer) }
        case .setAside(let writes):
            writer.writeInteger(UInt8(3))
            writes.encodeAll(into: &writer)
        case .checkpointPart(let bytes, let isLast):
            writer.writeInteger(UInt8(4))
            writer.writeBool(isLast)
            writer.writeBytes(bytes)
        case .manager(let record):
            writer.writeInteger(UInt8(5))
            record.encode(into: &writer)
        }
    }

    /// Takes one from the front of `reader`; throws if the bytes have another form.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> PrimaryBackupRecord {
        switch try reader.readInteger(UInt8.self) {
        case 1:
            let configuration = try Configuration.decode(from: &reader)
            return PrimaryBackupRecord(
                .configuration(configuration, sealed: try Term.decode(from: &reader)))
        case 2:
            let index = try LogIndex.decode(from: &reader)
            let count = try reader.readCount(limit: reader.remaining / 3)
            var entries: [LogEntry] = []
            entries.reserveCapacity(count)
            for _ in 0..<count { entries.append(try LogEntry.decode(from: &reader)) }
            return PrimaryBackupRecord(.entries(after: index, entries))
        case 3:
            return PrimaryBackupRecord(.setAside(try [SetAsideWrite].decodeAll(from: &reader)))
        case 4:
            let isLast = try reader.readBool()
            return PrimaryBackupRecord(.checkpointPart(try reader.readBytes(), isLast: isLast))
        case 5: return PrimaryBackupRecord(.manager(try RaftRecord.decode(from: &reader)))
        case let tag: throw MalformedBytes("primary-backup record \(tag) is unknown")
        }
    }
}
