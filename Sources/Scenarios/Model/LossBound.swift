import Determinism
import Replication

/// How much of what was acknowledged may be lost.
public struct LossBound: Hashable, Sendable {
    /// So many writes; `nil`: any number.
    public var count: Int?
    /// Those that one fault cost were acknowledged within so long of each other: the recovery
    /// point that operators plan for; `nil`: any time.
    public var window: TimeSpan?
    /// Of which data type; `nil`: of all.
    public var group: GroupID?

    /// A bound with these parts; at least one of the first two.
    public init(count: Int? = nil, window: TimeSpan? = nil, group: GroupID? = nil) {
        self.count = count
        self.window = window
        self.group = group
    }
}
