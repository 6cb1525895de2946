import Determinism

/// What a replica starts from.
public struct GroupSetup: Sendable {
    /// The group.
    public var group: GroupID
    /// This member.
    public var member: MemberID
    /// The founding members that count, in order of identity. A member that rejoins is not
    /// among them under its new identity.
    public var voters: [MemberID]
    /// The founding members that only listen, in order of identity.
    public var learners: [MemberID]
    /// The type of all values of the group.
    public var valueType: ValueType
    /// Expected round trips between the nodes.
    public var roundTrips: RoundTripTable
    /// The replica's own random numbers.
    public var random: RandomStream
    /// How fast or slow, as a share, monotonic clocks may run against each other (0.001: 1 ‰).
    public var clockDriftMax: Double
    /// How far ahead of the own wall clock a received timestamp may be.
    public var wallClockSkewMax: TimeSpan
    /// Whether the node lost its disk and comes back under a new identity.
    public var isRejoining: Bool
    /// The rules by which values can be merged.
    public var merges = MergeRules.standard

    /// A setup with these parts.
    public init(
        group: GroupID, member: MemberID, voters: [MemberID], learners: [MemberID] = [],
        valueType: ValueType = .register, roundTrips: RoundTripTable, random: RandomStream,
        clockDriftMax: Double = 0.001, wallClockSkewMax: TimeSpan = .seconds(60),
        isRejoining: Bool = false
    ) {
        self.group = group
        self.member = member
        self.voters = voters
        self.learners = learners
        self.valueType = valueType
        self.roundTrips = roundTrips
        self.random = random
        self.clockDriftMax = clockDriftMax
        self.wallClockSkewMax = wallClockSkewMax
        self.isRejoining = isRejoining
    }
}
