import Determinism
import Replication

/// What one fault or action takes away while it lasts, as far as a budget counts.
///
/// Slow links, disks and processors, surges and resets take nothing away: everybody still does
/// what it should, if late.
struct Damage {
    /// What is taken.
    enum Loss {
        /// The nodes do not take part, or cannot be relied on.
        case nodes(Set<NodeID>)
        /// One node more, and only the run can tell which.
        case someNode
        /// The links between the nodes of one list and those of the other, at least one way.
        case links(Set<NodeID>, Set<NodeID>)
        /// The clocks of the nodes are wrong by this.
        case clocks(Set<NodeID>, offset: TimeSpan, driftPartsPerMillion: Double)
        /// A clock drifts by this, and only the run can tell whose.
        case someClock(driftPartsPerMillion: Double)
    }

    /// What it is.
    var loss: Loss
    /// When it begins.
    var start: TimeSpan
    /// When it ends; `nil`: never.
    var end: TimeSpan?

    func isInForce(at moment: TimeSpan) -> Bool {
        start <= moment && end.map { moment < $0 } ?? true
    }
}

/// What a fault does to what a node remembers.
///
/// ## What strategies can take
///
/// A node that finds its disk empty or damaged knows it. It comes back under a new identity and
/// takes over what the others have (`raft` gives it a vote only when it has caught up, `eventual`
/// lets it serve only then). So a minority of a group can lose what it remembers, and not more,
/// for no one can tell when the last of them had everything again: who has lost its memory counts
/// as broken for good.
///
/// A disk that lies is worse. After a kill the node knows less than it had promised and does not
/// know that: it may vote twice in a term, acknowledge a log without what it had acknowledged, or
/// give two writes one number. In a group of odd size a single such node can undo what a majority
/// agreed on, while everybody else is well. So within a budget a node whose disk lies, or has ever
/// lied, is not ended any more.
enum MemoryLoss {
    /// The node comes back knowing that it knows nothing.
    case erased
    /// What is written from now on is there only until the process ends.
    case unreliable
    /// The process ends, and with it what its disk only claimed to hold.
    case ending
}

extension FaultResolution {
    /// What `fault`, which strikes once at `start`, takes away.
    func damage(of fault: FaultSpec, at start: TimeSpan) -> [Damage] {
        let end = fault.duration.map { start + $0 }
        func damage(_ loss: Damage.Loss) -> Damage { Damage(loss: loss, start: start, end: end) }
        func nodes(_ selector: NodeSelector) -> [Damage] {
            [damage(.nodes(Set(named(by: selector))))]
                + Array(repeating: damage(.someNode), count: unknowns(in: selector))
        }
        switch fault.kind {
        case .partition(let groups):
            let sides = groups.map { Set(named(by: $0)) }
            var result = groups.flatMap { selector in
                Array(repeating: damage(.someNode), count: unknowns(in: selector))
            }
            for (index, side) in sides.enumerated() {
                for other in sides[(index + 1)...] { result.append(damage(.links(side, other))) }
            }
            return result
        case .isolate(let selector):
            let inside = Set(named(by: selector))
            return [damage(.links(inside, all.subtracting(inside)))]
                + Array(repeating: damage(.someNode), count: unknowns(in: selector))
        case .cut(let scope, _):
            return links(of: scope).map(damage)
        case .refuse(let selector):
            // Connections that exist live on, until something ends them.
            return [damage(.links(Set(named(by: selector)), all))]
                + Array(repeating: damage(.someNode), count: unknowns(in: selector))
        case .kill(let selector, _), .pause(let selector):
            return nodes(selector)
        case .clock(let selector, let error):
            let drift = error.driftPartsPerMillion ?? 0
            let known = damage(
                .clocks(
                    Set(named(by: selector)), offset: error.offset ?? .zero,
                    driftPartsPerMillion: drift))
            let unknown = [damage(.someNode), damage(.someClock(driftPartsPerMillion: drift))]
            return [known] + (0..<unknowns(in: selector)).flatMap { _ in unknown }
        case .disk(let selector, let trouble):
            return trouble.isFull || trouble.fails || trouble.losesUnsynced || trouble.corrupts
                ? nodes(selector) : []
        case .degrade, .reset, .slow, .surge, .random:
            return []
        }
    }

    /// What `kind` does to the memory of which nodes; `nil` for nodes that only the run can name.
    func memoryLosses(of kind: FaultKind) -> [(nodes: [NodeID]?, loss: MemoryLoss)] {
        func struck(_ selector: NodeSelector, _ loss: MemoryLoss) -> [([NodeID]?, MemoryLoss)] {
            [(named(by: selector), loss)] + (unknowns(in: selector) > 0 ? [(nil, loss)] : [])
        }
        switch kind {
        case .kill(let selector, .kept): return struck(selector, .ending)
        case .kill(let selector, .gone):
            return struck(selector, .ending) + struck(selector, .erased)
        case .disk(let selector, let trouble):
            var result: [([NodeID]?, MemoryLoss)] = []
            if trouble.losesUnsynced { result += struck(selector, .unreliable) }
            if trouble.corrupts { result += struck(selector, .erased) }
            // A node may give up when its disk does.
            if trouble.isFull || trouble.fails { result += struck(selector, .ending) }
            return result
        case .partition, .isolate, .cut, .degrade, .reset, .refuse, .pause, .clock, .slow, .surge,
            .random:
            return []
        }
    }

    /// How many nodes `selector` means that only the run can name.
    func unknowns(in selector: NodeSelector) -> Int {
        switch selector {
        case .leader, .primary: 1
        case .list(let parts): parts.reduce(0) { $0 + unknowns(in: $1) }
        case .place, .random, .minority, .majority, .all, .continent, .provider: 0
        }
    }

    private func links(of scope: LinkScope) -> [Damage.Loss] {
        func inside(_ place: Place) -> Set<NodeID> { all.filter(place.contains) }
        switch scope {
        case .between(let one, let other): return [.links(inside(one), inside(other))]
        case .directed(let from, let to): return [.links(inside(from), inside(to))]
        case .around(let selector):
            return [.links(Set(named(by: selector)), all)]
                + Array(repeating: .someNode, count: unknowns(in: selector))
        case .all: return [.links(all, all)]
        }
    }

    private var all: Set<NodeID> { Set(nodes.map(\.id)) }
}
