/// What a strategy with some options bears, where that is not the minority of its members.
public struct FaultTolerance: Hashable, Sendable {
    /// How many members must run, reach each other and have kept their memory for the group to go
    /// on.
    public var membersNeeded: Int
    /// How many members may lose their memory, one after another, before an acknowledged write can
    /// be lost.
    public var memoryLosses: Int

    /// A tolerance with these parts.
    public init(membersNeeded: Int, memoryLosses: Int) {
        self.membersNeeded = membersNeeded
        self.memoryLosses = memoryLosses
    }
}
