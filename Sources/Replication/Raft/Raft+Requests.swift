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
    func route(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
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
            answer(.failed(noServer), to: request.origin, &output)
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

    /// A leader is known, or this member leads: what has waited can go on.
    func leaderIsKnown(_ now: NodeTime, _ output: inout Output) {
        settleTransfer(&output)
        dispatchWaiting(now, &output)
    }

    /// There is no leader, or none is known here.
    var noServer: ServiceError {
        ServiceError(
            .noLeader,
            "no leader is known; an election may be under way, or no majority of the "
                + "group can be reached from here", isIndefinite: false, hint: leader?.node)
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

extension Raft: RequestPassing {
    static var server: String { "leader" }
    var commitTimeout: TimeSpan { options.commitTimeout }

    /// Where no leader is known a request waits for one, whoever this member is.
    func reroute(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
        if leader != nil { route(request, now, &output) } else { wait(request, &output) }
    }

    func count(_ event: RequestPassed) {
        switch event {
        case .forwarded: transitions.count(.requestForwarded)
        case .repeated: transitions.count(.forwardRepeated)
        case .failed: transitions.count(.forwardFailed)
        case .expired: transitions.count(.forwardExpired)
        case .waitedInVain: transitions.count(.requestExpired)
        }
    }

    static func passingOn(_ number: UInt64, _ work: Work) -> RaftMessage {
        switch work {
        case .client(let request): RaftMessage(.forward(number, request))
        case .administration(let command): RaftMessage(.forwardAdministration(number, command))
        }
    }

    static func answering(_ number: UInt64, _ reply: ClientReply) -> RaftMessage {
        RaftMessage(.forwardReply(number, reply))
    }
}
