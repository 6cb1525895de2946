import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Faults striking and healing.
extension Director {
    func runTimeline(_ actions: inout [ConductAction]) {
        // Late or not, nothing of the timeline comes after the core was healed.
        let limit = liveness.map { min(elapsed, $0.spec.from) } ?? elapsed
        while let entry = timeline.take(at: limit) {
            switch entry.item {
            case .strike(let index): strike(index, &actions)
            case .heal(let index): heal(index, &actions)
            case .action(let index): carryOut(plan.actions[index], &actions)
            }
        }
    }

    private func strike(_ index: Int, _ actions: inout [ConductAction]) {
        let fault = plan.faults[index]
        let active = FaultBoard.Active(
            number: fault.number, kind: fault.kind, targets: targets(of: fault.kind),
            cutsClients: fault.cutsClients)
        let links = board.links(of: active).map { DirectedLink(from: $0.source, to: $0.target) }
        fleet.handle(.wake, at: now, into: &clientActions)
        let (token, asked) = pollAll(&actions)
        let strike = Strike(
            fault: index, began: now, active: active, links: links, before: takeReadings(),
            opening: (token, asked), launches: nodes.mapValues(\.launch),
            running: Set(nodes.values.filter(\.hasProcess).map(\.id)),
            plannedBefore: plan.regions.map { fleet.tally(of: $0.id).planned })
        let ledBefore = leadersWithMajority()
        let homelessBefore = homelessRegions()
        board.strike(active)
        strikes.append(strike)
        let started = FaultStarted(
            time: recordTime, id: fault.id, kind: fault.kind.name,
            targets: targetNames(active, links),
            leadersTaken: ledBefore.filter { !leadersWithMajority().contains($0) }.map {
                FaultStarted.LeaderTaken(
                    group: name(of: $0.group), node: plan.name(of: $0.node))
            },
            homesTaken: homelessRegions().filter { !homelessBefore.contains($0) })
        record(started.event, &actions)
        if case .kill(_, let disk) = fault.kind, disk == .gone {
            for node in active.targets.joined() { nodes[node]?.losesDisk = true }
        }
        applyBoard(&actions)
        if case .reset = fault.kind {
            for link in links { actions.append(.reset(from: link.from, to: link.to)) }
            // It takes no time: what it does is done.
            heal(index, &actions)
        }
    }

    func heal(_ index: Int, _ actions: inout [ConductAction]) {
        let fault = plan.faults[index]
        guard let position = strikes.lastIndex(where: { $0.fault == index && $0.ended == nil })
        else { return }
        fleet.handle(.wake, at: now, into: &clientActions)
        beginClosing(position, &actions)
        strikes[position].ended = now
        board.heal(fault.number)
        noteKeptDown(strikes[position].active)
        record(FaultEnded(time: recordTime, id: fault.id).event, &actions)
        applyBoard(&actions)
        lastHealOrStop = now
        convergences.append(
            PendingConvergence(id: fault.id, healed: now, frontier: acknowledged))
        nextPoll = now
    }

    /// Tells nodes, links and clients what all faults in force do together, where that changed.
    func applyBoard(_ actions: inout [ConductAction]) {
        let killed = board.nodesKilled
        let paused = board.nodesPaused
        for node in plan.nodes {
            guard let record = nodes[node.id] else { continue }
            if killed.contains(node.id) {
                if record.hasProcess {
                    nodes[node.id]?.state = .ending
                    actions.append(.kill(node.id))
                    isLeaving(node.id)
                }
                continue
            }
            relaunchIfWanted(node.id, &actions)
            if record.isPaused, !paused.contains(node.id) {
                // Also when it was told to end: it cannot before it goes on.
                nodes[node.id]?.isPaused = false
                actions.append(.resume(node.id))
            } else if !record.isPaused, record.state == .up, paused.contains(node.id) {
                nodes[node.id]?.isPaused = true
                nodes[node.id]?.wasPaused = true
                actions += [.pause(node.id), .inspect(node.id)]
                forgetPolls(of: node.id)
            }
        }
        for source in board.nodes where nodes[source]?.state == .up {
            let condition = board.condition(of: source)
            if condition != nodeConditions[source] ?? NodeCondition() {
                nodeConditions[source] = condition
                nodes[source]?.tell(condition, at: now, isLaunch: false)
                actions.append(.conditionNode(source, condition))
            }
            for target in board.nodes where target != source {
                let link = DirectedLink(from: source, to: target)
                let wanted = board.conditions(from: source, to: target)
                guard wanted != conditions[link] ?? [] else { continue }
                conditions[link] = wanted
                actions.append(.condition(from: source, to: target, wanted))
            }
        }
        let cut = board.nodesCutFromClients
        if cut != cutNodes {
            cutNodes = cut
            actions.append(.cutClients(from: cut))
        }
        for region in plan.regions {
            let factor = board.surgeFactor(of: region.id)
            guard surges[region.id, default: 1] != factor else { continue }
            surges[region.id] = factor
            _ = fleet.setRateFactor(factor, of: region.id, at: now, into: &clientActions)
        }
    }

    private func targets(of kind: FaultKind) -> [[NodeID]] {
        func select(_ selector: NodeSelector) -> [NodeID] {
            plan.nodes(selectedBy: selector, leader: leader(of:))
        }
        switch kind {
        case .partition(let sides): return sides.map(select)
        case .isolate(let selector), .refuse(let selector), .kill(let selector, _),
            .pause(let selector), .clock(let selector, _), .disk(let selector, _),
            .slow(let selector, _), .surge(let selector, _):
            return [select(selector)]
        case .cut(let scope, _), .degrade(let scope, _), .reset(let scope):
            if case .around(let selector) = scope { return [select(selector)] }
            return []
        case .random: return []
        }
    }

    private func targetNames(_ active: FaultBoard.Active, _ links: [DirectedLink]) -> [String] {
        var named = active.targets.flatMap { $0 }
        if named.isEmpty { named = links.flatMap { [$0.from, $0.to] } }
        let unique = Set(named)
        return plan.nodes.map(\.id).filter(unique.contains).map(plan.name(of:))
    }

    struct GroupLeader: Hashable {
        var group: GroupID
        var node: NodeID
    }

    /// The leaders that run and reach a majority of their groups under the faults in force.
    private func leadersWithMajority() -> [GroupLeader] {
        let killed = board.nodesKeptDown.union(board.nodesPaused)
        func reaches(_ source: NodeID, _ target: NodeID) -> Bool {
            if killed.contains(target) || nodes[target]?.state != .up { return false }
            return [(source, target), (target, source)].allSatisfy { from, to in
                board.conditions(from: from, to: to).allSatisfy {
                    switch $0 {
                    case .held, .dropped: false
                    case .acknowledgementsLost, .connectionsRefused, .extraDelay, .delayFactor,
                        .extraJitter, .extraLoss, .bandwidth:
                        true
                    }
                }
            }
        }
        return plan.groups.compactMap { group in
            guard let leader = leaders[Int(group.id.index)]?.node, !killed.contains(leader),
                nodes[leader]?.state == .up
            else { return nil }
            let view = nodes[leader]?.view(of: group.id)
            let voters = view?.voters.map(\.node) ?? group.voters
            let reached = voters.filter { $0 == leader || reaches(leader, $0) }
            return reached.count * 2 > voters.count
                ? GroupLeader(group: group.id, node: leader) : nil
        }
    }

    /// The regions whose clients reach no node beside them under the faults in force.
    private func homelessRegions() -> [String] {
        let lost = board.nodesKeptDown.union(board.nodesPaused).union(board.nodesCutFromClients)
        return plan.regions.filter { region in
            !region.nodes.isEmpty
                && region.nodes.allSatisfy { lost.contains($0) || nodes[$0]?.state != .up }
        }.map(\.name)
    }
}
