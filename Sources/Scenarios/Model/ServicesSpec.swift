import Determinism
import Replication

/// The services that the regions offer beside their data types: a scenario's `services:` section.
public struct ServicesSpec: Hashable, Sendable {
    /// Global sessions; `nil`: not offered.
    public var sessions: SessionsSpec?

    /// These services; none by default.
    public init(sessions: SessionsSpec? = nil) { self.sessions = sessions }

    /// Whether there is none.
    public var isEmpty: Bool { sessions == nil }
}

/// Global sessions: `services.sessions`.
public struct SessionsSpec: Hashable, Sendable {
    /// The data type that keeps them, which is theirs alone.
    public var dataType: GroupID
    /// How long a session lasts from its login on, where its region has no policy of its own.
    public var duration: TimeSpan
    /// How long an access token lasts; `nil`: ``standardAccess``, or as long as the session if that
    /// is shorter.
    public var access: TimeSpan?
    /// Whether a node keeps the sessions that it found in other regions.
    public var cache: Bool
    /// How long other regions may take to answer.
    public var lookupTimeout: TimeSpan
    /// What regions do differently with the sessions that they open.
    public var policies: [RegionID: Policy]

    /// What one region does differently; `nil` parts are as elsewhere.
    public struct Policy: Hashable, Sendable {
        /// How long a session lasts.
        public var duration: TimeSpan?
        /// How long an access token lasts.
        public var access: TimeSpan?

        /// A policy with these parts.
        public init(duration: TimeSpan? = nil, access: TimeSpan? = nil) {
            self.duration = duration
            self.access = access
        }
    }

    /// How long an access token lasts where nothing is said.
    public static let standardAccess = TimeSpan.seconds(300)

    /// Sessions with these properties; the defaults are those of the scenario format.
    public init(
        dataType: GroupID, duration: TimeSpan = .seconds(1800), access: TimeSpan? = nil,
        cache: Bool = true, lookupTimeout: TimeSpan = .milliseconds(500),
        policies: [RegionID: Policy] = [:]
    ) {
        self.dataType = dataType
        self.duration = duration
        self.access = access
        self.cache = cache
        self.lookupTimeout = lookupTimeout
        self.policies = policies
    }

    /// How long a session that `region` opens lasts.
    public func duration(in region: RegionID) -> TimeSpan { policies[region]?.duration ?? duration }

    /// How long an access token that `region` gives lasts.
    public func access(in region: RegionID) -> TimeSpan {
        policies[region]?.access ?? access ?? min(Self.standardAccess, duration(in: region))
    }
}

/// What clients do with sessions: a workload's `sessions:`.
public struct SessionLoadSpec: Hashable, Sendable {
    /// How many users log in, each as likely as the others.
    public var users: Int
    /// The share of requests about a session that was opened beside another region, 0 to 1.
    public var roaming: Double
    /// The share of validations that show the token of a session that was ended, 0 to 1.
    public var revoked: Double
    /// The share of validations that show a token whose time is over, 0 to 1.
    public var expired: Double

    /// A load with these properties; the defaults are those of the scenario format.
    public init(
        users: Int = 1_000, roaming: Double = 0.1, revoked: Double = 0.02, expired: Double = 0.02
    ) {
        self.users = users
        self.roaming = roaming
        self.revoked = revoked
        self.expired = expired
    }
}
