import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios

/// How far the replication log has come, and what it lacks.
struct ReplicationLogState {
    private(set) var rows = 0
    private var leftOut: Int64 = 0
    /// By node and launch: what nodes had no room for.
    private var dropped: [NodeID: (launch: UInt32, count: UInt64)] = [:]

    /// Whether there is room for another row.
    mutating func admits() -> Bool {
        guard rows < Limits.replicationLogRowsMax else {
            leftOut += 1
            return false
        }
        rows += 1
        return true
    }

    mutating func take(_ status: NodeStatus) {
        let node = status.member.node
        let before = dropped[node].map { $0.launch == status.launch ? $0.count : 0 } ?? 0
        guard status.replicationNotesDropped > before else { return }
        leftOut += Int64(clamping: status.replicationNotesDropped - before)
        dropped[node] = (status.launch, status.replicationNotesDropped)
    }

    func totals(at time: Instant) -> ReplicationLogTotals {
        ReplicationLogTotals(time: time, rows: Int64(rows), leftOut: leftOut)
    }
}

/// What is recorded of data types apart from each other: the replication log, and what priorities
/// did on narrow links.
extension Director {
    func recordReplication(_ event: RecordedEvent, _ actions: inout [ConductAction]) {
        guard isTimeZeroKnown, let row = ReplicationRow(event), replicationLog.admits() else {
            return
        }
        actions.append(.record(.replication(row)))
    }

    /// What each priority met on narrow links since time 0; nothing, where priorities do not
    /// differ or no link was narrow.
    func recordPriorities(_ changes: LinkCounters, _ actions: inout [ConductAction]) {
        if plan.scenario.logsReplication {
            actions.append(.record(.event(replicationLog.totals(at: recordTime).event)))
        }
        for priority in TrafficPriority.allCases {
            let counters = changes[priority]
            guard counters.frames > 0 else { continue }
            let mean = Double(counters.nanoseconds) / Double(counters.frames) / 1e6
            let traffic = PriorityTraffic(
                time: recordTime, priority: priority.name,
                dataTypes: plan.groups.filter { plan.priority(of: $0) == priority }.map(\.name),
                messages: Int64(counters.frames), bytes: Int64(counters.bytes),
                queued: (mean * 1000).rounded() / 1000)
            actions.append(.record(.event(traffic.event)))
        }
    }
}
