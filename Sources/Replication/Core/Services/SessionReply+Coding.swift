import Determinism

extension SessionReply: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .granted(let grant): 1 + grant.encodedSize
        case .valid(let sight):
            1 + ByteWriter.bytesSize(sight.session.utf8.count)
                + ByteWriter.bytesSize(sight.user.utf8.count) + 11
        case .ended: 1
        case .sessions(let sessions, let silent):
            sessions.reduce(
                1 + ByteWriter.varintSize(UInt64(sessions.count))
                    + ByteWriter.varintSize(UInt64(silent.count)) + 2 * silent.count
            ) { $0 + $1.encodedSize }
        case .rejected(_, let message): 2 + ByteWriter.bytesSize(message.utf8.count)
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .granted(let grant):
            writer.writeInteger(UInt8(1))
            grant.encode(into: &writer)
        case .valid(let sight):
            writer.writeInteger(UInt8(2))
            writer.writeString(sight.session)
            writer.writeString(sight.user)
            writer.writeInteger(sight.region.index)
            writer.writeInteger(sight.expires.nanosecondsSince1970)
            writer.writeInteger(sight.source.rawValue)
        case .ended: writer.writeInteger(UInt8(3))
        case .sessions(let sessions, let silent):
            writer.writeInteger(UInt8(4))
            writer.writeVarint(UInt64(sessions.count))
            for session in sessions { session.encode(into: &writer) }
            writer.writeVarint(UInt64(silent.count))
            for region in silent { writer.writeInteger(region.index) }
        case .rejected(let reason, let message):
            writer.writeInteger(UInt8(5))
            writer.writeInteger(reason.rawValue)
            writer.writeString(message)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionReply {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .granted(try SessionGrant.decode(from: &reader))
        case 2:
            let session = try reader.readString(limit: Limits.sessionTextBytesMax)
            let user = try reader.readString(limit: Limits.sessionTextBytesMax)
            let region = RegionID(index: try reader.readInteger())
            let expires = WallTime(nanosecondsSince1970: try reader.readInteger())
            let number: UInt8 = try reader.readInteger()
            guard let source = SessionSight.Source(rawValue: number) else {
                throw MalformedBytes("the source \(number) of a session is unknown")
            }
            return .valid(
                SessionSight(
                    session: session, user: user, region: region, expires: expires, source: source))
        case 3: return .ended
        case 4:
            var sessions: [SessionSummary] = []
            for _ in 0..<(try reader.readCount(limit: Limits.sessionsListedMax)) {
                sessions.append(try SessionSummary.decode(from: &reader))
            }
            var silent: [RegionID] = []
            for _ in 0..<(try reader.readCount(limit: Limits.regionsMax)) {
                silent.append(RegionID(index: try reader.readInteger()))
            }
            return .sessions(sessions, silent: silent)
        case 5:
            let number: UInt8 = try reader.readInteger()
            guard let reason = SessionRejection(rawValue: number) else {
                throw MalformedBytes("the reason \(number) of a rejection is unknown")
            }
            return .rejected(reason, try reader.readString())
        case let tag: throw MalformedBytes("session reply \(tag) is unknown")
        }
    }
}

extension SessionGrant: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        16 + ByteWriter.bytesSize(session.utf8.count) + ByteWriter.bytesSize(access.count)
            + ByteWriter.bytesSize(refresh.count)
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(session)
        writer.writeBytes(access)
        writer.writeBytes(refresh)
        writer.writeInteger(duration.nanoseconds)
        writer.writeInteger(accessDuration.nanoseconds)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionGrant {
        SessionGrant(
            session: try reader.readString(limit: Limits.sessionTextBytesMax),
            access: try reader.readBytes(limit: Limits.sessionTokenBytesMax),
            refresh: try reader.readBytes(limit: Limits.sessionTokenBytesMax),
            duration: TimeSpan(nanoseconds: try reader.readInteger()),
            accessDuration: TimeSpan(nanoseconds: try reader.readInteger()))
    }
}

extension SessionSummary: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 9 + ByteWriter.bytesSize(session.utf8.count) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(session)
        writer.writeInteger(expires.nanosecondsSince1970)
        writer.writeBool(isRevoked)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionSummary {
        SessionSummary(
            session: try reader.readString(limit: Limits.sessionTextBytesMax),
            expires: WallTime(nanosecondsSince1970: try reader.readInteger()),
            isRevoked: try reader.readBool())
    }
}
