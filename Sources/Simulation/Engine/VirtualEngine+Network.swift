import DequeModule
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios

/// What runs between nodes: messages, probes, connections.
extension VirtualEngine {
    func send(
        _ message: consuming HostedMessage, _ group: GroupID, to member: MemberID, from index: Int,
        _ process: SimulatedProcess, at time: Instant
    ) {
        guard let target = position(of: member.node),
            let link = links[index * nodeCount + target],
            link.member.map({ $0 == member }) ?? true
        else { return }
        let verdict = link.link.offer(
            bytes: Limits.frameOverheadBytes + message.encodedSize, kind: message.kind,
            isKeepAlive: message.isKeepAlive, priority: priorities[of: group],
            now: link.time(time))
        switch verdict {
        case .due(let due):
            let number = traced(message, link, group, time, .due)
            deliver(message, group, process.member, link, number, at: due)
        case .held(let ticket):
            let number = traced(message, link, group, time, .held)
            link.hold(
                SimulatedLink.HeldMessage(group: group, message: message, trace: number),
                under: ticket)
            scheduleWake(of: link)
        case .lost, .full, .notConnected: _ = traced(message, link, group, time, .lost)
        }
        if link.link.nextWake < link.wakeDue { scheduleWake(of: link) }
    }

    @inline(__always)
    private func traced(
        _ message: HostedMessage, _ link: SimulatedLink, _ group: GroupID, _ time: Instant,
        _ fate: TraceFate
    ) -> UInt64 {
        guard isTraced, let trace else { return 0 }
        return trace.sent(
            message.content, from: nodes[link.source].node.id, to: link.targetID, group: group,
            at: time,
            fate)
    }

    private func deliver(
        _ message: consuming HostedMessage, _ group: GroupID, _ sender: MemberID,
        _ link: SimulatedLink, _ number: UInt64, at due: Instant
    ) {
        queue.insert(
            .message(
                MessageInFlight(
                    message: message, sender: sender, group: group,
                    receiver: Int32(link.target), launch: link.targetLaunch, trace: number)),
            at: due)
    }

    /// A message has crossed its link. What is under way survives its sender, not its receiver.
    func arrived(_ message: consuming MessageInFlight) {
        let node = nodes[Int(message.receiver)]
        guard let process = node.process, process.launch == message.launch,
            !process.isStopping
        else { return }
        work.messages += 1
        if process.takesAtOnce(at: now) {
            process.messagesInTurn += 1
            take(message, node, process)
            if process.isIdle(at: now) {
                if process.busyUntil <= now { process.messagesInTurn = 0 }
                return
            }
        } else {
            process.messages.append(message)
        }
        work(node, process)
    }

    // MARK: Probes

    func sendProbes(_ index: Int, _ launch: UInt32) {
        guard let process = nodes[index].process, process.launch == launch, !process.isStopping
        else { return }
        queue.insert(.probes(node: index, launch: launch), at: now + probeInterval)
        if process.isPaused { return }
        let row = index * nodes.count
        for position in row..<row + nodes.count {
            guard let link = links[position] else { continue }
            let time = link.time(now)
            guard let due = link.link.probe(now: time), link.link.connection == .open else {
                continue
            }
            queue.insert(
                .probe(link: position, launch: link.targetLaunch, sent: time), at: due)
        }
    }

    func probeArrived(_ link: Int, _ launch: UInt32, _ sent: Instant) {
        let index = link % nodes.count
        guard let process = nodes[index].process, process.launch == launch, process.runs else {
            return
        }
        let source = link / nodes.count
        process.arrived(nodes[source].node.id, at: source, after: now - sent)
    }

    // MARK: Links

    /// Changes the link between two nodes and carries out what that leads to. Nothing happens if
    /// the sender has no process.
    func changeLink(
        _ source: Int, _ target: Int,
        _ change: (inout Link, Instant, inout [LinkOutput]) -> Void
    ) {
        guard let link = links[source * nodes.count + target] else { return }
        change(&link.link, link.time(now), &linkOutputs)
        carryOutLink(link)
        scheduleWake(of: link)
    }

    func scheduleWake(of link: SimulatedLink) {
        let due = link.link.nextWake
        guard due < link.wakeDue else { return }
        link.wakeDue = due
        queue.insert(
            .linkWake(link.source * nodes.count + link.target), at: max(now, due))
    }

    func linkWake(_ position: Int) {
        guard let link = links[position], link.wakeDue <= now else { return }
        link.wakeDue = .distantFuture
        // A process that stands still does nothing about its links until it goes on.
        if nodes[link.source].process?.isPaused == true { return }
        link.link.advance(to: link.time(now), into: &linkOutputs)
        carryOutLink(link)
        scheduleWake(of: link)
    }

    private func carryOutLink(_ link: SimulatedLink) {
        guard !linkOutputs.isEmpty, let process = nodes[link.source].process else {
            linkOutputs.removeAll(keepingCapacity: true)
            return
        }
        let outputs = linkOutputs
        linkOutputs.removeAll(keepingCapacity: true)
        for output in outputs {
            switch output {
            case .release(let ticket, let due):
                if let held = link.release(ticket) {
                    deliver(
                        held.message, held.group, process.member, link, held.trace,
                        at: due)
                }
            case .discard(let ticket): _ = link.release(ticket)
            case .connect: dial(link)
            case .reset:
                link.forgetHeld()
                if let member = link.member { inform(link.source, process, .disconnected(member)) }
            }
        }
    }

    /// Tells a machine about a connection.
    private func inform(_ index: Int, _ process: SimulatedProcess, _ event: NodeEvent) {
        let node = nodes[index]
        guard process.isReady, !process.isStopping else { return }
        do throws(MalformedBytes) {
            try process.machine.handle(
                event, at: node.clock.reading(at: now), into: &nodeActions)
        } catch {
            preconditionFailure("connections carry no bytes: \(error)")
        }
        carryOutNodeActions(of: node, process, at: now)
        scheduleWake(node, process)
    }

    // MARK: Connections

    /// How long a peer may take to answer a connection's Hello.
    private static let helloTime = TimeSpan.seconds(5)

    private func dial(_ link: SimulatedLink) {
        guard link.isAddressKnown, let other = nodes[link.target].process, other.isReady,
            !other.isStopping
        else {
            link.link.connectionFailed(now: link.time(now), into: &linkOutputs)
            carryOutLink(link)
            return scheduleWake(of: link)
        }
        guard other.isPaused else { return connected(link, other) }
        link.attemptsMade += 1
        link.attempt = link.attemptsMade
        queue.insert(
            .helloLate(link: link.source * nodes.count + link.target, attempt: link.attempt),
            at: now + Self.helloTime)
    }

    func helloLate(_ position: Int, _ attempt: UInt32) {
        guard let link = links[position], link.attempt == attempt else { return }
        link.attempt = 0
        changeLink(link.source, link.target) { link, now, outputs in
            link.connectionFailed(now: now, into: &outputs)
        }
    }

    /// A process that stood still answers those that wait for its Hello.
    func answerDials(to index: Int) {
        guard let process = nodes[index].process else { return }
        for source in nodes.indices where source != index {
            guard let link = links[source * nodes.count + index], link.attempt != 0 else {
                continue
            }
            link.attempt = 0
            connected(link, process)
        }
    }

    private func connected(_ link: SimulatedLink, _ other: SimulatedProcess) {
        let isAllowed = link.link.connectionOpened(now: link.time(now), into: &linkOutputs)
        carryOutLink(link)
        scheduleWake(of: link)
        guard isAllowed, let process = nodes[link.source].process else { return }
        link.member = other.machine.member
        link.targetLaunch = other.launch
        inform(link.source, process, .connected(other.machine.member))
    }

    /// The other end of a link has no process any more.
    func peerIsGone(_ target: Int, from source: Int) {
        guard let link = links[source * nodes.count + target] else { return }
        if link.attempt != 0 {
            link.attempt = 0
            return changeLink(source, target) { link, now, outputs in
                link.connectionFailed(now: now, into: &outputs)
            }
        }
        changeLink(source, target) { link, now, outputs in
            link.connectionLost(now: now, into: &outputs)
        }
    }
}
