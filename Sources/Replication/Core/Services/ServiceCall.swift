import Determinism

/// What a client asks of a service.
public enum ServiceCall: Hashable, Sendable {
    /// Of the sessions.
    case session(SessionRequest)

    /// The service that is asked.
    public var service: ServiceID {
        switch self {
        case .session: .sessions
        }
    }

    /// The request without its arguments.
    public var kind: OperationKind {
        switch self {
        case .session(let request): request.kind
        }
    }
}

/// What a service answers.
public enum ServiceAnswer: Hashable, Sendable {
    /// The sessions.
    case session(SessionReply)
}

extension ServiceCall: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .session(let request): 2 + request.encodedSize
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(service.rawValue)
        switch self {
        case .session(let request): request.encode(into: &writer)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> ServiceCall {
        let number: UInt16 = try reader.readInteger()
        switch ServiceID(rawValue: number) {
        case .sessions: return .session(try SessionRequest.decode(from: &reader))
        case nil: throw MalformedBytes("service \(number) is unknown")
        }
    }
}

extension ServiceAnswer: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .session(let reply): 2 + reply.encodedSize
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .session(let reply):
            writer.writeInteger(ServiceID.sessions.rawValue)
            reply.encode(into: &writer)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ServiceAnswer {
        let number: UInt16 = try reader.readInteger()
        switch ServiceID(rawValue: number) {
        case .sessions: return .session(try SessionReply.decode(from: &reader))
        case nil: throw MalformedBytes("service \(number) is unknown")
        }
    }
}
