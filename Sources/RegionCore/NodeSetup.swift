import Determinism
import Geography
import Replication

/// What a node starts from.
package struct NodeSetup: Sendable {
    /// Who the node is, in this life.
    package var member: MemberID
    /// Which launch of the node's process this is, from 0: each draws other random numbers.
    package var launch: UInt32
    /// The groups that the node has a part in, and those that it only knows of.
    package var groups: [GroupPlacement]
    /// Expected round trips between the regions.
    package var roundTrips: RoundTripTable
    /// The seed of the run.
    package var seed: UInt64
    /// How fast or slow, as a share, monotonic clocks may run against each other.
    package var clockDriftMax: Double
    /// How far ahead of the own wall clock a received timestamp may be.
    package var wallClockSkewMax: TimeSpan
    /// Whether the node lost its disk and comes back under a new identity.
    package var isRejoining: Bool
    /// Whether notes tell of every write that reaches a replica.
    package var logsReplication = false
    /// The services that the node offers.
    package var services: ServicesSetup

    /// A setup with these parts.
    package init(
        member: MemberID, launch: UInt32 = 0, groups: [GroupPlacement], roundTrips: RoundTripTable,
        seed: UInt64,
        clockDriftMax: Double = 0.001, wallClockSkewMax: TimeSpan = .seconds(60),
        isRejoining: Bool = false, services: ServicesSetup = ServicesSetup()
    ) {
        self.member = member
        self.launch = launch
        self.groups = groups
        self.roundTrips = roundTrips
        self.seed = seed
        self.clockDriftMax = clockDriftMax
        self.wallClockSkewMax = wallClockSkewMax
        self.isRejoining = isRejoining
        self.services = services
    }
}

/// A replication group and where it lives. Its identity is its position in ``NodeSetup/groups``.
package struct GroupPlacement: Hashable, Sendable {
    /// The name of the data type.
    package var name: String
    /// The name of the strategy.
    package var strategy: String
    /// The options that the scenario gave.
    package var options: StrategyOptions
    /// The founding members that count, in order of identity.
    package var voters: [MemberID]
    /// The founding members that only listen, in order of identity.
    package var learners: [MemberID]
    /// The nodes that are no members but may become so: they run a replica that waits.
    package var candidates: [NodeID]
    /// The type of the group's values.
    package var valueType: ValueType
    /// How urgent the group's messages are on a narrow link.
    package var priority: TrafficPriority

    /// A placement with these parts.
    package init(
        name: String, strategy: String, options: StrategyOptions, voters: [MemberID],
        learners: [MemberID] = [], candidates: [NodeID] = [], valueType: ValueType = .register,
        priority: TrafficPriority = .normal
    ) {
        self.name = name
        self.strategy = strategy
        self.options = options
        self.voters = voters
        self.learners = learners
        self.candidates = candidates
        self.valueType = valueType
        self.priority = priority
    }

    /// Whether a node runs a replica: it founded the group, takes the place of a life of its that
    /// did, or may become a member.
    package func includes(_ node: NodeID) -> Bool {
        voters.contains { $0.node == node } || learners.contains { $0.node == node }
            || candidates.contains(node)
    }
}
