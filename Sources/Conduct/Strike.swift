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
    /// Counters of every link just before.
    var before: [DirectedLink: LinkCounters]
    /// Probes that had arrived over every link just before.
    var arrivalsBefore: [DirectedLink: ProbeArrivals]
    /// Launches at the strike: arrivals count anew with each.
    let launches: [NodeID: UInt32]
    /// The processes that ran when it struck.
    let running: Set<NodeID>
    /// Operations planned before it, by region.
    let plannedBefore: [Int]
    /// The processes that the kernel called stopped while it was in force.
    var seenStopped: Set<NodeID> = []
    /// The processes that a signal ended while it was in force.
    var seenKilled: Set<NodeID> = []
    /// When it healed.
    var ended: Instant?
    /// The token of the polls that tell its end, and who has not answered.
    var closing: (token: UInt64, missing: Set<NodeID>, since: Instant)?
    /// Whether its evidence is recorded.
    var isClosed = false
}
