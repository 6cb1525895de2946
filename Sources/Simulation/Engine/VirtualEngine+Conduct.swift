import Conduct
import DequeModule
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios
import Workloads

/// Carrying out what the director wants.
extension VirtualEngine {
    func carryOut(_ action: ConductAction) {
        switch action {
        case .send(let send): self.send(send)
        case .record(let entry): add(entry)
        case .abandonAttempt(let attempt): underWay.remove(attempt)
        case .poll(let node, _), .conditionNode(let node, _), .administer(_, let node, _, _),
            .collect(let node, _), .condition(let node, _, _), .reset(let node, _),
            .stop(let node):
            ask(action, of: nodeIndex[node] ?? 0)
        case .launch(let node, let launch, let erasing, let condition, let conditions):
            self.launch(
                nodeIndex[node] ?? 0, launch, erasing: erasing, condition: condition,
                conditions: conditions)
        case .kill(let node): kill(nodeIndex[node] ?? 0)
        case .pause(let node): nodes[nodeIndex[node] ?? 0].process?.isPaused = true
        case .resume(let node): resume(nodeIndex[node] ?? 0)
        case .inspect(let node):
            let process = nodes[nodeIndex[node] ?? 0].process
            let state: ProcessState =
                process.map { $0.isPaused ? .stopped : .running } ?? .gone
            queue.insert(.conduct(.processState(node, state)), at: now)
        case .cutClients(let cut): cutClients(from: cut)
        case .begin(let instant, let wall):
            trueWall = (wall, instant)
            for node in nodes { node.clock.setWall(wall, at: instant) }
        case .finish(let end): finish(end)
        }
    }

    /// Asks a node's process something over its control connection: at once if it runs, when it
    /// goes on if it stands still, and not at all if there is none.
    private func ask(_ action: ConductAction, of index: Int) {
        guard let process = nodes[index].process, !process.isStopping else { return }
        guard process.isReady else {
            // A signal to end reaches it all the same.
            if case .stop = action { stop(index, process) }
            return
        }
        if process.isPaused {
            process.deferred.append(action)
        } else {
            answer(action, index, process)
        }
    }

    private func answer(_ action: ConductAction, _ index: Int, _ process: SimulatedProcess) {
        switch action {
        case .poll(_, let token):
            queue.insert(.conduct(.status(status(of: index, process), token: token)), at: now)
        case .conditionNode(_, let condition): set(condition, index, process)
        case .condition(_, let target, let conditions):
            changeLink(index, nodeIndex[target] ?? 0) { link, now, outputs in
                link.setConditions(conditions, now: now, into: &outputs)
            }
        case .reset(_, let target):
            changeLink(index, nodeIndex[target] ?? 0) { link, now, outputs in
                link.reset(now: now, into: &outputs)
            }
        case .administer(let id, _, let group, let command):
            process.requestsInFlight += 1
            let handle = RequestHandle(connection: Self.controlConnection, request: id)
            process.requests.prepend(.administer(command, group: group, handle))
            work(nodes[index], process)
        case .collect(let node, let group):
            guard let entries = process.machine.finalState(of: group) else {
                return tell(
                    .abandon(
                        reason: "\(plan.name(of: node)) has no part in group \(group.index)",
                        interrupted: false))
            }
            queue.insert(.conduct(.finalState(node, group, entries)), at: now)
        case .stop: stop(index, process)
        case .launch, .kill, .pause, .resume, .inspect, .cutClients, .begin, .send,
            .abandonAttempt, .record, .finish:
            preconditionFailure("this is not asked of a node")
        }
    }

    /// The connection that administrators' requests come in on.
    static let controlConnection = UInt64.max

    private func resume(_ index: Int) {
        guard let process = nodes[index].process, process.isPaused else { return }
        process.isPaused = false
        let deferred = process.deferred
        process.deferred.removeAll()
        for action in deferred where nodes[index].process === process {
            answer(action, index, process)
        }
        guard nodes[index].process === process else { return }
        answerDials(to: index)
        for target in nodes.indices {
            if let link = links[index * nodes.count + target] { scheduleWake(of: link) }
        }
        work(nodes[index], process)
        beginCommit(nodes[index], process, at: now)
    }

    /// Puts what faults do to a node into force.
    func set(_ condition: NodeCondition, _ index: Int, _ process: SimulatedProcess?) {
        let node = nodes[index]
        if condition.clock != node.condition.clock { node.clock.set(condition.clock, at: now) }
        while node.corruptionsDone < condition.disk.corruptions {
            node.corruptionsDone += 1
            node.disk.rot()
        }
        node.condition = condition
        if let process { scheduleWake(node, process) }
    }

    /// How a node is; its notes are handed out with it.
    private func status(of index: Int, _ process: SimulatedProcess) -> NodeStatus {
        let node = nodes[index]
        let reading = node.clock.reading(at: now)
        var status = NodeStatus(
            member: process.machine.member, launch: process.launch,
            time: NodeTime(monotonic: now, wall: reading.wall))
        status.monotonicLead = reading.monotonic - now
        status.groups = process.machine.groups.compactMap { group in
            process.machine.view(of: group).map { GroupStatus(group: group, view: $0) }
        }
        status.links.reserveCapacity(nodes.count)
        let row = index * nodes.count
        for column in row..<row + nodes.count {
            guard let link = links[column] else { continue }
            status.links.append(
                LinkStatus(
                    target: link.targetID, counters: link.link.counters,
                    isConnected: link.link.seemsConnected))
        }
        status.arrivals = process.arrivals.compactMap { $0 }
        swap(&status.notes, &process.notes)
        status.processorTime = process.processorTime
        status.workTime = process.processorTime - process.stalled
        status.commits = node.disk.commits
        status.recordsCommitted = node.disk.recordsCommitted
        status.commitTime = node.disk.commitTime
        status.requestsInFlight = UInt64(max(0, process.requestsInFlight))
        status.disk = node.disk.counters
        status.stalled = process.stalled
        status.requestsShed = process.requestsShed
        return status
    }
}
