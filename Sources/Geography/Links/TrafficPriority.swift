/// How urgent a frame is next to others that want to use the same narrow link.
public enum TrafficPriority: UInt8, CaseIterable, Sendable, Codable {
    /// Before all others.
    case high
    /// Neither.
    case normal
    /// After all others.
    case low

    /// `high`, `normal` or `low`.
    public var name: String {
        switch self {
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        }
    }
}

/// What frames of one priority met on a link while its bandwidth was bounded and priorities
/// counted.
public struct PriorityCounters: Hashable, Sendable {
    /// Frames that left.
    public var frames: Int
    /// Their bytes.
    public var bytes: Int
    /// How long they took together from their offer until their last bit had left, in
    /// nanoseconds: the time in the queue and that on the link, not that under way.
    public var nanoseconds: Int
}
