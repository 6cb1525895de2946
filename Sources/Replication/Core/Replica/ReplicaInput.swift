/// What happened to a replica.
public enum ReplicaInput<Message: ReplicaMessage>: Sendable {
    /// The replica is restored and connected to its world; timers may start.
    case start
    /// Another member's message arrived.
    case message(Message, from: MemberID)
    /// A client asks; answer with a reply to the handle, exactly once.
    case request(ClientRequest, RequestHandle)
    /// An administrator asks; answer with a reply to the handle, exactly once.
    case administer(Administration, RequestHandle)
    /// Every record up to this position is durable.
    case durable(JournalPosition)
    /// ``Replica/nextWake`` has come.
    case wake
    /// A connection to the member was opened or reopened: what was sent before may be lost.
    case connected(MemberID)
    /// The connection to the member was reset: what was under way is lost.
    case disconnected(MemberID)
}

/// Identifies a request within its node until it is answered.
public struct RequestHandle: Hashable, Sendable {
    /// The connection that the request came in on.
    public var connection: UInt64
    /// The request's number on that connection.
    public var request: UInt64

    /// The request numbered `request` of `connection`.
    @inlinable
    public init(connection: UInt64, request: UInt64) {
        self.connection = connection
        self.request = request
    }
}

/// What an administrator can ask of a group.
public enum Administration: Hashable, Sendable {
    /// Hand leadership to a node of this region.
    case transferLeader(to: RegionID)
    /// Add a member that only listens.
    case addLearner(MemberID)
    /// Make a learner count.
    case promote(MemberID)
    /// Remove a member.
    case remove(MemberID)
}
