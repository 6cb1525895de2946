import DequeModule
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// Feeding machines: one thing after the other, each at its cost of processor time.
extension VirtualEngine {
    /// Takes in what waits, as long as the processor is free.
    func work(_ index: Int, _ process: SimulatedProcess) {
        while process.runs {
            guard process.busyUntil <= now else {
                expectFree(index, process)
                return
            }
            if !process.durable.isEmpty {
                tellOfDurability(index, process)
                continue
            }
            let isWakeDue = process.wakeDue <= now
            if !process.messages.isEmpty,
                process.messagesInTurn < SimulatedProcess.messagesPerTurn
                    || process.requests.isEmpty && !isWakeDue
            {
                process.messagesInTurn += 1
                take(process.messages.removeFirst(), index, process)
                continue
            }
            process.messagesInTurn = 0
            if isWakeDue {
                wake(index, process)
                continue
            }
            guard let input = process.requests.popFirst() else { return }
            take(input, index, process)
        }
    }

    private func expectFree(_ index: Int, _ process: SimulatedProcess) {
        guard !process.isFreeExpected, !process.isIdle(at: now) else { return }
        process.isFreeExpected = true
        queue.insert(.processorFree(index), at: process.busyUntil)
    }

    private func take(
        _ input: SimulatedProcess.Input, _ index: Int, _ process: SimulatedProcess
    ) {
        let event: NodeEvent
        switch input {
        case .request(let request, let group, let handle):
            event = .request(request, group: group, handle)
        case .administer(let command, let group, let handle):
            event = .administer(command, group: group, handle)
        }
        feed(event, cost: costs.perOperation, index, process)
    }

    /// Hands a message to the machine.
    func take(_ message: borrowing MessageInFlight, _ index: Int, _ process: SimulatedProcess) {
        if message.trace > 0 { trace?.received(message.trace, at: now) }
        let node = nodes[index]
        let done = spend(costs.perMessage, node, process)
        do throws(MalformedBytes) {
            try process.machine.receive(
                message.message, group: message.group, from: message.sender,
                at: node.clock.reading(at: now), into: &nodeActions)
        } catch {
            preconditionFailure("a member sent what another cannot take in: \(error)")
        }
        carryOutNodeActions(of: index, process, at: done)
        scheduleWake(index, process)
    }

    /// Hands an event to the machine. What it wants done happens when the processor is done.
    private func feed(
        _ event: NodeEvent, cost: TimeSpan, _ index: Int, _ process: SimulatedProcess
    ) {
        let node = nodes[index]
        let done = spend(cost, node, process)
        do throws(MalformedBytes) {
            try process.machine.handle(
                event, at: node.clock.reading(at: now), into: &nodeActions)
        } catch {
            preconditionFailure("what is no message carries no bytes: \(error)")
        }
        carryOutNodeActions(of: index, process, at: done)
        scheduleWake(index, process)
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
    func scheduleWake(_ index: Int, _ process: SimulatedProcess) {
        let own = process.machine.nextWake
        let due = own == .distantFuture ? own : max(now, nodes[index].clock.host(of: own))
        guard due < process.wakeDue else { return }
        process.wakeDue = due
        queue.insert(.nodeWake(index), at: due)
    }

    func nodeWake(_ index: Int) {
        guard let process = nodes[index].process, process.wakeDue <= now else { return }
        work(index, process)
    }

    /// Wakes the machine if it wants to be woken by now, or sees to it that it is later.
    private func wake(_ index: Int, _ process: SimulatedProcess) {
        process.wakeDue = .distantFuture
        let reading = nodes[index].clock.reading(at: now)
        if process.machine.nextWake <= reading.monotonic {
            feed(.wake, cost: .zero, index, process)
        } else {
            scheduleWake(index, process)
        }
    }

    // MARK: The disk

    func synced(_ index: Int, _ launch: UInt32) {
        let node = nodes[index]
        guard let process = node.process, process.launch == launch, !process.isStopping else {
            return
        }
        positions.removeAll(keepingCapacity: true)
        guard node.disk.endCommit(node.condition.disk, into: &positions) else {
            return fail(index, process)
        }
        if process.durable.isEmpty {
            process.durable = positions
        } else {
            for position in positions {
                if let known = process.durable.firstIndex(where: { $0.group == position.group }) {
                    process.durable[known].through = position.through
                } else {
                    process.durable.append(position)
                }
            }
        }
        if !process.isPaused { beginCommit(index, process, at: now) }
        work(index, process)
    }

    func beginCommit(_ index: Int, _ process: SimulatedProcess, at start: Instant) {
        let node = nodes[index]
        guard !process.isPaused, !process.isStopping,
            let duration = node.disk.beginCommit(costs.fsync, node.condition.disk)
        else { return }
        queue.insert(.synced(node: index, launch: process.launch), at: start + duration)
    }

    private func tellOfDurability(_ index: Int, _ process: SimulatedProcess) {
        let durable = process.durable
        process.durable.removeAll(keepingCapacity: true)
        for (group, through) in durable {
            feed(
                .durable(JournalPosition(rawValue: through), group: group), cost: .zero, index,
                process)
        }
    }

    // MARK: Actions

    /// Carries out what a machine has put into ``nodeActions``, as of `time`, and empties it.
    func carryOutNodeActions(of index: Int, _ process: SimulatedProcess, at time: Instant) {
        if nodeActions.actions.isEmpty, nodeActions.records.isEmpty { return }
        // Out of the engine while it is read, so that nothing has to be copied.
        var wanted = NodeActions()
        swap(&wanted, &nodeActions)
        let node = nodes[index]
        wanted.beginTaking()
        while let record = wanted.records.popLast() { node.disk.append(record) }
        taking: while true {
            switch wanted.actions.popLast() {
            case .send(let message, let group, let member)?:
                send(message, group, to: member, from: index, process, at: time)
            case .reply(let reply, let handle)?: answer(reply, handle, process, at: time)
            case .note(let note, let group)?:
                process.notes.append(TimedNote(time: now, group: group, note: note))
            case .checkpoint(let bytes, let group, let through)?:
                node.disk.append(checkpoint: bytes, group: group, through: through)
            case nil: break taking
            }
        }
        swap(&wanted, &nodeActions)
        beginCommit(index, process, at: time)
    }
}
