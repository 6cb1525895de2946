import Determinism

/// What all faults in force do to one node together: its clocks, its disk, its processor. Both
/// engines carry it out; ``NodeStatus`` tells how.
package struct NodeCondition: Hashable, Sendable, Codable {
    /// What is wrong with the clocks.
    package var clock: ClockCondition
    /// What is wrong with the disk.
    package var disk: DiskCondition
    /// How many times as long everything takes that the node computes; 1: as usual.
    package var slowness: Double

    /// A node under these conditions; a healthy one, if none are given.
    package init(
        clock: ClockCondition = ClockCondition(), disk: DiskCondition = DiskCondition(),
        slowness: Double = 1
    ) {
        self.clock = clock
        self.disk = disk
        self.slowness = slowness
    }

    /// Whether nothing is wrong.
    package var isHealthy: Bool { self == NodeCondition() }
}

/// What is wrong with a node's clocks.
///
/// An offset concerns the wall clock alone, which jumps when it begins and jumps back when it
/// ends. Drift makes both clocks run fast or slow; when it ends, the wall clock is set right and
/// the monotonic clock, which never jumps, runs at the right pace from where it is.
package struct ClockCondition: Hashable, Sendable, Codable {
    /// How far the wall clock is ahead; negative: behind.
    package var offset: TimeSpan
    /// How much too fast both clocks run, in billionths; negative: too slow.
    package var driftPartsPerBillion: Int64

    /// Clocks that are ahead by `offset` and run too fast by `driftPartsPerBillion`.
    package init(offset: TimeSpan = .zero, driftPartsPerBillion: Int64 = 0) {
        self.offset = offset
        self.driftPartsPerBillion = driftPartsPerBillion
    }
}

/// What is wrong with a node's disk.
package struct DiskCondition: Hashable, Sendable, Codable {
    /// How much longer each sync takes.
    package var extraSync: TimeSpan
    /// Whether there is no room: nothing more is written.
    package var isFull: Bool
    /// Whether every operation fails.
    package var fails: Bool
    /// Whether syncs are reported as done and are not: with the next kill everything is lost that
    /// was written since the last real one.
    package var losesUnsynced: Bool
    /// How many times a record in the middle of what the disk holds was damaged, all faults
    /// together; each rise damages one more.
    package var corruptions: Int

    /// A disk with these troubles.
    package init(
        extraSync: TimeSpan = .zero, isFull: Bool = false, fails: Bool = false,
        losesUnsynced: Bool = false, corruptions: Int = 0
    ) {
        self.extraSync = extraSync
        self.isFull = isFull
        self.fails = fails
        self.losesUnsynced = losesUnsynced
        self.corruptions = corruptions
    }
}

/// What a node's disk did under faults: the evidence that they took effect. Counts from the
/// launch of the node.
package struct DiskCounters: Hashable, Sendable {
    /// Syncs that were done.
    package var syncs: UInt64 = 0
    /// Syncs that took longer.
    package var syncsDelayed: UInt64 = 0
    /// Syncs that were reported as done and were not.
    package var syncsSkipped: UInt64 = 0
    /// Writes that were turned away for want of room.
    package var writesRefused: UInt64 = 0
    /// Operations that failed.
    package var operationsFailed: UInt64 = 0
    /// Bytes that were lost in the kill before this launch though a sync had been reported done.
    package var bytesDropped: UInt64 = 0
    /// Records damaged on the disk.
    package var recordsDamaged: UInt64 = 0

    /// All zero.
    package init() {}
}
