import DequeModule
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// Feeding machines: one thing after the other, each at its cost of processor time.
extension VirtualEngine {
    /// Takes in what waits, as long as the processor is free.
    func work(_ node: SimulatedNode, _ process: SimulatedProcess) {
        while process.runs {
            guard process.busyUntil <= now else {
                expectFree(node, process)
                return
            }
            if !process.durable.isEmpty {
                tellOfDurability(node, process)
                continue
            }
            let isWakeDue = process.wakeDue <= now
            if !process.messages.isEmpty,
                process.messagesInTurn < SimulatedProcess.messagesPerTurn
                    || process.requests.isEmpty && !isWakeDue
            {
                process.messagesInTurn += 1
                take(process.messages.removeFirst(), node, process)
                continue
            }
            process.messagesInTurn = 0
            if isWakeDue {
                wake(node, process)
                continue
            }
            guard let input = process.requests.popFirst() else { return }
            take(input, node, process)
        }
    }

    private func expectFree(_ node: SimulatedNode, _ process: SimulatedProcess) {
        guard !process.isFreeExpected, !process.isIdle(at: now) else { return }
        process.isFreeExpected = true
        queue.insert(.processorFree(node.position), at: process.busyUntil)
    }

    private func take(
        _ input: SimulatedProcess.Input, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        let event: NodeEvent
        switch input {
        case .request(let arrival):
            event = .request(arrival.request, group: arrival.group, arrival.handle)
        case .administer(let command, let group, let handle):
            event = .administer(command, group: group, handle)
        }
        feed(event, cost: costs.perOperation, node, process)
    }

    /// Hands a message to the machine.
    func take(
        _ message: borrowing MessageInFlight, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        if message.trace > 0 { trace?.received(message.trace, at: now) }
        let done = spend(costs.perMessage, node, process)
        do throws(MalformedBytes) {
            try process.machine.receive(
                message.message, group: message.group, from: message.sender,
                at: node.clock.reading(at: now), into: &nodeActions)
        } catch {
            preconditionFailure("a member sent what another cannot take in: \(error)")
        }
        carryOutNodeActions(of: node, process, at: done)
        scheduleWake(node, process)
    }

    /// Hands an event to the machine. What it wants done happens when the processor is done.
    private func feed(
        _ event: NodeEvent, cost: TimeSpan, _ node: SimulatedNode, _ process: SimulatedProcess
    ) {
        let done = spend(cost, node, process)
        do throws(MalformedBytes) {
            try process.machine.handle(
                event, at: node.clock.reading(at: now), into: &nodeActions)
        } catch {
            preconditionFailure("what is no message carries no bytes: \(error)")
        }
        carryOutNodeActions(of: node, process, at: done)
        scheduleWake(node, process)
    }

    /// Keeps the processor busy for `cost` from now on, or for as long as that takes it: until when.
    private func spend(
        _ cost: TimeSpan, _ node: SimulatedNode, _ process: SimulatedProcess
    ) -> Instant {
        guard cost > .zero else { return now }
        var spent = cost
        if node.condition.slowness != 1 {
            spent = TimeSpan(
                nanoseconds: Int64(Double(cost.nanoseconds) * node.condition.slowness))
            process.stalled += max(.zero, spent - cost)
        }
        process.processorTime += spent
        process.busyUntil = now + spent
        return process.busyUntil
    }

    // MARK: Timers

    /// Sees to it that the machine is woken when it wants to be.
    func scheduleWake(_ node: SimulatedNode, _ process: SimulatedProcess) {
        let own = process.machine.nextWake
        let due = own == .distantFuture ? own : max(now, node.clock.host(of: own))
        guard due < process.wakeDue else { return }
        process.wakeDue = due
        queue.insert(.nodeWake(node.position), at: due)
    }

    func nodeWake(_ index: Int) {
        let node = nodes[index]
        guard let process = node.process, process.wakeDue <= now else { return }
        work(node, process)
    }

    /// Wakes the machine if it wants to be woken by now, or sees to it that it is later.
    private func wake(_ node: SimulatedNode, _ process: SimulatedProcess) {
        process.wakeDue = .distantFuture
        let reading = node.clock.reading(at: now)
        if process.machine.nextWake <= reading.monotonic {
            feed(.wake, cost: .zero, node, process)
        } else {
            scheduleWake(node, process)
        }
    }

    // MARK: The disk

    func synced(_ index: Int, _ launch: UInt32) {
        let node = nodes[index]
        guard let process = node.process, process.launch == launch, !process.isStopping else {
            return
        }
        guard node.disk.endCommit(node.condition.disk, into: &positions) else {
            return fail(node, process)
        }
        if process.durable.isEmpty {
            swap(&process.durable, &positions)
        } else {
            for position in positions {
                if let known = process.durable.firstIndex(where: { $0.group == position.group }) {
                    process.durable[known].through = position.through
                } else {
                    process.durable.append(position)
                }
            }
            positions.removeAll(keepingCapacity: true)
        }
        if !process.isPaused { beginCommit(node, process, at: now) }
        work(node, process)
    }

    func beginCommit(_ node: SimulatedNode, _ process: SimulatedProcess, at start: Instant) {
        guard node.disk.queuedCount > 0, !process.isPaused, !process.isStopping,
            let duration = node.disk.beginCommit(costs.fsync, node.condition.disk)
        else { return }
        queue.insert(.synced(node: node.position, launch: process.launch), at: start + duration)
    }

    private func tellOfDurability(_ node: SimulatedNode, _ process: SimulatedProcess) {
        // Out of the process while it is read, so that nothing has to be copied.
        swap(&process.durable, &positions)
        for (group, through) in positions {
            feed(
                .durable(JournalPosition(rawValue: through), group: group), cost: .zero, node,
                process)
        }
        positions.removeAll(keepingCapacity: true)
    }

    // MARK: Actions

    /// Carries out what a machine has put into ``nodeActions``, as of `time`, and empties it.
    func carryOutNodeActions(of node: SimulatedNode, _ process: SimulatedProcess, at time: Instant)
    {
        if nodeActions.actions.isEmpty, nodeActions.records.isEmpty { return }
        // Out of the engine while it is read, so that nothing has to be copied.
        var wanted = NodeActions()
        swap(&wanted, &nodeActions)
        wanted.beginTaking()
        while let record = wanted.records.popLast() { node.disk.append(record) }
        taking: while true {
            switch wanted.actions.popLast() {
            case .send(let message, let group, let member)?:
                send(message, group, to: member, from: node.position, process, at: time)
            case .reply(let reply, let handle)?: answer(reply, handle, process, at: time)
            case .note(let note, let group)?:
                process.notes.append(TimedNote(time: now, group: group, note: note))
            case .checkpoint(let bytes, let group, let through)?:
                node.disk.append(checkpoint: bytes, group: group, through: through)
            case nil: break taking
            }
        }
        swap(&wanted, &nodeActions)
        beginCommit(node, process, at: time)
    }
}
