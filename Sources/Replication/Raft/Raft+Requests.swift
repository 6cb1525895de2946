import DequeModule
import Determinism

/// Taking in what clients and administrators ask, at any member, and passing it on to the leader.
extension Raft {
    func take(
        _ request: ClientRequest, from origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        if let error = refusal(of: request) {
            answer(.failed(error), to: origin, &output)
            return
        }
        if options.reads == .local, let query = ReadQuery(request.command) {
            readLocally(query, origin, &output)
            return
        }
        route(
            WaitingRequest(
                work: .client(request), origin: origin,
                deadline: now.monotonic + options.commitTimeout), now, &output)
    }

    func take(
        _ command: Administration, from origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        route(
            WaitingRequest(
                work: .administration(command), origin: origin,
                deadline: now.monotonic + options.commitTimeout), now, &output)
    }

    /// Does what is asked, passes it on, or lets it wait.
    private func route(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
        if isLeader, transfer == nil || servesWhileHandingOver(request) {
            lead(request, now, &output)
        } else if isLeader {
            wait(request, &output)
        } else if !membership.contains(me) {
            let error = ServiceError(
                hasBelonged ? .notMember : .recovering,
                hasBelonged
                    ? "this node was removed from the group"
                    : "this node lost its disk and has not been taken in again yet",
                isIndefinite: false, hint: leader?.node)
            answer(.failed(error), to: request.origin, &output)
        } else if case .remote = request.origin {
            // Whoever passed it on takes this member for the leader by mistake.
            answer(.failed(noLeader(hint: leader)), to: request.origin, &output)
        } else if let leader {
            forward(request, to: leader, now, &output)
        } else {
            wait(request, &output)
        }
    }

    /// Whether a request need not wait until leadership is handed over.
    private func servesWhileHandingOver(_ request: WaitingRequest) -> Bool {
        #if PlantedBugs
            if case .client(let client) = request.work, client.isRead {
                return PlantedBug.isPlanted(.leaseAfterHandover)
            }
        #endif
        return false
    }

    private func lead(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
        switch request.work {
        case .administration(let command): administer(command, request.origin, now, &output)
        case .client(let client):
            if let query = ReadQuery(client.command) {
                read(query, request.origin, now, &output)
                return
            }
            switch client.command {
            case .openSession: propose(.openSession, request.origin, now, &output)
            case .operate(let key, let operation, _):
                let command = LogCommand(
                    session: client.session, sequence: client.sequence,
                    firstUnanswered: client.firstUnanswered, key: key, operation: operation)
                propose(.command(command), request.origin, now, &output)
                #if PlantedBugs
                    readEarly(operation)
                #endif
            }
        }
    }

    private func propose(
        _ payload: LogEntry.Payload, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        guard uncommittedBytes < RaftOptions.uncommittedBytesMax,
            proposals.count < Limits.requestsInFlightMax
        else {
            let error = ServiceError(
                .overloaded, "too many writes wait for a majority", isIndefinite: false)
            answer(.failed(error), to: origin, &output)
            return
        }
        append(payload, from: origin, now)
        flushSoon(now, &output)
    }

    private func wait(_ request: WaitingRequest, _ output: inout Output) {
        guard waiting.count < WaitingRequest.countMax else {
            let error = ServiceError(
                .overloaded, "too many requests wait for a leader", isIndefinite: false)
            answer(.failed(error), to: request.origin, &output)
            return
        }
        waiting.append(request)
    }

    private func forward(
        _ request: WaitingRequest, to leader: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard !forwards.isFull else {
            let error = ServiceError(
                .overloaded, "too many requests are under way to the leader",
                isIndefinite: false, hint: leader.node)
            answer(.failed(error), to: request.origin, &output)
            return
        }
        transitions.count(.requestForwarded)
        let roundTrip = setup.roundTrips[me.node.region, leader.node.region]
        let number = forwards.add(
            ForwardTable.Forward(
                work: request.work, origin: request.origin, leader: leader,
                deadline: now.monotonic + options.commitTimeout * 2 + roundTrip))
        switch request.work {
        case .client(let request): send(.forward(number, request), to: leader, &output)
        case .administration(let command):
            send(.forwardAdministration(number, command), to: leader, &output)
        }
    }

    func forwardAnswered(
        _ number: UInt64, _ reply: ClientReply, _ sender: MemberID, _ now: NodeTime,
        _ output: inout Output
    ) {
        guard let forward = forwards.take(number, answeredBy: sender) else { return }
        if case .failed(let error) = reply.outcome, error.code == .noLeader,
            !error.isIndefinite
        {
            // The member asked does not lead any more; it took no part in the request.
            if leader == sender { leader = nil }
            askAgain(forward.work, for: forward.origin, now, &output)
            return
        }
        answer(reply, to: forward.origin, &output)
    }

    private func askAgain(
        _ work: Work, for origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        transitions.count(.forwardRepeated)
        let request = WaitingRequest(
            work: work, origin: origin, deadline: now.monotonic + options.commitTimeout)
        if leader != nil { route(request, now, &output) } else { wait(request, &output) }
    }

    /// The leader or the way to it is lost: what it did is unknown. What can be asked again is.
    /// With `isSuperseded` there is only a later leader, and the member may answer the rest yet.
    func failForwards(
        to member: MemberID, isSuperseded: Bool = false, _ now: NodeTime,
        _ output: inout Output
    ) {
        for forward in forwards.takeAll(to: member, repeatableOnly: isSuperseded) {
            if forward.work.isHarmless {
                askAgain(forward.work, for: forward.origin, now, &output)
            } else if forward.work.isRepeatable, let handle = forward.origin.handle {
                askAgain(forward.work, for: .repeated(handle), now, &output)
            } else {
                transitions.count(.forwardFailed)
                let error = ServiceError(
                    .leadershipLost,
                    "the leader was lost while the request was under way to it; the request "
                        + "may have taken effect", isIndefinite: true)
                answer(.failed(error), to: forward.origin, &output)
            }
        }
    }

    func expireForwards(_ now: NodeTime, _ output: inout Output) {
        guard now.monotonic >= forwards.nextDeadline else { return }
        for forward in forwards.takeExpired(at: now.monotonic) {
            transitions.count(.forwardExpired)
            let error = ServiceError(
                .consensusNotAchieved,
                "no answer from the leader in time; the request may have taken effect",
                isIndefinite: !forward.work.isHarmless, hint: forward.leader.node)
            answer(.failed(error), to: forward.origin, &output)
        }
    }

    func expireWaiting(_ now: NodeTime, _ output: inout Output) {
        while let first = waiting.first, first.deadline <= now.monotonic {
            waiting.removeFirst()
            transitions.count(.requestExpired)
            answer(.failed(noLeader(hint: leader)), to: first.origin, &output)
        }
    }

    /// A leader is known, or this member leads: what has waited can go on.
    func leaderIsKnown(_ now: NodeTime, _ output: inout Output) {
        settleTransfer(&output)
        dispatchWaiting(now, &output)
    }

    func dispatchWaiting(_ now: NodeTime, _ output: inout Output) {
        guard !waiting.isEmpty else { return }
        let requests = waiting
        waiting.removeAll(keepingCapacity: true)
        for request in requests { route(request, now, &output) }
    }

    func answer(_ reply: ClientReply, to origin: Origin, _ output: inout Output) {
        switch origin {
        case .local(let handle): output.reply(reply, to: handle)
        case .repeated(let handle):
            guard case .failed(var error) = reply.outcome else {
                return output.reply(reply, to: handle)
            }
            // What is refused now, because its session has expired say, may have been done before.
            error.isIndefinite = true
            output.reply(.failed(error), to: handle)
        case .remote(let member, let number):
            send(.forwardReply(number, reply), to: member, &output)
        case .internal: break
        }
    }

    private func noLeader(hint: MemberID?) -> ServiceError {
        ServiceError(
            .noLeader,
            "no leader is known; an election may be under way, or no majority of the "
                + "group can be reached from here", isIndefinite: false, hint: hint?.node)
    }

    /// Why a request cannot be served by any member, if so.
    private func refusal(of request: ClientRequest) -> ServiceError? {
        guard case .operate(let key, let operation, _) = request.command else { return nil }
        let type = setup.valueType
        guard supportedKinds.contains(operation.kind) else {
            return ServiceError(
                .unsupported, "raft has no \(operation.kind.rawValue) on a \(type.rawValue)",
                isIndefinite: false)
        }
        if case .transaction(let steps) = operation {
            return Operation.problem(with: steps, under: key).map {
                ServiceError(.invalid, $0, isIndefinite: false)
            }
        }
        guard key.bytes.count <= Limits.keyBytesMax else {
            return ServiceError(
                .invalid, "a key of \(key.bytes.count) bytes, at most \(Limits.keyBytesMax)",
                isIndefinite: false)
        }
        let largest =
            switch operation {
            case .read, .delete, .increment, .transaction, .call: 0
            case .write(let bytes), .append(let bytes), .add(let bytes), .remove(let bytes):
                bytes.count
            case .put(let field, let content): max(field.count, content.count)
            case .compareAndSet(let expected, let new): max(expected?.count ?? 0, new.count)
            }
        guard largest <= Limits.valueBytesMax else {
            return ServiceError(
                .invalid, "a value of \(largest) bytes, at most \(Limits.valueBytesMax)",
                isIndefinite: false)
        }
        return nil
    }
}
