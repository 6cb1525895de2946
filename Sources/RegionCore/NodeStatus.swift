import Determinism
import Geography
import Replication

/// What a node tells whoever conducts the run: its groups, its links, what happened since it was
/// last asked, and how well its host keeps time. Both engines give it.
package struct NodeStatus: Sendable {
    /// Who the node is, in this life.
    package var member: MemberID
    /// Which launch of the node's process this is, from 0. Counters begin anew with each.
    package var launch: UInt32
    /// When the status was taken: the host's monotonic clock, and what the node's wall clock says.
    package var time: NodeTime
    /// How far the node's monotonic clock is ahead of the host's; negative: behind.
    package var monotonicLead = TimeSpan.zero
    /// How the node's groups look, in order.
    package var groups: [GroupStatus]
    /// The links from this node, in order of the other end.
    package var links: [LinkStatus]
    /// Probes that arrived here, in order of their sender.
    package var arrivals: [ProbeArrivals]
    /// What happened since the node was last asked, in order.
    package var notes: [TimedNote]
    /// How much later than due frames were taken in.
    package var delayError: LatenessSummary
    /// How much later than asked the host's event loop ran.
    package var loopLag: LatenessSummary
    /// Processor time of all that the node's process did.
    package var processorTime: TimeSpan
    /// Memory resident, in bytes.
    package var residentBytes: UInt64
    /// Commits of the journal.
    package var commits: UInt64
    /// Records committed.
    package var recordsCommitted: UInt64
    /// How long all commits took together, syncs of the disk included.
    package var commitTime: TimeSpan
    /// Requests taken in and not yet answered.
    package var requestsInFlight: UInt64
    /// Frames that could not be understood, and whose connections were closed for it.
    package var framesRefused: UInt64
    /// What the disk did under faults.
    package var disk = DiskCounters()
    /// Processor time of the machine alone, as if the processor were not slow.
    package var workTime = TimeSpan.zero
    /// How long the node stood still because its processor was made slow.
    package var stalled = TimeSpan.zero
    /// Requests turned away because too many waited.
    package var requestsShed: UInt64 = 0
    /// Notes of writes that were applied which found no room.
    package var replicationNotesDropped: UInt64 = 0

    /// A status with these parts.
    package init(
        member: MemberID, launch: UInt32, time: NodeTime, groups: [GroupStatus] = [],
        links: [LinkStatus] = [], arrivals: [ProbeArrivals] = [], notes: [TimedNote] = [],
        delayError: LatenessSummary = LatenessSummary(),
        loopLag: LatenessSummary = LatenessSummary(), processorTime: TimeSpan = .zero,
        residentBytes: UInt64 = 0, commits: UInt64 = 0, recordsCommitted: UInt64 = 0,
        commitTime: TimeSpan = .zero, requestsInFlight: UInt64 = 0, framesRefused: UInt64 = 0
    ) {
        self.member = member
        self.launch = launch
        self.time = time
        self.groups = groups
        self.links = links
        self.arrivals = arrivals
        self.notes = notes
        self.delayError = delayError
        self.loopLag = loopLag
        self.processorTime = processorTime
        self.residentBytes = residentBytes
        self.commits = commits
        self.recordsCommitted = recordsCommitted
        self.commitTime = commitTime
        self.requestsInFlight = requestsInFlight
        self.framesRefused = framesRefused
    }
}

/// A group as its member here sees it.
package struct GroupStatus: Hashable, Sendable {
    /// The group.
    package var group: GroupID
    /// How it looks from here.
    package var view: GroupView

    /// `group` looking like `view`.
    package init(group: GroupID, view: GroupView) {
        self.group = group
        self.view = view
    }
}

/// A link from a node, as its sending side sees it.
package struct LinkStatus: Hashable, Sendable {
    /// The other end.
    package var target: NodeID
    /// What the link did so far in this launch.
    package var counters: LinkCounters
    /// Whether the link has an open connection.
    package var isConnected: Bool

    /// The link to `target` with these properties.
    package init(target: NodeID, counters: LinkCounters, isConnected: Bool) {
        self.target = target
        self.counters = counters
        self.isConnected = isConnected
    }
}

/// Probes from one node as they arrived at another.
package struct ProbeArrivals: Hashable, Sendable {
    /// Who sent them.
    package var source: NodeID
    /// How many arrived in this launch.
    package var count: UInt64
    /// The sum of their times under way.
    package var delayTotal: TimeSpan

    /// `count` probes from `source`, under way for `delayTotal` together.
    package init(source: NodeID, count: UInt64, delayTotal: TimeSpan) {
        self.source = source
        self.count = count
        self.delayTotal = delayTotal
    }
}

/// A note with its time and place.
package struct TimedNote: Hashable, Sendable {
    /// When it happened, on the host's monotonic clock.
    package var time: Instant
    /// Whose group it happened in.
    package var group: GroupID
    /// What happened.
    package var note: Note

    /// `note` at `time` in `group`.
    package init(time: Instant, group: GroupID, note: Note) {
        self.time = time
        self.group = group
        self.note = note
    }
}

/// How late something was, over many times.
package struct LatenessSummary: Hashable, Sendable {
    /// How many times were measured.
    package var count: UInt64
    /// The median.
    package var p50: TimeSpan
    /// The 99th percentile.
    package var p99: TimeSpan
    /// The worst.
    package var max: TimeSpan

    /// A summary with these figures; nothing measured, if none are given.
    package init(
        count: UInt64 = 0, p50: TimeSpan = .zero, p99: TimeSpan = .zero, max: TimeSpan = .zero
    ) {
        self.count = count
        self.p50 = p50
        self.p99 = p99
        self.max = max
    }
}
