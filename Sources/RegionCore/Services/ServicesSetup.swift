import Determinism
import Replication

/// The services that the nodes of a run offer.
package struct ServicesSetup: Hashable, Sendable, Codable {
    /// Global sessions; `nil`: not offered.
    package var sessions: SessionSetup?

    /// These services; none by default.
    package init(sessions: SessionSetup? = nil) { self.sessions = sessions }

    /// Whether there is none.
    package var isEmpty: Bool { sessions == nil }
}

/// What the sessions of a run are like.
package struct SessionSetup: Hashable, Sendable, Codable {
    /// The group that keeps them. It must have a replica on every node.
    package var group: GroupID
    /// The name of each region, for errors, in the order of the regions.
    package var regionNames: [String]
    /// The policy of each region, for sessions opened there, in the order of the regions.
    package var policies: [SessionPolicy]
    /// Whether a node keeps sessions that it found in other regions.
    package var keepsCache: Bool
    /// How long other regions may take to answer.
    package var lookupTimeout: TimeSpan

    /// Sessions with these properties.
    package init(
        group: GroupID, regionNames: [String], policies: [SessionPolicy], keepsCache: Bool = true,
        lookupTimeout: TimeSpan = .milliseconds(500)
    ) {
        self.group = group
        self.regionNames = regionNames
        self.policies = policies
        self.keepsCache = keepsCache
        self.lookupTimeout = lookupTimeout
    }
}

/// How long sessions that a region opens last.
package struct SessionPolicy: Hashable, Sendable, Codable {
    /// From the login to the end, however active the user is.
    package var duration: TimeSpan
    /// How long an access token lasts, at most as long as its session.
    package var access: TimeSpan

    /// A policy with these parts.
    package init(duration: TimeSpan, access: TimeSpan) {
        self.duration = duration
        self.access = access
    }
}
