import Determinism
import Geography
import RegionCore
import Replication
import Scenarios
import Workloads

/// Collecting what shows whether faults took effect.
///
/// Nodes are polled just before a fault strikes and just before it heals. What is sent to one
/// node arrives there in order, so the answers count exactly what happened in between.
extension Director {
    func takeReadings() -> Readings {
        var result = Readings()
        for source in plan.nodes {
            guard let record = nodes[source.id] else { continue }
            result.nodes[source.id] = record.reading
            for target in board.nodes where target != source.id {
                result.counters[DirectedLink(from: source.id, to: target)] =
                    record.counters(to: target)
            }
            for arrival in record.status?.arrivals ?? [] {
                result.arrivals[DirectedLink(from: arrival.source, to: source.id)] = arrival
            }
        }
        return result
    }

    /// Asks every live node under a token of its own; returns the token and the nodes asked.
    func pollAll(_ actions: inout [ConductAction]) -> (token: UInt64, asked: Set<NodeID>) {
        let token = nextToken
        nextToken += 1
        var asked: Set<NodeID> = []
        for node in plan.nodes where nodes[node.id]?.isLive == true {
            asked.insert(node.id)
            nodes[node.id]?.pollsUnderWay += 1
            actions.append(.poll(node.id, token: token))
        }
        return (token, asked)
    }

    /// Asks for what ends a strike, before anything of it is taken back.
    func beginClosing(_ position: Int, _ actions: inout [ConductAction]) {
        let strike = strikes[position]
        if case .pause = strike.active.kind {
            let targets = Set(strike.active.targets.joined())
            for node in targets.sorted() where isPaused(node, byFaultAlone: strike.active) {
                strikes[position].statesAwaited.insert(node)
                actions.append(.inspect(node))
            }
        }
        let (token, asked) = pollAll(&actions)
        strikes[position].closing = (token, asked, now, takeReadings())
        strikes[position].clocks = nodes.mapValues(\.clock)
        strikes[position].plannedAfter = plan.regions.map { fleet.tally(of: $0.id).planned }
    }

    /// Whether `fault` is the only one in force that makes `node` stand still, and it does.
    private func isPaused(_ node: NodeID, byFaultAlone fault: FaultBoard.Active) -> Bool {
        guard nodes[node]?.isPaused == true else { return false }
        return board.active.allSatisfy { other in
            guard case .pause = other.kind, other.number != fault.number else { return true }
            return !other.targets.joined().contains(node)
        }
    }

    /// Takes in what the kernel says of a process.
    ///
    /// The first answer about a node after a heal is to a question from before it. An engine may
    /// answer a question again when the state has changed.
    func take(_ state: ProcessState, of node: NodeID) {
        let healed = strikes.indices.filter { strikes[$0].statesAwaited.contains(node) }
        for index in healed {
            strikes[index].statesAwaited.remove(node)
            if state == .stopped { strikes[index].seenStopped.insert(node) }
        }
        guard healed.isEmpty, state == .stopped else { return }
        for index in strikes.indices where strikes[index].ended == nil {
            guard case .pause = strikes[index].active.kind,
                strikes[index].active.targets.joined().contains(node),
                isPaused(node, byFaultAlone: strikes[index].active)
            else { continue }
            strikes[index].seenStopped.insert(node)
        }
    }

    /// A node answers a poll of a strike.
    func answered(_ token: UInt64, by status: NodeStatus) {
        let node = status.member.node
        guard let record = nodes[node] else { return }
        for index in strikes.indices where !strikes[index].isClosed {
            if strikes[index].opening.token == token,
                strikes[index].opening.missing.remove(node) != nil
            {
                strikes[index].before.take(status, record)
            }
            if strikes[index].closing?.token == token,
                strikes[index].closing?.missing.remove(node) != nil
            {
                strikes[index].closing?.after.take(status, record)
            }
        }
    }

    /// A node answers no more, or only when it goes on: what was last known of it has to do.
    func forgetPolls(of node: NodeID) {
        for index in strikes.indices where !strikes[index].isClosed {
            strikes[index].opening.missing.remove(node)
            strikes[index].closing?.missing.remove(node)
        }
    }

    /// Records the evidence of strikes whose closing answers have come, or are not coming.
    func finishStrikes(_ actions: inout [ConductAction]) {
        for index in strikes.indices where !strikes[index].isClosed {
            guard let closing = strikes[index].closing else { continue }
            let isAwaited =
                !closing.missing.isEmpty || !strikes[index].statesAwaited.isEmpty
                || awaitsEnd(strikes[index])
            guard !isAwaited || now - closing.since > timing.answerMax else { continue }
            strikes[index].isClosed = true
            record(evidenceOf: strikes[index], &actions)
        }
    }

    /// Whether a process that was killed is not known to have ended.
    private func awaitsEnd(_ strike: Strike) -> Bool {
        guard case .kill = strike.active.kind else { return false }
        return strike.active.targets.joined().contains { node in
            strike.running.contains(node) && nodes[node]?.launch == strike.launches[node]
                && nodes[node]?.state == .ending
        }
    }

    /// A process was ended by a signal.
    func noteKilled(_ node: NodeID, _ launch: UInt32) {
        for index in strikes.indices where !strikes[index].isClosed {
            guard case .kill = strikes[index].active.kind,
                strikes[index].active.targets.joined().contains(node),
                strikes[index].launches[node] == launch, strikes[index].running.contains(node)
            else { continue }
            strikes[index].seenKilled.insert(node)
        }
    }

    /// A fault that kept nodes down has healed: of those still in force, the ones that keep them
    /// from starting all the same.
    func noteKeptDown(_ healed: FaultBoard.Active) {
        guard healed.keepsDown else { return }
        let down = board.nodesKeptDown
        for node in healed.targets.joined()
        where down.contains(node) && nodes[node]?.hasProcess == false {
            for index in strikes.indices where strikes[index].ended == nil {
                guard strikes[index].active.keepsDown,
                    strikes[index].active.targets.joined().contains(node)
                else { continue }
                strikes[index].keptDown.insert(node)
            }
        }
    }

    /// A client's request goes to a node that clients do not reach.
    func noteCut(_ node: NodeID) {
        guard cutNodes.contains(node) else { return }
        for index in strikes.indices where strikes[index].ended == nil {
            guard strikes[index].active.cutsClients,
                strikes[index].active.targets.joined().contains(node)
            else { continue }
            strikes[index].clientRequestsCut += 1
        }
    }
}
