import Scenarios

/// Which operations a row is about; `nil` parts do not narrow and are written as `all`.
public struct RowScope: Hashable, Sendable {
    /// The region beside which the clients stand.
    public var region: String?
    /// What the operations do.
    public var operation: String?
    /// When they were planned.
    public var phase: Phase?
    /// The fault that the phase is told by; `nil`: all together.
    public var fault: String?
    /// The data type; `nil`: all of them.
    public var dataType: String?

    /// The operations with these properties.
    public init(
        region: String? = nil, operation: String? = nil, phase: Phase? = nil,
        fault: String? = nil, dataType: String? = nil
    ) {
        self.region = region
        self.operation = operation
        self.phase = phase
        self.fault = fault
        self.dataType = dataType
    }
}

/// The share of operations that were answered in time.
public struct AvailabilityRow: Hashable, Sendable {
    /// Which operations.
    public var scope: RowScope
    /// How many were planned.
    public var planned: Int
    /// How many were answered: took effect, or got a definite negative answer.
    public var answered: Int
    /// The share; 0 if none was planned.
    public var share: Double { planned == 0 ? 0 : Double(answered) / Double(planned) }
}

/// How long answers took, in milliseconds from the planned start. Operations that were not
/// answered have no latency: they count in the availability.
public struct LatencyRow: Hashable, Sendable {
    /// Which operations.
    public var scope: RowScope
    /// How many were answered.
    public var count: Int
    /// The mean.
    public var mean: Double
    /// The median.
    public var p50: Double
    /// 95 of 100 were faster.
    public var p95: Double
    /// 99 of 100 were faster.
    public var p99: Double
    /// 999 of 1,000 were faster.
    public var p999: Double
    /// None was slower.
    public var max: Double
}
