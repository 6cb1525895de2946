import Recording

/// What a fault did, and how the service got over it. Times are milliseconds; those without
/// another word count from the strike.
public struct FaultFigures: Hashable, Sendable {
    /// Its identity in the Plan.
    public var id: String
    /// What kind of fault.
    public var kind: String
    /// What it struck.
    public var targets: [String]
    /// When it struck; `nil`: it never did.
    public var start: Double?
    /// When it was healed; `nil`: it was not.
    public var end: Double?
    /// Whether it took effect; `nil`: nobody looked.
    public var hadEffect: Bool?
    /// What shows that.
    public var evidence: [JSONValue.Member]
    /// Until some node noticed: lost its leader or a connection, sought election, gave up.
    public var detected: Double?
    /// Until every group whose leader it took had one again.
    public var failedOver: Double?
    /// Until the success rate was near what it was before, and stayed.
    public var servedAgain: Double?
    /// Until success rate and 99th percentile were near what they were before, and stayed.
    public var recovered: Double?
    /// From the heal until what was acknowledged before it was everywhere.
    public var converged: Double?
    /// The data types whose leader it took.
    public var leadersTaken: [String]
    /// The regions that it took from their clients.
    public var homesTaken: [String]
    /// Acknowledged writes that were lost by it; `nil`: the final state is not known.
    public var writesLost: Int?
    /// How far back the loss reaches: from the acknowledgement of the oldest lost write to the
    /// strike or, if later, to the acknowledgement of the newest one.
    public var oldestLost: Double?
}
