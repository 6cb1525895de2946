import Determinism

/// What a token says of its session. The machine makes and reads claims; a process signs them with
/// its region's key and verifies them, so that nothing in the machine rests on cryptography.
public struct SessionClaims: Hashable, Sendable {
    /// What the token is for.
    public var kind: Kind
    /// The session.
    public var session: String
    /// Whose it is.
    public var user: String
    /// The region that opened the session and is the first to know it.
    public var region: RegionID
    /// When the token was made, by the wall clock of the node that made it.
    public var issued: WallTime
    /// When the token is over, by the same clock.
    public var expires: WallTime
    /// How often the session had been refreshed when the token was made.
    public var generation: UInt64

    /// What a token is for. The numbers are part of the protocol.
    public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        /// Shows who the user is.
        case access = 1
        /// Gives new tokens.
        case refresh = 2

        /// The name in tokens.
        public var name: String {
            switch self {
            case .access: "access"
            case .refresh: "refresh"
            }
        }
    }

    /// Names the token among all of a run (`jti`).
    public var identifier: String { "\(session).\(generation).\(kind.name)" }

    /// Claims with these parts.
    public init(
        kind: Kind, session: String, user: String, region: RegionID, issued: WallTime,
        expires: WallTime, generation: UInt64
    ) {
        self.kind = kind
        self.session = session
        self.user = user
        self.region = region
        self.issued = issued
        self.expires = expires
        self.generation = generation
    }
}

extension SessionClaims: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        19 + ByteWriter.bytesSize(session.utf8.count) + ByteWriter.bytesSize(user.utf8.count)
            + ByteWriter.varintSize(generation)
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(kind.rawValue)
        writer.writeString(session)
        writer.writeString(user)
        writer.writeInteger(region.index)
        writer.writeInteger(issued.nanosecondsSince1970)
        writer.writeInteger(expires.nanosecondsSince1970)
        writer.writeVarint(generation)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionClaims {
        let number: UInt8 = try reader.readInteger()
        guard let kind = Kind(rawValue: number) else {
            throw MalformedBytes("token kind \(number) is unknown")
        }
        return SessionClaims(
            kind: kind, session: try reader.readString(limit: Limits.sessionTextBytesMax),
            user: try reader.readString(limit: Limits.sessionTextBytesMax),
            region: RegionID(index: try reader.readInteger()),
            issued: WallTime(nanosecondsSince1970: try reader.readInteger()),
            expires: WallTime(nanosecondsSince1970: try reader.readInteger()),
            generation: try reader.readVarint())
    }
}
