import Determinism
import RegionCore

/// What a node has used of its host, in one launch or in several.
struct UsageCounters {
    var processorTime = TimeSpan.zero
    var commits: Int64 = 0
    var records: Int64 = 0
    var commitTime = TimeSpan.zero

    init() {}

    /// What the node says of its present launch.
    init(_ status: NodeStatus) {
        processorTime = status.processorTime
        commits = Int64(clamping: status.commits)
        records = Int64(clamping: status.recordsCommitted)
        commitTime = status.commitTime
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.processorTime += right.processorTime
        sum.commits += right.commits
        sum.records += right.records
        sum.commitTime += right.commitTime
        return sum
    }

    static func - (left: Self, right: Self) -> Self {
        var difference = left
        difference.processorTime -= right.processorTime
        difference.commits -= right.commits
        difference.records -= right.records
        difference.commitTime -= right.commitTime
        return difference
    }
}
