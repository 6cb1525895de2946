import Determinism

extension PrimaryBackupMessage {
    /// How many bytes the encoding has.
    public var encodedSize: Int {
        switch body {
        case .manager(let message): 1 + message.encodedSize
        case .beat(let beat):
            2 + ByteWriter.varintSize(beat.sent) + beat.epoch.encodedSize
        case .decided(let decision):
            3 + decision.configuration.encodedSize
                + (decision.beat.map { ByteWriter.varintSize($0) } ?? 0)
        case .seal(let epoch): 1 + epoch.encodedSize
        case .sealed(let epoch, let lastEpoch, let lastIndex):
            1 + epoch.encodedSize + lastEpoch.encodedSize + lastIndex.encodedSize
        case .ask(let configuration), .superseded(let configuration):
            1 + configuration.encodedSize
        case .position(let position):
            1 + position.epoch.encodedSize + position.lastIndex.encodedSize
                + position.applied.encodedSize + position.history.encodedSize
        case .append(let request):
            request.entries.reduce(
                1 + request.epoch.encodedSize + request.previousIndex.encodedSize
                    + request.previousEpoch.encodedSize
                    + ByteWriter.varintSize(UInt64(request.entries.count))
            ) { $0 + $1.encodedSize }
        case .appended(let epoch, let index): 1 + epoch.encodedSize + index.encodedSize
        case .copy(let piece):
            1 + piece.epoch.encodedSize + piece.through.encodedSize + piece.fork.encodedSize
                + ByteWriter.varintSize(piece.totalBytes) + ByteWriter.varintSize(piece.offset)
                + ByteWriter.bytesSize(piece.bytes.count)
        case .copied(let epoch, let through, let offset):
            1 + epoch.encodedSize + through.encodedSize + ByteWriter.varintSize(offset)
        case .join: 1
        case .admit(_, let epoch), .handOver(_, let epoch): 9 + epoch.encodedSize
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
        switch body {
        case .manager(let message):
            writer.writeInteger(UInt8(1))
            message.encode(into: &writer)
        case .beat(let beat):
            writer.writeInteger(UInt8(2))
            writer.writeVarint(beat.sent)
            beat.epoch.encode(into: &writer)
            writer.writeBool(beat.isPrimary)
        case .decided(let decision):
            writer.writeInteger(UInt8(3))
            decision.configuration.encode(into: &writer)
            writer.writeBool(decision.beat != nil)
            if let beat = decision.beat { writer.writeVarint(beat) }
            writer.writeBool(decision.isLease)
        case .seal(let epoch):
            writer.writeInteger(UInt8(4))
            epoch.encode(into: &writer)
        case .sealed(let epoch, let lastEpoch, let lastIndex):
            writer.writeInteger(UInt8(5))
            epoch.encode(into: &writer)
            lastEpoch.encode(into: &writer)
            lastIndex.encode(into: &writer)
        case .ask(let configuration):
            writer.writeInteger(UInt8(6))
            configuration.encode(into: &writer)
        case .position(let position):
            writer.writeInteger(UInt8(7))
            position.epoch.encode(into: &writer)
            position.lastIndex.encode(into: &writer)
            position.applied.encode(into: &writer)
            position.history.encode(into: &writer)
        case .append(let request):
            writer.writeInteger(UInt8(8))
            request.epoch.encode(into: &writer)
            request.previousIndex.encode(into: &writer)
            request.previousEpoch.encode(into: &writer)
            writer.writeVarint(UInt64(request.entries.count))
            for entry in request.entries { entry.encode(into: &writer) }
        case .appended(let epoch, let index):
            writer.writeInteger(UInt8(9))
            epoch.encode(into: &writer)
            index.encode(into: &writer)
        case .copy(let piece):
            writer.writeInteger(UInt8(10))
            piece.epoch.encode(into: &writer)
            piece.through.encode(into: &writer)
            piece.fork.encode(into: &writer)
            writer.writeVarint(piece.totalBytes)
            writer.writeVarint(piece.offset)
            writer.writeBytes(piece.bytes)
        case .copied(let epoch, let through, let offset):
            writer.writeInteger(UInt8(11))
            epoch.encode(into: &writer)
            through.encode(into: &writer)
            writer.writeVarint(offset)
        case .superseded(let configuration):
            writer.writeInteger(UInt8(12))
            configuration.encode(into: &writer)
        case .join: writer.writeInteger(UInt8(13))
        case .admit(let member, let epoch):
            writer.writeInteger(UInt8(14))
            member.encode(into: &writer)
            epoch.encode(into: &writer)
        case .handOver(let member, let epoch):
            writer.writeInteger(UInt8(15))
            member.encode(into: &writer)
            epoch.encode(into: &writer)
        case .forward(let number, let request):
            writer.writeInteger(UInt8(16))
            writer.writeVarint(number)
            request.encode(into: &writer)
        case .forwardAdministration(let number, let command):
            writer.writeInteger(UInt8(17))
            writer.writeVarint(number)
            command.encode(into: &writer)
        case .forwardReply(let number, let reply):
            writer.writeInteger(UInt8(18))
            writer.writeVarint(number)
            reply.encode(into: &writer)
        }
    }

    /// Takes one from the front of `reader`; throws if the bytes have another form.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> PrimaryBackupMessage {
        PrimaryBackupMessage(try decodeBody(&reader))
    }

    private static func decodeBody(_ reader: inout ByteReader) throws(MalformedBytes) -> Body {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .manager(try RaftMessage.decode(from: &reader))
        case 2:
            let sent = try reader.readVarint()
            let epoch = try Term.decode(from: &reader)
            return .beat(Beat(sent: sent, epoch: epoch, isPrimary: try reader.readBool()))
        case 3:
            let configuration = try Configuration.decode(from: &reader)
            let beat = try reader.readBool() ? try reader.readVarint() : nil
            return .decided(
                Decision(
                    configuration: configuration, beat: beat, isLease: try reader.readBool()))
        case 4: return .seal(try Term.decode(from: &reader))
        case 5:
            let epoch = try Term.decode(from: &reader)
            let lastEpoch = try Term.decode(from: &reader)
            return .sealed(
                epoch, lastEpoch: lastEpoch, lastIndex: try LogIndex.decode(from: &reader))
        case 6: return .ask(try Configuration.decode(from: &reader))
        case 7:
            let epoch = try Term.decode(from: &reader)
            let lastIndex = try LogIndex.decode(from: &reader)
            let applied = try LogIndex.decode(from: &reader)
            return .position(
                Position(
                    epoch: epoch, lastIndex: lastIndex, applied: applied,
                    history: try EpochHistory.decode(from: &reader)))
        case 8: return .append(try decodeExtension(&reader))
        case 9:
            let epoch = try Term.decode(from: &reader)
            return .appended(epoch, try LogIndex.decode(from: &reader))
        case 10: return .copy(try decodePiece(&reader))
        case 11:
            let epoch = try Term.decode(from: &reader)
            let through = try LogIndex.decode(from: &reader)
            return .copied(epoch, through: through, nextOffset: try reader.readVarint())
        case 12: return .superseded(try Configuration.decode(from: &reader))
        case 13: return .join
        case 14:
            let member = try MemberID.decode(from: &reader)
            return .admit(member, epoch: try Term.decode(from: &reader))
        case 15:
            let member = try MemberID.decode(from: &reader)
            return .handOver(to: member, epoch: try Term.decode(from: &reader))
        case 16:
            let number = try reader.readVarint()
            return .forward(number, try ClientRequest.decode(from: &reader))
        case 17:
            let number = try reader.readVarint()
            return .forwardAdministration(number, try Administration.decode(from: &reader))
        case 18:
            let number = try reader.readVarint()
            return .forwardReply(number, try ClientReply.decode(from: &reader))
        case let tag: throw MalformedBytes("primary-backup message \(tag) is unknown")
        }
    }

    private static func decodeExtension(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> Extension {
        let epoch = try Term.decode(from: &reader)
        let previousIndex = try LogIndex.decode(from: &reader)
        let previousEpoch = try Term.decode(from: &reader)
        let count = try reader.readCount(limit: reader.remaining / 3)
        var entries: [LogEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try LogEntry.decode(from: &reader)) }
        return Extension(
            epoch: epoch, previousIndex: previousIndex, previousEpoch: previousEpoch,
            entries: entries)
    }

    private static func decodePiece(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> CopyPiece {
        let epoch = try Term.decode(from: &reader)
        let through = try LogIndex.decode(from: &reader)
        let fork = try LogIndex.decode(from: &reader)
        let totalBytes = try reader.readVarint()
        let offset = try reader.readVarint()
        return CopyPiece(
            epoch: epoch, through: through, fork: fork, totalBytes: totalBytes, offset: offset,
            bytes: try reader.readBytes())
    }
}
