import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// A fault that has struck, with what is needed to say afterwards whether it took effect.
struct Strike {
    /// The fault's position in the Plan.
    let fault: Int
    /// When it struck.
    let began: Instant
    /// What its selectors gave.
    let active: FaultBoard.Active
    /// The links that it is about.
    let links: [DirectedLink]
    /// The readings of every link and node when it struck. As nodes answer the opening poll they replace
    /// what was last known of them.
    var before: Readings
    /// The polls that tell how it began, and who has not answered.
    var opening: (token: UInt64, missing: Set<NodeID>)
    /// Launches at the strike: arrivals count anew with each.
    let launches: [NodeID: UInt32]
    /// The nodes that had a process when it struck, standing still or not.
    let running: Set<NodeID>
    /// Operations planned before it, by region.
    let plannedBefore: [Int]
    /// Operations planned before it ended, by region.
    var plannedAfter: [Int]?
    /// The processes that the kernel called stopped while it alone made them stand still.
    var seenStopped: Set<NodeID> = []
    /// The processes that a signal ended while it was in force.
    var seenKilled: Set<NodeID> = []
    /// The processes that ended by themselves because it took their disk.
    var seenFailed: Set<NodeID> = []
    /// The nodes that another fault's heal would have started.
    var keptDown: Set<NodeID> = []
    /// Requests of clients that were sent to nodes which it cut off from them.
    var clientRequestsCut = 0
    /// When it healed.
    var ended: Instant?
    /// The token of the polls that tell its end, who has not answered, and the readings of every
    /// link and node, which answers replace as they come.
    var closing: (token: UInt64, missing: Set<NodeID>, since: Instant, after: Readings)?
    /// What the nodes had been told of their clocks when those polls were sent.
    var clocks: [NodeID: ToldClock] = [:]
    /// The nodes of whose state the kernel was asked when it healed, and has not said.
    var statesAwaited: Set<NodeID> = []
    /// Whether its evidence is recorded.
    var isClosed = false
}

/// What is known of every link and node at one moment.
struct Readings {
    /// What each did so far, at its sender.
    var counters: [DirectedLink: LinkCounters] = [:]
    /// The probes that arrived over each in this launch of its receiver.
    var arrivals: [DirectedLink: ProbeArrivals] = [:]
    /// Each node itself.
    var nodes: [NodeID: NodeReading] = [:]

    /// Takes over what `status` says of its node and the links from and to it.
    mutating func take(_ status: NodeStatus, _ record: NodeRecord) {
        let node = status.member.node
        nodes[node] = record.reading
        for link in status.links {
            counters[DirectedLink(from: node, to: link.target)] = record.counters(to: link.target)
        }
        for arrival in status.arrivals {
            arrivals[DirectedLink(from: arrival.source, to: node)] = arrival
        }
    }
}
