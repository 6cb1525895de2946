import Conduct
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// Links between the nodes, and what runs over them: frames, probes, the leader's log.
extension ConductRig {
    func change(
        _ source: NodeID, _ target: NodeID,
        _ body: (inout Link, Instant, inout [LinkOutput]) -> Void
    ) {
        guard let index = nodes[source]?.links.firstIndex(where: { $0.target == target }) else {
            return
        }
        var outputs: [LinkOutput] = []
        if var link = nodes[source]?.links[index].link {
            body(&link, now, &outputs)
            nodes[source]?.links[index].link = link
        }
        guard outputs.contains(.connect) else { return }
        let isThere = nodes[target]?.isAlive == true && nodes[target]?.isReady == true
        change(source, target) { link, now, outputs in
            if isThere {
                _ = link.connectionOpened(now: now, into: &outputs)
            } else {
                link.connectionFailed(now: now, into: &outputs)
            }
        }
    }

    /// Ten milliseconds of everybody's life.
    func tick() {
        elect()
        for node in plan.nodes where nodes[node.id]?.runs == true { work(node.id) }
        let sendsProbes = now.nanoseconds % 100_000_000 == 0
        for source in plan.nodes where nodes[source.id]?.runs == true {
            for target in plan.nodes where target.id != source.id {
                change(source.id, target.id) { link, now, outputs in
                    if link.connection == .closed { link.start(now: now, into: &outputs) }
                    link.advance(to: now, into: &outputs)
                }
                var passes = false
                var probeDue: Instant?
                change(source.id, target.id) { link, now, _ in
                    if behaviour.isChatty {
                        switch link.offer(bytes: 100, kind: .other, now: now) {
                        case .due: passes = true
                        case .held, .lost, .full, .notConnected: passes = false
                        }
                    } else {
                        passes = link.effective.flow == .open
                    }
                    if sendsProbes { probeDue = link.probe(now: now) }
                }
                if let due = probeDue { probeArrives(source.id, target.id, sent: now, due: due) }
                if passes { replicate(from: source.id, to: target.id) }
            }
        }
        if let leader, nodes[leader]?.runs == true { nodes[leader]?.applied = commitIndex }
        if !behaviour.elects {
            for node in plan.nodes where nodes[node.id]?.runs == true {
                nodes[node.id]?.applied = commitIndex
            }
        }
        at(now + .milliseconds(10)) { [self] in tick() }
    }

    func probeArrives(_ source: NodeID, _ target: NodeID, sent: Instant, due: Instant) {
        let launch = nodes[target]?.launch
        at(due) { [self] in
            guard nodes[target]?.runs == true, nodes[target]?.launch == launch else { return }
            var arrivals =
                nodes[target]?.arrivals[source]
                ?? ProbeArrivals(source: source, count: 0, delayTotal: .zero)
            arrivals.count += 1
            arrivals.delayTotal += now - sent
            nodes[target]?.arrivals[source] = arrivals
        }
    }

    func replicate(from source: NodeID, to target: NodeID) {
        guard source == leader, nodes[target]?.runs == true, behaviour.replicates(target, now)
        else { return }
        nodes[target]?.applied = commitIndex
    }

    func reaches(_ source: NodeID, _ target: NodeID) -> Bool {
        guard nodes[target]?.runs == true else { return false }
        return nodes[source]?.links.first { $0.target == target }?.link.effective.flow == .open
    }

    func hasMajority(_ node: NodeID) -> Bool {
        guard nodes[node]?.runs == true else { return false }
        let others = plan.nodes.filter { $0.id != node && reaches(node, $0.id) }
        return (others.count + 1) * 2 > plan.nodes.count
    }

    func elect() {
        guard behaviour.elects else { return }
        if let leader, hasMajority(leader) {
            leaderlessSince = now
            return
        }
        guard now - leaderlessSince >= .milliseconds(300) else { return }
        let best = plan.nodes.map(\.id).filter { $0 != leader && hasMajority($0) }.first
        if best != nil || leader.map({ nodes[$0]?.runs == true }) ?? false { leader = best }
        if best != nil { term += 1 }
        leaderlessSince = now
    }

    /// Takes every condition off the links of a node, and nobody tells the director.
    func heal(everyLinkOf id: NodeID) {
        for source in plan.nodes {
            for target in plan.nodes where source.id == id || target.id == id {
                change(source.id, target.id) { $0.setConditions([], now: $1, into: &$2) }
            }
        }
    }
}
