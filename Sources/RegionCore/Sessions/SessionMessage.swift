import Determinism
import Geography
import Replication

/// What nodes ask each other about sessions.
struct SessionMessage: ReplicaMessage, Hashable {
    enum Body: Hashable, Sendable {
        /// Does your replica have this session?
        case find(String)
        /// What the replica has of it; not `isSure`: it could not tell.
        case found(SessionRecord?, isRevoked: Bool, isSure: Bool)
        /// Which sessions of this user does your replica have?
        case list(String)
        /// Those; not `isSure`: it could not tell.
        case listed([SessionSummary], isSure: Bool)
    }

    /// Ties an answer to its question.
    var number: UInt64
    var body: Body

    init(_ number: UInt64, _ body: Body) {
        self.number = number
        self.body = body
    }

    var kind: MessageKind {
        switch body {
        case .find, .list: .read
        case .found, .listed: .readReply
        }
    }

    var isKeepAlive: Bool { false }

    var summary: String {
        switch body {
        case .find(let session): "do you know session \(session)?"
        case .found(let record, let isRevoked, let isSure):
            !isSure
                ? "cannot tell"
                : isRevoked ? "session ended" : record == nil ? "session unknown" : "session known"
        case .list(let user): "which sessions has \(user)?"
        case .listed(let sessions, let isSure):
            isSure ? "\(sessions.count) sessions" : "cannot tell"
        }
    }
}

extension SessionMessage: ByteCodable {
    var encodedSize: Int {
        let size: Int
        switch body {
        case .find(let text), .list(let text): size = ByteWriter.bytesSize(text.utf8.count)
        case .found(let record, _, _):
            size = 3 + (record.map { ByteWriter.bytesSize($0.bytes.count) } ?? 0)
        case .listed(let sessions, _):
            size = sessions.reduce(1 + ByteWriter.varintSize(UInt64(sessions.count))) {
                $0 + $1.encodedSize
            }
        }
        return ByteWriter.varintSize(number) + 1 + size
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(number)
        switch body {
        case .find(let session):
            writer.writeInteger(UInt8(1))
            writer.writeString(session)
        case .found(let record, let isRevoked, let isSure):
            writer.writeInteger(UInt8(2))
            writer.writeBool(record != nil)
            if let record { writer.writeBytes(record.bytes) }
            writer.writeBool(isRevoked)
            writer.writeBool(isSure)
        case .list(let user):
            writer.writeInteger(UInt8(3))
            writer.writeString(user)
        case .listed(let sessions, let isSure):
            writer.writeInteger(UInt8(4))
            writer.writeVarint(UInt64(sessions.count))
            for session in sessions { session.encode(into: &writer) }
            writer.writeBool(isSure)
        }
    }

    static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionMessage {
        let number = try reader.readVarint()
        let limit = Limits.sessionTextBytesMax
        switch try reader.readInteger(UInt8.self) {
        case 1: return SessionMessage(number, .find(try reader.readString(limit: limit)))
        case 2:
            var record: SessionRecord?
            if try reader.readBool() {
                record = SessionRecord(try reader.readBytes(limit: 8 * limit))
                if record == nil { throw MalformedBytes("a session that cannot be read") }
            }
            return SessionMessage(
                number,
                .found(record, isRevoked: try reader.readBool(), isSure: try reader.readBool()))
        case 3: return SessionMessage(number, .list(try reader.readString(limit: limit)))
        case 4:
            var sessions: [SessionSummary] = []
            for _ in 0..<(try reader.readCount(limit: Limits.sessionsListedMax)) {
                sessions.append(try SessionSummary.decode(from: &reader))
            }
            return SessionMessage(number, .listed(sessions, isSure: try reader.readBool()))
        case let tag: throw MalformedBytes("session message \(tag) is unknown")
        }
    }
}
