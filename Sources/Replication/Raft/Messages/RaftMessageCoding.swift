import Determinism

extension RaftMessage {
    /// The most entries of one message.
    static let entriesMax = 65_536

    /// How many bytes the encoding has.
    public var encodedSize: Int {
        switch body {
        case .vote(let request):
            3 + request.term.encodedSize + request.lastIndex.encodedSize
                + request.lastTerm.encodedSize
        case .voteReply(let reply): 3 + reply.term.encodedSize
        case .append(let request):
            request.entries.reduce(
                1 + request.term.encodedSize + request.previousIndex.encodedSize
                    + request.previousTerm.encodedSize + request.commitIndex.encodedSize
                    + ByteWriter.varintSize(UInt64(request.entries.count))
            ) { $0 + $1.encodedSize }
        case .appendReply(let reply):
            switch reply.result {
            case .matched(let index): 2 + reply.term.encodedSize + index.encodedSize
            case .rejected(let previous, let hintIndex, let hintTerm):
                2 + reply.term.encodedSize + previous.encodedSize + hintIndex.encodedSize
                    + hintTerm.encodedSize
            }
        case .heartbeat(let heartbeat):
            2 + heartbeat.term.encodedSize + heartbeat.commitIndex.encodedSize
                + ByteWriter.varintSize(heartbeat.round)
        case .heartbeatReply(let reply):
            2 + reply.term.encodedSize + ByteWriter.varintSize(reply.round)
        case .snapshot(let chunk):
            1 + chunk.term.encodedSize + chunk.lastIndex.encodedSize
                + chunk.lastTerm.encodedSize + ByteWriter.varintSize(chunk.totalBytes)
                + ByteWriter.varintSize(chunk.offset) + ByteWriter.bytesSize(chunk.bytes.count)
        case .snapshotReply(let reply):
            2 + reply.term.encodedSize + reply.lastIndex.encodedSize
                + ByteWriter.varintSize(reply.nextOffset)
        case .timeoutNow(let term): 1 + term.encodedSize
        case .join(let member): 1 + member.encodedSize
        case .forward(let number, let request):
            1 + ByteWriter.varintSize(number) + request.encodedSize
        case .forwardAdministration(let number, let command):
            1 + ByteWriter.varintSize(number) + command.encodedSize
        case .forwardReply(let number, let reply):
            1 + ByteWriter.varintSize(number) + reply.encodedSize
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(tag)
        switch body {
        case .vote(let request):
            request.term.encode(into: &writer)
            request.lastIndex.encode(into: &writer)
            request.lastTerm.encode(into: &writer)
            writer.writeBool(request.isPreVote)
            writer.writeBool(request.isTransfer)
        case .voteReply(let reply):
            reply.term.encode(into: &writer)
            writer.writeBool(reply.isPreVote)
            writer.writeBool(reply.isGranted)
        case .append(let request):
            request.term.encode(into: &writer)
            request.previousIndex.encode(into: &writer)
            request.previousTerm.encode(into: &writer)
            request.commitIndex.encode(into: &writer)
            writer.writeVarint(UInt64(request.entries.count))
            for entry in request.entries { entry.encode(into: &writer) }
        case .appendReply(let reply):
            reply.term.encode(into: &writer)
            switch reply.result {
            case .matched(let index):
                writer.writeBool(true)
                index.encode(into: &writer)
            case .rejected(let previous, let hintIndex, let hintTerm):
                writer.writeBool(false)
                previous.encode(into: &writer)
                hintIndex.encode(into: &writer)
                hintTerm.encode(into: &writer)
            }
        case .heartbeat(let heartbeat):
            heartbeat.term.encode(into: &writer)
            heartbeat.commitIndex.encode(into: &writer)
            writer.writeVarint(heartbeat.round)
            writer.writeBool(heartbeat.confirmsReads)
        case .heartbeatReply(let reply):
            reply.term.encode(into: &writer)
            writer.writeVarint(reply.round)
            writer.writeBool(reply.confirmsReads)
        case .snapshot(let chunk):
            chunk.term.encode(into: &writer)
            chunk.lastIndex.encode(into: &writer)
            chunk.lastTerm.encode(into: &writer)
            writer.writeVarint(chunk.totalBytes)
            writer.writeVarint(chunk.offset)
            writer.writeBytes(chunk.bytes)
        case .snapshotReply(let reply):
            reply.term.encode(into: &writer)
            reply.lastIndex.encode(into: &writer)
            writer.writeVarint(reply.nextOffset)
            writer.writeBool(reply.isGap)
        case .timeoutNow(let term): term.encode(into: &writer)
        case .join(let member): member.encode(into: &writer)
        case .forward(let number, let request):
            writer.writeVarint(number)
            request.encode(into: &writer)
        case .forwardAdministration(let number, let command):
            writer.writeVarint(number)
            command.encode(into: &writer)
        case .forwardReply(let number, let reply):
            writer.writeVarint(number)
            reply.encode(into: &writer)
        }
    }

    private var tag: UInt8 {
        switch body {
        case .vote: 1
        case .voteReply: 2
        case .append: 3
        case .appendReply: 4
        case .heartbeat: 5
        case .heartbeatReply: 6
        case .snapshot: 7
        case .snapshotReply: 8
        case .timeoutNow: 9
        case .join: 10
        case .forward: 11
        case .forwardAdministration: 12
        case .forwardReply: 13
        }
    }

    /// Takes one from the front of `reader`; throws if the bytes have another form.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> RaftMessage {
        switch try reader.readInteger(UInt8.self) {
        case 1: return RaftMessage(.vote(try decodeVote(&reader)))
        case 2:
            let term = try Term.decode(from: &reader)
            let isPreVote = try reader.readBool()
            return RaftMessage(
                .voteReply(
                    VoteReply(
                        term: term, isPreVote: isPreVote, isGranted: try reader.readBool())))
        case 3: return RaftMessage(.append(try decodeAppend(&reader)))
        case 4: return RaftMessage(.appendReply(try decodeAppendReply(&reader)))
        case 5:
            let term = try Term.decode(from: &reader)
            let commitIndex = try LogIndex.decode(from: &reader)
            let round = try decodeNumber(&reader)
            return RaftMessage(
                .heartbeat(
                    Heartbeat(
                        term: term, commitIndex: commitIndex, round: round,
                        confirmsReads: try reader.readBool())))
        case 6:
            let term = try Term.decode(from: &reader)
            let round = try decodeNumber(&reader)
            return RaftMessage(
                .heartbeatReply(
                    HeartbeatReply(
                        term: term, round: round, confirmsReads: try reader.readBool())))
        case 7: return RaftMessage(.snapshot(try decodeChunk(&reader)))
        case 8:
            let term = try Term.decode(from: &reader)
            let lastIndex = try LogIndex.decode(from: &reader)
            let nextOffset = try decodeNumber(&reader)
            return RaftMessage(
                .snapshotReply(
                    SnapshotReply(
                        term: term, lastIndex: lastIndex, nextOffset: nextOffset,
                        isGap: try reader.readBool())))
        case 9: return RaftMessage(.timeoutNow(try Term.decode(from: &reader)))
        case 10: return RaftMessage(.join(try MemberID.decode(from: &reader)))
        case 11:
            let number = try reader.readVarint()
            return RaftMessage(.forward(number, try ClientRequest.decode(from: &reader)))
        case 12:
            let number = try reader.readVarint()
            return RaftMessage(
                .forwardAdministration(number, try Administration.decode(from: &reader)))
        case 13:
            let number = try reader.readVarint()
            return RaftMessage(.forwardReply(number, try ClientReply.decode(from: &reader)))
        case let tag: throw MalformedBytes("raft message \(tag) is unknown")
        }
    }

    private static func decodeNumber(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> UInt64 {
        let number = try reader.readVarint()
        guard number < Term.numberMax else { throw MalformedBytes("a number of \(number)") }
        return number
    }

    private static func decodeVote(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> VoteRequest {
        let term = try Term.decode(from: &reader)
        let lastIndex = try LogIndex.decode(from: &reader)
        let lastTerm = try Term.decode(from: &reader)
        let isPreVote = try reader.readBool()
        return VoteRequest(
            term: term, lastIndex: lastIndex, lastTerm: lastTerm, isPreVote: isPreVote,
            isTransfer: try reader.readBool())
    }

    private static func decodeAppend(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> AppendRequest {
        let term = try Term.decode(from: &reader)
        let previousIndex = try LogIndex.decode(from: &reader)
        let previousTerm = try Term.decode(from: &reader)
        let commitIndex = try LogIndex.decode(from: &reader)
        let count = try reader.readCount(limit: min(entriesMax, reader.remaining / 3))
        var entries: [LogEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try LogEntry.decode(from: &reader)) }
        return AppendRequest(
            term: term, previousIndex: previousIndex, previousTerm: previousTerm,
            commitIndex: commitIndex, entries: entries)
    }

    private static func decodeAppendReply(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> AppendReply {
        let term = try Term.decode(from: &reader)
        if try reader.readBool() {
            return AppendReply(term: term, result: .matched(try LogIndex.decode(from: &reader)))
        }
        let previous = try LogIndex.decode(from: &reader)
        let hintIndex = try LogIndex.decode(from: &reader)
        let hintTerm = try Term.decode(from: &reader)
        return AppendReply(
            term: term,
            result: .rejected(previous: previous, hintIndex: hintIndex, hintTerm: hintTerm))
    }

    private static func decodeChunk(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> SnapshotChunk {
        let term = try Term.decode(from: &reader)
        let lastIndex = try LogIndex.decode(from: &reader)
        let lastTerm = try Term.decode(from: &reader)
        let totalBytes = try decodeNumber(&reader)
        let offset = try decodeNumber(&reader)
        return SnapshotChunk(
            term: term, lastIndex: lastIndex, lastTerm: lastTerm, totalBytes: totalBytes,
            offset: offset, bytes: try reader.readBytes(limit: Limits.snapshotChunkBytes))
    }
}

extension Administration: ByteCodable {
    /// How many bytes the encoding has.
    public var encodedSize: Int {
        switch self {
        case .transferLeader: 3
        case .addLearner, .promote, .remove: 9
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .transferLeader(let region):
            writer.writeInteger(UInt8(1))
            writer.writeInteger(region.index)
        case .addLearner(let member):
            writer.writeInteger(UInt8(2))
            member.encode(into: &writer)
        case .promote(let member):
            writer.writeInteger(UInt8(3))
            member.encode(into: &writer)
        case .remove(let member):
            writer.writeInteger(UInt8(4))
            member.encode(into: &writer)
        }
    }

    /// Takes one from the front of `reader`; throws if the bytes have another form.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> Administration {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .transferLeader(to: RegionID(index: try reader.readInteger()))
        case 2: return .addLearner(try MemberID.decode(from: &reader))
        case 3: return .promote(try MemberID.decode(from: &reader))
        case 4: return .remove(try MemberID.decode(from: &reader))
        case let tag: throw MalformedBytes("administration \(tag) is unknown")
        }
    }
}
