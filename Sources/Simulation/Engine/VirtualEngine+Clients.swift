import Conduct
import Determinism
import Geography
import RegionCore
import Replication
import Scenarios
import Workloads

/// What runs between clients and nodes.
extension VirtualEngine {
    private func path(from region: RegionID, to node: Int) -> Int {
        Int(region.index) * nodes.count + node
    }

    func send(_ send: ClientSend) {
        let position = path(from: send.from, to: self.position(of: send.node) ?? 0)
        let path = paths[position]
        let size = Limits.frameOverheadBytes + send.request.encodedSize
        let kind: MessageKind = send.request.isRead ? .read : .write
        let verdict = path.requests.offer(bytes: size, kind: kind, now: path.requestTime(now))
        trace?.asked(send, at: now, TraceFate(verdict))
        switch verdict {
        case .due(let due):
            underWay.add(send.attempt, path: position)
            deliver(send, position, at: due)
        case .held(let ticket):
            underWay.add(send.attempt, path: position)
            path.hold(SimulatedClientPath.HeldRequest(ticket: ticket, send: send))
        case .lost: underWay.add(send.attempt, path: position)
        case .full: fail(send.attempt, path, definite: true, "the path is full")
        case .notConnected:
            // Nothing was sent; the client learns of it when a refusal could be back.
            fail(send.attempt, path, definite: true, "connection refused")
        }
        schedulePathWake(position)
    }

    private func deliver(_ send: ClientSend, _ position: Int, at due: Instant) {
        queue.insert(
            .request(RequestInFlight(send, on: paths[position], at: position)), at: due)
    }

    private func fail(
        _ attempt: AttemptID, _ path: SimulatedClientPath, definite: Bool, _ reason: String
    ) {
        underWay.remove(attempt)
        queue.insert(
            .client(.attemptFailed(attempt, definite: definite, reason: reason)),
            at: now + path.roundTrip)
    }

    /// A request has crossed its path.
    func arrived(_ arrival: RequestInFlight) {
        let node = nodes[paths[Int(arrival.path)].node]
        guard let process = node.process, process.launch == arrival.launch,
            !process.isStopping
        else { return }
        work.requests += 1
        trace?.askReceived(arrival.attempt, at: now)
        process.requestsInFlight += 1
        guard process.requests.count < costs.queue,
            process.requestsInFlight <= Limits.requestsInFlightMax
        else {
            process.requestsShed += 1
            let error = ServiceError(
                .overloaded, "this node has too much to do; try again later or elsewhere",
                isIndefinite: false)
            return answer(.failed(error), arrival.handle, process, at: now)
        }
        process.requests.append(.request(arrival))
        work(node, process)
    }

    /// A node answers.
    func answer(
        _ reply: ClientReply, _ handle: RequestHandle, _ process: SimulatedProcess,
        at time: Instant
    ) {
        process.requestsInFlight -= 1
        if handle.connection == Self.controlConnection {
            queue.insert(.conduct(.administered(handle.request, reply)), at: time)
            return
        }
        let position = Int(handle.connection >> 32)
        let path = paths[position]
        let attempt = AttemptID(rawValue: handle.request)
        guard path.isOpen, path.connection == UInt32(truncatingIfNeeded: handle.connection),
            underWay.remove(attempt)
        else { return }
        let size = Limits.frameOverheadBytes + reply.encodedSize
        let verdict = path.replies.offer(
            bytes: size, kind: .readReply, now: path.replyTime(time))
        trace?.answered(attempt, reply, at: time, TraceFate(verdict))
        switch verdict {
        case .due(let due): queue.insert(.client(.reply(attempt, reply)), at: due)
        case .held(let ticket):
            path.hold(
                SimulatedClientPath.HeldReply(ticket: ticket, attempt: attempt, reply: reply))
        case .lost, .full, .notConnected: break
        }
        schedulePathWake(position)
    }

    func tellOfClient(_ event: ClientEvent) {
        work.replies += 1
        if let trace, case .reply(let attempt, _) = event {
            trace.answerReceived(attempt, at: now)
        }
        tell(.client(event))
    }

    // MARK: Connections

    func nodeListens(onPath position: Int) {
        let path = paths[position]
        path.isThere = true
        let time = path.requestTime(now)
        if case .closed = path.requests.connection {
            path.requests.start(now: time, into: &linkOutputs)
        } else {
            path.requests.advance(to: time, into: &linkOutputs)
        }
        carryOutRequests(position)
    }

    func nodeIsGone(onPath position: Int) {
        let path = paths[position]
        path.isThere = false
        guard path.isOpen else { return }
        path.isOpen = false
        path.requests.connectionLost(now: path.requestTime(now), into: &linkOutputs)
        carryOutRequests(position)
    }

    func cutClients(from cut: Set<NodeID>) {
        self.cut = cut
        for (position, path) in paths.enumerated() {
            let conditions: [LinkCondition] =
                cut.contains(nodes[path.node].node.id) ? [.held] : []
            path.requests.setConditions(
                conditions, now: path.requestTime(now), into: &linkOutputs)
            carryOutRequests(position)
            path.replies.setConditions(conditions, now: path.replyTime(now), into: &linkOutputs)
            carryOutReplies(position)
        }
    }

    func pathWake(_ position: Int) {
        let path = paths[position]
        guard path.wakeDue <= now else { return }
        path.wakeDue = .distantFuture
        path.requests.advance(to: path.requestTime(now), into: &linkOutputs)
        carryOutRequests(position)
        path.replies.advance(to: path.replyTime(now), into: &linkOutputs)
        carryOutReplies(position)
    }

    private func schedulePathWake(_ position: Int) {
        let path = paths[position]
        let due = path.nextWake
        guard due < path.wakeDue else { return }
        path.wakeDue = due
        queue.insert(.pathWake(position), at: max(now, due))
    }

    private func carryOutRequests(_ position: Int) {
        let path = paths[position]
        while !linkOutputs.isEmpty {
            let outputs = linkOutputs
            linkOutputs.removeAll(keepingCapacity: true)
            for output in outputs {
                switch output {
                case .release(let ticket, let due):
                    if let send = path.releaseRequest(ticket) { deliver(send, position, at: due) }
                case .discard(let ticket): _ = path.releaseRequest(ticket)
                case .reset(let reason): connectionIsOver(position, reason)
                case .connect: connect(path)
                }
            }
        }
        schedulePathWake(position)
    }

    private func carryOutReplies(_ position: Int) {
        let path = paths[position]
        let outputs = linkOutputs
        linkOutputs.removeAll(keepingCapacity: true)
        var hasNodeGivenUp = false
        for output in outputs {
            switch output {
            case .release(let ticket, let due):
                if let held = path.releaseReply(ticket) {
                    queue.insert(.client(.reply(held.attempt, held.reply)), at: due)
                }
            case .discard(let ticket): _ = path.releaseReply(ticket)
            case .reset(let reason):
                path.forgetHeldReplies()
                if reason == .silence { hasNodeGivenUp = true }
            case .connect: break
            }
        }
        if hasNodeGivenUp, path.isOpen {
            // There is one connection for both ways: the clients' end is dead, too.
            path.isOpen = false
            path.requests.connectionLost(now: path.requestTime(now), into: &linkOutputs)
            carryOutRequests(position)
        }
        schedulePathWake(position)
    }

    private func connect(_ path: SimulatedClientPath) {
        let time = path.requestTime(now)
        guard path.isThere, let process = nodes[path.node].process else {
            return path.requests.connectionFailed(now: time, into: &linkOutputs)
        }
        guard path.requests.connectionOpened(now: time, into: &linkOutputs) else { return }
        path.isOpen = true
        path.connection &+= 1
        path.launch = process.launch
        var outputs: [LinkOutput] = []
        _ = path.replies.connectionOpened(now: path.replyTime(now), into: &outputs)
        // A connection that is followed by another takes its answers with it.
        if !outputs.isEmpty { path.forgetHeldReplies() }
    }

    private func connectionIsOver(_ position: Int, _ reason: LinkResetReason) {
        let path = paths[position]
        path.isOpen = false
        path.forgetHeld()
        let why: String
        switch reason {
        case .silence: why = "connection timed out"
        case .injected, .peerClosed, .superseded: why = "connection lost"
        }
        for attempt in underWay.attempts(onPath: position) {
            fail(attempt, path, definite: false, why)
        }
    }
}
