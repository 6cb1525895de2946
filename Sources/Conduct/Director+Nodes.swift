import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Processes: launching, readiness, ends.
extension Director {
    func launch(_ node: NodeID, _ actions: inout [ConductAction]) {
        guard var record = nodes[node], record.state == .down else { return }
        if record.wasLaunched { record.launch += 1 }
        record.wasLaunched = true
        record.state = .starting
        let erasing = record.losesDisk
        record.losesDisk = false
        nodes[node] = record
        var under: [NodeID: [LinkCondition]] = [:]
        for target in board.nodes where target != node {
            let conditions = board.conditions(from: node, to: target)
            self.conditions[DirectedLink(from: node, to: target)] = conditions
            if !conditions.isEmpty { under[target] = conditions }
        }
        let condition = board.condition(of: node)
        nodeConditions[node] = condition
        nodes[node]?.tell(condition, at: now, isLaunch: true)
        actions.append(
            .launch(
                node, launch: record.launch, erasing: erasing, condition: condition,
                conditions: under))
    }

    func nodeReady(_ node: NodeID, _ launch: UInt32, _ actions: inout [ConductAction]) {
        guard nodes[node]?.launch == launch, nodes[node]?.state == .starting else { return }
        nodes[node]?.state = .up
        event(.processReady, node: node, [.init("launch", .count(launch))], &actions)
        if phase != .starting { applyBoard(&actions) }
    }

    func nodeEnded(
        _ node: NodeID, _ launch: UInt32, _ end: ProcessEnd, _ actions: inout [ConductAction]
    ) {
        guard let record = nodes[node], record.launch == launch, record.state != .down else {
            return
        }
        let lostDisk = end == .diskFailed && record.mayLoseDisk
        let wasExpected = record.state == .ending || lostDisk
        nodes[node]?.endLaunch()
        if lostDisk { noteDiskFailed(node) }
        let how: JSONValue
        switch end {
        case .exited(let code): how = .text("exit code \(code)")
        case .signalled(let signal):
            how = .text("signal \(signal)")
            noteKilled(node, launch)
        }
        event(
            .processEnded, node: node,
            [.init("expected", .flag(wasExpected)), .init("status", how)], &actions)
        isLeaving(node)
        if !wasExpected, phase != .ending {
            abandon(
                "node \(plan.name(of: node)) ended by itself (\(how.text ?? "")); see its log in "
                    + "the record", interrupted: false, &actions)
            return
        }
        switch phase {
        case .running, .draining, .converging: relaunchIfWanted(node, &actions)
        case .collecting: uncollected = uncollected.filter { $0.node != node }
        case .idle, .starting, .settling, .ending, .over: break
        }
    }

    /// The node answers no more and leads nobody.
    func isLeaving(_ node: NodeID) {
        forgetPolls(of: node)
        for index in leaders.indices where leaders[index]?.node == node { leaders[index] = nil }
    }

    /// Starts a node again that is down, if nothing in force keeps it down.
    func relaunchIfWanted(_ node: NodeID, _ actions: inout [ConductAction]) {
        guard let record = nodes[node], record.state == .down, !record.isStoppedByOperator,
            !board.nodesKeptDown.contains(node)
        else { return }
        launch(node, &actions)
    }

    func awaitNodes(_ actions: inout [ConductAction]) {
        if plan.nodes.allSatisfy({ nodes[$0.id]?.state == .up }) {
            enter(.settling)
            nextPoll = now
            return
        }
        guard now - phaseBegan > timing.readinessMax else { return }
        let missing = plan.nodes.filter { nodes[$0.id]?.state != .up }.map(\.name)
        abandon(
            "not ready within \(timing.readinessMax): \(missing.joined(separator: ", "))",
            interrupted: false, &actions)
    }

    /// Waits until links are connected, groups settled and clients prepared, then sets time 0.
    func settle(_ actions: inout [ConductAction]) {
        if let obstacle = obstacleToTimeZero() {
            if now - phaseBegan > timing.readinessMax {
                abandon(
                    "not settled within \(timing.readinessMax): \(obstacle)", interrupted: false,
                    &actions)
            } else {
                pollIfDue(&actions)
            }
            return
        }
        guard fleet.isPrepared else {
            if !isPreparingFleet {
                isPreparingFleet = true
                fleet.prepare(at: now, into: &clientActions)
            } else if now - phaseBegan > timing.readinessMax {
                abandon(
                    "not settled within \(timing.readinessMax): clients could not open their "
                        + "sessions", interrupted: false, &actions)
            }
            pollIfDue(&actions)
            return
        }
        setTimeZero(to: now + timing.lead, &actions)
        enter(.running)
        interval.begin(at: timeZero, every: timing.sampleInterval)
        for node in plan.nodes {
            startUsage[node.id] = nodes[node.id]?.usage
            for target in board.nodes where target != node.id {
                startTraffic[node.id, default: [:]][target] =
                    nodes[node.id]?.counters(to: target)
            }
        }
        actions.append(.begin(at: timeZero, wall: plan.start))
        fleet.start(at: timeZero)
        // Where a core has to get on, clients go on until it was healed at least.
        let last = liveness.map { $0.spec.from + $0.spec.within } ?? .zero
        clientsEnd = timeZero + max(plan.duration, last)
        fleet.stop(at: clientsEnd)
        for index in leaders.indices {
            guard let leader = leaders[index] else { continue }
            event(
                .leaderObserved, node: leader.node, group: GroupID(index: UInt16(index)),
                [.init("term", .count(leader.term))], &actions)
        }
    }

    private func obstacleToTimeZero() -> String? {
        for node in plan.nodes {
            guard let status = nodes[node.id]?.status else {
                return "\(node.name) has not told its status"
            }
            for index in status.links.indices where !status.links[index].isConnected {
                let target = status.links[index].target
                return "\(node.name) is not connected to \(plan.name(of: target))"
            }
        }
        for group in plan.groups {
            if let obstacle = obstacle(in: group) {
                return "data type '\(group.name)': \(obstacle)"
            }
        }
        return nil
    }

    private func obstacle(in group: PlannedGroup) -> String? {
        let hasLeader = strategies.first { $0.name == group.strategy }?.hasLeader ?? false
        let leader = leaders[Int(group.id.index)]?.node
        if hasLeader {
            guard let leader else { return "no leader" }
            if case .region(let wanted)? = group.options["preferred_leader"],
                leader.region != wanted
            {
                return "\(plan.name(of: leader)) leads instead of \(plan.name(of: wanted))"
            }
        }
        for member in (group.voters + group.learners).sorted() {
            guard let view = nodes[member]?.view(of: group.id) else {
                return "\(plan.name(of: member)) has no part in it"
            }
            if !view.isReady { return "\(plan.name(of: member)) is not ready" }
            if hasLeader, view.leader?.node != leader {
                return "\(plan.name(of: member)) does not follow the leader"
            }
        }
        return nil
    }

    /// Ends all processes in good order; used when everything is collected.
    func endNodes(_ actions: inout [ConductAction]) {
        enter(.ending)
        for node in plan.nodes where nodes[node.id]?.state != .down {
            if nodes[node.id]?.isPaused == true || nodes[node.id]?.state == .starting {
                actions.append(.kill(node.id))
            } else {
                actions.append(.stop(node.id))
            }
            nodes[node.id]?.state = .ending
        }
        awaitEnd(&actions)
    }

    func awaitEnd(_ actions: inout [ConductAction]) {
        let alive = plan.nodes.filter { nodes[$0.id]?.state != .down }
        if alive.isEmpty || now - phaseBegan > timing.endingMax * 2 {
            enter(.over)
            actions.append(
                .finish(
                    failure ?? RunEnd(isComplete: true, failure: nil, isInterrupted: false)))
        } else if now - phaseBegan > timing.endingMax, !hasKilledAtEnd {
            hasKilledAtEnd = true
            for node in alive { actions.append(.kill(node.id)) }
        }
    }
}
