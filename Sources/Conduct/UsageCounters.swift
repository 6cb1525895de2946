import Determinism
import RegionCore

/// What a node has used of its host, in one launch or in several.
struct UsageCounters {
    var processorTime = TimeSpan.zero
    var workTime = TimeSpan.zero
    var commits: Int64 = 0
    var records: Int64 = 0
    var commitTime = TimeSpan.zero
    var disk = DiskCounters()
    var stalled = TimeSpan.zero

    init() {}

    /// What the node says of its present launch.
    init(_ status: NodeStatus) {
        processorTime = status.processorTime
        workTime = status.workTime
        commits = Int64(clamping: status.commits)
        records = Int64(clamping: status.recordsCommitted)
        commitTime = status.commitTime
        disk = status.disk
        stalled = status.stalled
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.processorTime += right.processorTime
        sum.workTime += right.workTime
        sum.commits += right.commits
        sum.records += right.records
        sum.commitTime += right.commitTime
        sum.disk = sum.disk + right.disk
        sum.stalled += right.stalled
        return sum
    }

    static func - (left: Self, right: Self) -> Self {
        var difference = left
        difference.processorTime -= right.processorTime
        difference.workTime -= right.workTime
        difference.commits -= right.commits
        difference.records -= right.records
        difference.commitTime -= right.commitTime
        difference.disk = difference.disk - right.disk
        difference.stalled -= right.stalled
        return difference
    }
}

extension DiskCounters {
    private static var fields: [WritableKeyPath<DiskCounters, UInt64>] {
        [
            \.syncs, \.syncsDelayed, \.syncsSkipped, \.writesRefused, \.operationsFailed,
            \.bytesDropped, \.recordsDamaged,
        ]
    }

    static func + (left: Self, right: Self) -> Self { left.with(right) { $0 &+ $1 } }

    /// What was counted since `right`; counters never fall.
    static func - (left: Self, right: Self) -> Self {
        left.with(right) { $0 > $1 ? $0 - $1 : 0 }
    }

    private func with(_ other: Self, _ combine: (UInt64, UInt64) -> UInt64) -> Self {
        var result = self
        for field in Self.fields {
            result[keyPath: field] = combine(self[keyPath: field], other[keyPath: field])
        }
        return result
    }
}
