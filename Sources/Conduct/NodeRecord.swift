import Determinism
import Geography
import RegionCore
import Replication

/// What the director knows of one node.
struct NodeRecord {
    enum State: Equatable {
        /// No process.
        case down
        /// A process that is not ready yet.
        case starting
        /// A process that answers.
        case up
        /// A process that was told to end.
        case ending
    }

    let id: NodeID
    var state = State.down
    /// The number of the current or last launch; the first is 0.
    var launch: UInt32 = 0
    var wasLaunched = false
    /// Whether the kernel was told to make it stand still.
    var isPaused = false
    /// Whether it ever stood still in this launch: its own figures of lateness then tell of the
    /// fault, not of the host.
    var wasPaused = false
    /// Whether it was made slow in this launch, with the same consequence.
    var wasSlowed = false
    /// Whether its disk was full or failing in this launch, so that it may end by itself.
    var mayLoseDisk = false
    /// What this launch was last told of its clocks.
    var clock = ToldClock()
    /// Whether an operator stopped it: no heal starts it again.
    var isStoppedByOperator = false
    /// Whether the next launch begins with an empty disk.
    var losesDisk = false
    /// The latest status of the current launch.
    var status: NodeStatus? {
        didSet {
            leading = []
            for group in status?.groups ?? [] where group.view.role == .leader {
                leading.append(Leading(group: group.group, term: group.view.term))
            }
        }
    }
    /// The groups that it says it leads, and since which term.
    private(set) var leading: [Leading] = []
    /// Polls that were not answered yet.
    var pollsUnderWay = 0
    /// Counters of links in launches that have ended.
    var endedLaunches: [NodeID: LinkCounters] = [:]
    /// What launches that have ended used.
    var endedUsage = UsageCounters()

    struct Leading: Equatable {
        var group: GroupID
        var term: UInt64
    }

    init(id: NodeID) { self.id = id }

    /// Whether there is a process that was not told to end, standing still or not.
    var hasProcess: Bool { state == .up || state == .starting }

    /// Whether the node takes part: it can answer and be asked.
    var isLive: Bool { state == .up && !isPaused }

    /// What the link to `target` did in all launches together.
    func counters(to target: NodeID) -> LinkCounters {
        let ended = endedLaunches[target] ?? LinkCounters()
        let current = status?.links.first { $0.target == target }?.counters ?? LinkCounters()
        return ended + current
    }

    /// What the node used in all launches together.
    var usage: UsageCounters { status.map { endedUsage + UsageCounters($0) } ?? endedUsage }

    /// Whether its own figures of lateness tell of faults rather than of the host.
    var isLateByFaults: Bool { wasPaused || wasSlowed }

    /// What is known of the node itself.
    var reading: NodeReading {
        NodeReading(launch: launch, usage: usage, clock: status.map(ClockReading.init))
    }

    /// Takes note of what the node is told of itself.
    mutating func tell(_ condition: NodeCondition, at now: Instant, isLaunch: Bool) {
        if isLaunch || condition.clock != clock.condition {
            clock = ToldClock(condition: condition.clock, since: now)
        }
        if condition.slowness > 1 { wasSlowed = true }
        if condition.disk.isFull || condition.disk.fails { mayLoseDisk = true }
    }

    /// How the node's member of `group` sees it.
    func view(of group: GroupID) -> GroupView? {
        status?.groups.first { $0.group == group }?.view
    }

    /// Keeps the counters of a launch that has ended.
    mutating func endLaunch() {
        for link in status?.links ?? [] {
            endedLaunches[link.target] = counters(to: link.target)
        }
        endedUsage = usage
        status = nil
        pollsUnderWay = 0
        isPaused = false
        wasPaused = false
        wasSlowed = false
        mayLoseDisk = false
        state = .down
    }
}
