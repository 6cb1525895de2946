import Conduct
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// The lives of processes: launches, recovery, ends.
extension VirtualEngine {
    /// How long a process takes from its launch until it serves.
    static let startTime = TimeSpan.milliseconds(50)
    /// How long a killed process takes to be gone.
    static let killTime = TimeSpan.milliseconds(1)
    /// How often each link is probed: as in real nodes, ten times a second on each of a few
    /// links, less often where there are many; and in runs of hours as seldom as nodes are asked.
    var probeInterval: TimeSpan {
        max(.milliseconds(100), .milliseconds(20) * Int64(nodes.count - 1))
            * ConductTiming.ease(of: plan.duration)
    }

    func launch(
        _ index: Int, _ launch: UInt32, erasing: Bool, condition: NodeCondition,
        conditions: [NodeID: [LinkCondition]]
    ) {
        let node = nodes[index]
        node.launch = launch
        if erasing { node.disk.erase() }
        set(condition, index, nil)
        guard !condition.disk.isFull, !condition.disk.fails else {
            // Opening the database writes to it.
            queue.insert(
                .ended(node: index, launch: launch, .diskFailed),
                at: now + Self.startTime)
            return
        }
        do {
            node.process = SimulatedProcess(
                launch: launch, machine: try recover(index, launch), nodeCount: nodes.count)
        } catch {
            return tell(
                .abandon(reason: "\(node.node.name) could not start: \(error)", interrupted: false))
        }
        for (target, other) in plan.nodes.enumerated() where target != index {
            let name = "link/\(MemberID(node.node.id))/\(MemberID(other.id))/\(launch)"
            var link = Link(
                profile: plan.network.link(from: node.node.id, to: other.id),
                random: RandomStream(seed: plan.seed, name: name),
                prioritises: priorities.differ)
            link.setConditions(conditions[other.id] ?? [], now: now, into: &linkOutputs)
            linkOutputs.removeAll()
            links[index * nodes.count + target] = SimulatedLink(
                source: index, target: target, targetID: other.id, link: link)
        }
        queue.insert(.ready(node: index, launch: launch), at: now + Self.startTime)
    }

    /// A machine with what the disk holds, or with nothing under a new identity: like a real node,
    /// one that finds its disk damaged, or empty although this is not its first launch, comes
    /// back under its launch number as incarnation.
    private func recover(_ index: Int, _ launch: UInt32) throws -> RegionNode {
        let node = nodes[index]
        switch node.disk.open() {
        case .groups(let member, let groups):
            do {
                let machine = try makeMachine(member, launch)
                for group in groups {
                    try machine.recover(
                        group.group, checkpoint: group.checkpoint,
                        checkpointThrough: group.through, records: group.records)
                }
                return machine
            } catch is MalformedBytes {
                node.disk.erase()
            }
        case .damaged: node.disk.erase()
        case .empty: break
        }
        let member = MemberID.withoutMemory(node.node.id, life: launch)
        node.disk.found(by: member)
        return try makeMachine(member, launch)
    }

    private func makeMachine(_ member: MemberID, _ launch: UInt32) throws -> RegionNode {
        var setup = NodeSetup(
            member: member, launch: launch, groups: placements, roundTrips: roundTrips,
            seed: plan.seed, isRejoining: member.incarnation > 0,
            services: plan.servicesSetup)
        setup.logsReplication = plan.scenario.logsReplication
        return try RegionNode(setup: setup, registry: strategies)
    }

    /// A process serves: it starts its machine, and everybody who talks to it is told.
    func ready(_ index: Int, _ launch: UInt32) {
        // One that was killed at this very moment gets to nothing any more.
        guard let process = nodes[index].process, process.launch == launch, !process.isStopping
        else { return }
        process.isReady = true
        process.machine.start(at: nodes[index].clock.reading(at: now), into: &nodeActions)
        carryOutNodeActions(of: nodes[index], process, at: now)
        queue.insert(.probes(node: index, launch: launch), at: now + probeInterval)
        for path in paths.indices where paths[path].node == index { nodeListens(onPath: path) }
        for other in nodes.indices where other != index {
            learn(of: index, other)
            if nodes[other].process?.isReady == true { learn(of: other, index) }
        }
        tell(.nodeReady(nodes[index].node.id, launch: launch))
    }

    /// A node is told where another listens.
    private func learn(of other: Int, _ index: Int) {
        guard let link = links[index * nodes.count + other] else { return }
        link.isAddressKnown = true
        guard nodes[index].process?.isReady == true else { return }
        changeLink(index, other) { link, now, outputs in link.start(now: now, into: &outputs) }
    }

    func kill(_ index: Int) {
        guard let process = nodes[index].process, !process.isStopping else { return }
        // The conductor may kill what is about to end; nothing more of it is seen by then.
        process.isStopping = true
        nodes[index].disk.crash()
        queue.insert(
            .ended(node: index, launch: process.launch, .signalled(9)), at: now + Self.killTime)
    }

    /// A process ends in good order.
    func stop(_ index: Int, _ process: SimulatedProcess) {
        process.isStopping = true
        nodes[index].disk.closeInOrder(nodes[index].condition.disk)
        queue.insert(
            .ended(node: index, launch: process.launch, .exited(code: 0)),
            at: now + Self.killTime)
    }

    /// The disk of a process failed: it ends without acknowledging more.
    func fail(_ node: SimulatedNode, _ process: SimulatedProcess) {
        process.isStopping = true
        node.disk.crash()
        queue.insert(
            .ended(node: node.position, launch: process.launch, .diskFailed),
            at: now + Self.killTime)
    }

    func ended(_ index: Int, _ launch: UInt32, _ end: ProcessEnd) {
        let node = nodes[index]
        guard node.launch == launch else { return }
        if let process = node.process { coverLast(process) }
        node.process = nil
        for other in nodes.indices where other != index {
            links[index * nodes.count + other] = nil
            if nodes[other].process != nil { peerIsGone(index, from: other) }
        }
        for path in paths.indices where paths[path].node == index { nodeIsGone(onPath: path) }
        tell(.nodeEnded(node.node.id, launch: launch, end))
    }
}
