import Determinism

/// What a client asks of the sessions that a region offers.
///
/// Tokens are what the node gave the client. Between clients and processes they are JSON Web
/// Tokens, which the host verifies and replaces by their claims before the machine sees them; in
/// virtual time they are the claims' encoding itself: see ``SessionClaims``.
public enum SessionRequest: Hashable, Sendable {
    /// Opens a session for a user. A repeat, with the client and sequence of the first, opens none.
    case login(user: String, device: String, address: String)
    /// Asks whether an access token's session holds.
    case validate(token: [UInt8])
    /// Asks for new tokens in return for a refresh token.
    case refresh(token: [UInt8])
    /// Ends the session of an access or refresh token.
    case logout(token: [UInt8])
    /// Asks for all sessions of an access token's user.
    case list(token: [UInt8])
    /// Ends all sessions of an access token's user.
    case endAll(token: [UInt8])

    /// The request without its arguments.
    public var kind: OperationKind {
        switch self {
        case .login: .login
        case .validate: .validate
        case .refresh: .refresh
        case .logout: .logout
        case .list: .listSessions
        case .endAll: .endSessions
        }
    }

    /// The token that it shows, if any.
    public var token: [UInt8]? {
        switch self {
        case .login: nil
        case .validate(let token), .refresh(let token), .logout(let token), .list(let token),
            .endAll(let token):
            token
        }
    }

    /// The same request with another token; a login has none.
    public func showing(_ token: [UInt8]) -> SessionRequest {
        switch self {
        case .login: self
        case .validate: .validate(token: token)
        case .refresh: .refresh(token: token)
        case .logout: .logout(token: token)
        case .list: .list(token: token)
        case .endAll: .endAll(token: token)
        }
    }

    /// The name of the session that a login opens: the same for every repeat of it.
    public static func session(of client: ClientID, sequence: UInt64) -> String {
        "\(client.rawValue)-\(sequence)"
    }
}

extension SessionRequest: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .login(let user, let device, let address):
            1
                + [user, device, address].reduce(0) { $0 + ByteWriter.bytesSize($1.utf8.count) }
        case .validate(let token), .refresh(let token), .logout(let token), .list(let token),
            .endAll(let token):
            1 + ByteWriter.bytesSize(token.count)
        }
    }

    private var tag: UInt8 {
        switch self {
        case .login: 1
        case .validate: 2
        case .refresh: 3
        case .logout: 4
        case .list: 5
        case .endAll: 6
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(tag)
        switch self {
        case .login(let user, let device, let address):
            writer.writeString(user)
            writer.writeString(device)
            writer.writeString(address)
        case .validate(let token), .refresh(let token), .logout(let token), .list(let token),
            .endAll(let token):
            writer.writeBytes(token)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> SessionRequest {
        let tag: UInt8 = try reader.readInteger()
        if tag == 1 {
            let limit = Limits.sessionTextBytesMax
            return .login(
                user: try reader.readString(limit: limit),
                device: try reader.readString(limit: limit),
                address: try reader.readString(limit: limit))
        }
        guard (2...6).contains(tag) else {
            throw MalformedBytes("session request \(tag) is unknown")
        }
        let token = try reader.readBytes(limit: Limits.sessionTokenBytesMax)
        switch tag {
        case 2: return .validate(token: token)
        case 3: return .refresh(token: token)
        case 4: return .logout(token: token)
        case 5: return .list(token: token)
        case _: return .endAll(token: token)
        }
    }
}
