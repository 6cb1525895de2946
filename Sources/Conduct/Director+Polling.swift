import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Statuses: asking for them and what they tell.
extension Director {
    /// How often nodes are asked now.
    private var pollPause: TimeSpan {
        switch phase {
        case .settling, .converging, .collecting: timing.eagerPollInterval
        case .idle, .starting, .running, .draining, .ending, .over:
            // What does not converge soon must not burden the nodes for the rest of the run.
            convergences.contains { now - $0.healed < timing.eagerMax }
                ? timing.eagerPollInterval : timing.pollInterval
        }
    }

    func pollIfDue(_ actions: inout [ConductAction]) {
        guard now >= nextPoll else { return }
        nextPoll = now + pollPause
        for node in plan.nodes {
            guard let record = nodes[node.id], record.isLive, record.pollsUnderWay == 0 else {
                continue
            }
            nodes[node.id]?.pollsUnderWay += 1
            actions.append(.poll(node.id, token: 0))
        }
    }

    func take(_ status: NodeStatus, _ token: UInt64, _ actions: inout [ConductAction]) {
        let id = status.member.node
        guard let record = nodes[id] else { return }
        for timed in status.notes {
            let event = RecordedEvent(
                timed.note, time: recordTime(timed.time), node: id,
                group: name(of: timed.group), region: plan.name(of: id.region),
                name: plan.name(of:))
            if event.kind == .replicated {
                recordReplication(event, &actions)
            } else {
                self.record(event, &actions)
            }
        }
        replicationLog.take(status)
        // What a process said before it ended may come after the news of its end, and its
        // counters are closed then.
        guard record.launch == status.launch, record.state == .up || record.state == .ending else {
            return
        }
        nodes[id]?.pollsUnderWay = max(0, record.pollsUnderWay - 1)
        if let earlier = record.status { noteConnections(earlier, status, &actions) }
        nodes[id]?.status = status
        nodes[id]?.clock.take(ClockReading(status))
        if record.status == nil { noteFirstStatus(of: id, &actions) }
        if !record.isLateByFaults { worst.take(status) }
        compareStates(status, &actions)
        observeLeaders(&actions)
        if token != 0 { answered(token, by: status) }
        checkConvergences(&actions)
    }

    private func compareStates(_ status: NodeStatus, _ actions: inout [ConductAction]) {
        let member = status.member
        for group in status.groups {
            for contradiction in states.take(group.view, of: group.group, from: member) {
                let name = name(of: group.group)
                let node = plan.name(of: member.node)
                switch contradiction {
                case .diverged(let position, let digest, let other, let otherDigest):
                    let event = StateDiverged(
                        time: recordTime, group: name, position: position, node: node,
                        digest: digest.description, other: plan.name(of: other),
                        otherDigest: otherDigest.description)
                    self.record(event.event, &actions)
                case .wentBack(let from, let to):
                    let event = TermWentBack(
                        time: recordTime, group: name, node: node, from: from, to: to)
                    self.record(event.event, &actions)
                }
            }
        }
    }

    private func noteConnections(
        _ earlier: NodeStatus, _ later: NodeStatus, _ actions: inout [ConductAction]
    ) {
        for index in 0..<min(earlier.links.count, later.links.count)
        where earlier.links[index].isConnected != later.links[index].isConnected {
            let after = later.links[index]
            guard earlier.links[index].target == after.target else { continue }
            event(
                after.isConnected ? .connectionOpened : .connectionLost,
                node: later.member.node,
                [.init("peer", .text(plan.name(of: after.target)))], &actions)
        }
    }

    /// Finds each group's leader: of those who say that they lead, the one of the latest term.
    func observeLeaders(_ actions: inout [ConductAction]) {
        for group in plan.groups {
            var best: LeaderSeen?
            for node in plan.nodes {
                guard let record = nodes[node.id], record.state == .up,
                    let leading = record.leading.first(where: { $0.group == group.id })
                else { continue }
                if best.map({ leading.term > $0.term }) ?? true {
                    best = LeaderSeen(node: node.id, term: leading.term)
                }
            }
            let index = Int(group.id.index)
            if best == nil, let former = leaders[index]?.node, nodes[former]?.isLive == true {
                // It says itself that it does not lead any more.
                leaders[index] = nil
            }
            guard let best else { continue }
            observeMembers(of: group, leader: best.node)
            guard best != leaders[index] else { continue }
            leaders[index] = best
            if phase != .settling, phase != .starting {
                event(
                    .leaderObserved, node: best.node, group: group.id,
                    [.init("term", .count(best.term))], &actions)
            }
        }
    }

    /// Takes over who belongs to a group, for convergence and for clients.
    private func observeMembers(of group: PlannedGroup, leader: NodeID) {
        guard let view = nodes[leader]?.view(of: group.id) else { return }
        let named = Set((view.voters + view.learners).map(\.node))
        let current = plan.nodes.map(\.id).filter(named.contains)
        let index = Int(group.id.index)
        guard !current.isEmpty, current != members[index] else { return }
        members[index] = current
        tellClientsOfMembers(of: group.id)
    }

    /// Tells clients whom they can turn to: the members, or those of them that belong to the core
    /// once nobody else counts.
    func tellClientsOfMembers(of group: GroupID) {
        var able = members[Int(group.index)]
        if let liveness, liveness.began != nil {
            able = able.filter(liveness.core.contains)
        }
        guard !able.isEmpty else { return }
        fleet.setMembers(able, of: group)
    }

    /// Tells clients of the sessions that nobody but the core counts any more.
    func tellClientsOfCore() {
        guard let liveness, liveness.began != nil, !liveness.core.isEmpty else { return }
        fleet.setMembers(liveness.core, of: ServiceID.sessions.scope)
    }

    /// The leader that a selector means: of the group it names, or of the only group with one.
    func leader(of group: GroupID?) -> NodeID? {
        if let group { return leaders[Int(group.index)]?.node }
        return leaders.compactMap { $0?.node }.first
    }
}
