import Determinism

/// What a Raft member writes to its journal.
///
/// The content is the strategy's own affair; the host stores it as bytes.
public struct RaftRecord: ByteCodable, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    /// The records, as they are applied again after a restart.
    enum Body: Hashable, Sendable {
        /// The current term and the vote given in it.
        case hardState(HardState)
        /// The log is cut after this index and goes on with these entries.
        case entries(after: LogIndex, [LogEntry])
        /// A piece of a checkpoint that stands for everything before; the last piece completes
        /// it. A snapshot from the leader is kept so, until the journal has been compacted.
        case checkpointPart([UInt8], isLast: Bool)
    }

    /// How many bytes the encoding has.
    public var encodedSize: Int {
        switch body {
        case .hardState(let state): 1 + state.encodedSize
        case .entries(let index, let entries):
            entries.reduce(
                1 + index.encodedSize + ByteWriter.varintSize(UInt64(entries.count))
            ) { $0 + $1.encodedSize }
        case .checkpointPart(let bytes, _): 2 + ByteWriter.bytesSize(bytes.count)
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch body {
        case .hardState(let state):
            writer.writeInteger(UInt8(1))
            state.encode(into: &writer)
        case .entries(let index, let entries):
            writer.writeInteger(UInt8(2))
            index.encode(into: &writer)
            writer.writeVarint(UInt64(entries.count))
            for entry in entries { entry.encode(into: &writer) }
        case .checkpointPart(let bytes, let isLast):
            writer.writeInteger(UInt8(3))
            writer.writeBool(isLast)
            writer.writeBytes(bytes)
        }
    }

    /// Takes one from the front of `reader`; throws if the bytes have another form.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> RaftRecord {
        switch try reader.readInteger(UInt8.self) {
        case 1: return RaftRecord(.hardState(try HardState.decode(from: &reader)))
        case 2:
            let index = try LogIndex.decode(from: &reader)
            let count = try reader.readCount(limit: reader.remaining / 3)
            var entries: [LogEntry] = []
            entries.reserveCapacity(count)
            for _ in 0..<count { entries.append(try LogEntry.decode(from: &reader)) }
            return RaftRecord(.entries(after: index, entries))
        case 3:
            let isLast = try reader.readBool()
            return RaftRecord(.checkpointPart(try reader.readBytes(), isLast: isLast))
        case let tag: throw MalformedBytes("raft record \(tag) is unknown")
        }
    }
}

/// What a member has promised and must never forget (dissertation, figure 3.1).
struct HardState: Hashable, Sendable {
    /// The latest term that the member has seen.
    var term: Term = .zero
    /// Whom it voted for in that term.
    var vote: MemberID?
}

extension HardState: ByteCodable {
    var encodedSize: Int { 9 + term.encodedSize }
    func encode(into writer: inout ByteWriter) {
        term.encode(into: &writer)
        writer.writeBool(vote != nil)
        writer.writeInteger(vote?.packed ?? 0)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> HardState {
        let term = try Term.decode(from: &reader)
        let hasVote = try reader.readBool()
        let vote = MemberID(packed: try reader.readInteger())
        return HardState(term: term, vote: hasVote ? vote : nil)
    }
}
