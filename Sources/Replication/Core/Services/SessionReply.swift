import Determinism

/// What a region's sessions answer.
public enum SessionReply: Hashable, Sendable {
    /// A login or refresh: the session with its new tokens.
    case granted(SessionGrant)
    /// A validation: the session holds.
    case valid(SessionSight)
    /// A logout: the session is ended, durably as far as its strategy promises.
    case ended
    /// The user's sessions that are not ended and not expired, sorted by name; of a request to end
    /// all, those that it ended. `silent`: the regions that did not say which they know.
    case sessions([SessionSummary], silent: [RegionID])
    /// A definite no.
    case rejected(SessionRejection, String)
}

/// Why a session or a token is not accepted: a definite answer. The numbers are part of the protocol.
public enum SessionRejection: UInt8, CaseIterable, Hashable, Sendable {
    /// No region knows the session.
    case unknown = 1
    /// The session's time is over, by the wall clock of the node that says so.
    case expired = 2
    /// The session was ended.
    case revoked = 3
    /// The token's time is over, by the wall clock of the node that says so.
    case tokenExpired = 4
    /// A refresh token that was used before.
    case superseded = 5
    /// No token of this run: forged, damaged, signed with a foreign key, or of the wrong kind.
    case forged = 6

    /// The name in histories: lower case with hyphens.
    public var name: String {
        switch self {
        case .unknown: "unknown-session"
        case .expired: "session-over"
        case .revoked: "session-revoked"
        case .tokenExpired: "token-expired"
        case .superseded: "token-superseded"
        case .forged: "token-forged"
        }
    }
}

/// A session as a login or refresh gives it.
public struct SessionGrant: Hashable, Sendable {
    /// The session.
    public var session: String
    /// Shows who the user is, for as long as ``accessDuration``.
    public var access: [UInt8]
    /// Gives new tokens, once, as long as the session lasts.
    public var refresh: [UInt8]
    /// How long the session lasts from now on, by the node's wall clock.
    public var duration: TimeSpan
    /// How long the access token lasts.
    public var accessDuration: TimeSpan

    /// A grant with these parts.
    public init(
        session: String, access: [UInt8], refresh: [UInt8], duration: TimeSpan,
        accessDuration: TimeSpan
    ) {
        self.session = session
        self.access = access
        self.refresh = refresh
        self.duration = duration
        self.accessDuration = accessDuration
    }
}

/// A session that holds, as a node sees it.
public struct SessionSight: Hashable, Sendable {
    /// The session.
    public var session: String
    /// Whose it is.
    public var user: String
    /// Where it was opened.
    public var region: RegionID
    /// When it is over, by the wall clock of the node that opened it.
    public var expires: WallTime
    /// Where the node found it.
    public var source: Source

    /// Where a node found a session. The numbers are part of the protocol.
    public enum Source: UInt8, CaseIterable, Hashable, Sendable {
        /// In its own region: its own replica, or that of another node there.
        case local = 1
        /// Among those that it once asked other nodes for.
        case cache = 2
        /// In another region.
        case remote = 3

        /// The name in histories.
        public var name: String {
            switch self {
            case .local: "local"
            case .cache: "cache"
            case .remote: "remote"
            }
        }
    }

    /// A sight with these parts.
    public init(
        session: String, user: String, region: RegionID, expires: WallTime, source: Source
    ) {
        self.session = session
        self.user = user
        self.region = region
        self.expires = expires
        self.source = source
    }
}

/// One of a user's sessions.
public struct SessionSummary: Hashable, Sendable {
    /// The session.
    public var session: String
    /// When it is over, by the wall clock of the node that opened it.
    public var expires: WallTime
    /// Whether it was ended.
    public var isRevoked: Bool

    /// A summary with these parts.
    public init(session: String, expires: WallTime, isRevoked: Bool) {
        self.session = session
        self.expires = expires
        self.isRevoked = isRevoked
    }
}
