import DequeModule
import Determinism

/// Taking in what clients and administrators ask, at any member, and passing it on to the primary.
extension PrimaryBackup {
    func take(
        _ request: ClientRequest, from origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        if case .operate(_, let operation, _) = request.command,
            !supportedKinds.contains(operation.kind)
        {
            let error = ServiceError(
                .unsupported,
                "primary-backup has no \(operation.kind.rawValue) on a "
                    + setup.valueType.rawValue, isIndefinite: false)
            return answer(.failed(error), to: origin, &output)
        }
        if options.reads == .local, let query = ReadQuery(request.command), isMember, isInLine {
            return answer(machine.values.answer(query), to: origin, &output)
        }
        route(
            WaitingRequest(
                work: .client(request), origin: origin,
                deadline: now.monotonic + options.commitTimeout), now, &output)
    }

    /// Does what is asked, passes it on, or lets it wait.
    func route(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
        if reign != nil {
            if mayTake(request.work, now) {
                serve(request, now, &output)
            } else {
                wait(request, &output)
            }
        } else if case .remote = request.origin {
            // Whoever passed it on takes this member for the primary by mistake.
            answer(.failed(noPrimary()), to: request.origin, &output)
        } else if let primary, primary != me {
            forward(request, to: primary, now, &output)
        } else {
            wait(request, &output)
        }
    }

    private func mayTake(_ work: Work, _ now: NodeTime) -> Bool {
        #if PlantedBugs
            if case .client(let request) = work, request.isRead,
                PlantedBug.isPlanted(.readWithoutLease)
            {
                return reign?.isEstablished == true
            }
            if case .client(let request) = work, !request.isRead,
                PlantedBug.isPlanted(.acknowledgedWithoutLease), reign?.isConfirmed == true
            {
                return reign?.isEstablished == true && reign?.handOver == nil
            }
        #endif
        guard isServing(now) else { return false }
        if case .administration = work { return true }
        return reign?.handOver == nil
    }

    private func serve(_ request: WaitingRequest, _ now: NodeTime, _ output: inout Output) {
        switch request.work {
        case .administration(.transferLeader(let region)):
            beginHandOver(to: region, request.origin, now, &output)
        case .administration:
            let error = ServiceError(
                .refused, "the members of a primary-backup group are fixed", isIndefinite: false)
            answer(.failed(error), to: request.origin, &output)
        case .client(let client):
            if let query = ReadQuery(client.command) {
                return answer(machine.values.answer(query), to: request.origin, &output)
            }
            switch client.command {
            case .openSession: propose(.openSession, request.origin, now, &output)
            case .operate(let key, let operation, _):
                let command = LogCommand(
                    session: client.session, sequence: client.sequence,
                    firstUnanswered: client.firstUnanswered, key: key, operation: operation)
                propose(.command(command), request.origin, now, &output)
            }
        }
    }

    private func wait(_ request: WaitingRequest, _ output: inout Output) {
        guard waiting.count < WaitingRequest.countMax else {
            let error = ServiceError(
                .overloaded, "too many requests wait for a primary", isIndefinite: false)
            answer(.failed(error), to: request.origin, &output)
            return
        }
        waiting.append(request)
    }

    private func forward(
        _ request: WaitingRequest, to primary: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard !forwards.isFull else {
            let error = ServiceError(
                .overloaded, "too many requests are under way to the primary",
                isIndefinite: false, hint: primary.node)
            answer(.failed(error), to: request.origin, &output)
            return
        }
        transitions.count(.requestForwarded)
        let roundTrip = setup.roundTrips[me.node.region, primary.node.region]
        let number = forwards.add(
            ForwardTable.Forward(
                work: request.work, origin: request.origin, leader: primary,
                deadline: now.monotonic + options.commitTimeout * 2 + roundTrip))
        switch request.work {
        case .client(let request): send(.forward(number, request), to: primary, &output)
        case .administration(let command):
            send(.forwardAdministration(number, command), to: primary, &output)
        }
    }

    func forwardAnswered(
        _ number: UInt64, _ reply: ClientReply, _ sender: MemberID, _ now: NodeTime,
        _ output: inout Output
    ) {
        guard let forward = forwards.take(number, answeredBy: sender) else { return }
        if case .failed(let error) = reply.outcome, error.code == .noLeader,
            !error.isIndefinite, primary != sender
        {
            return askAgain(forward.work, for: forward.origin, now, &output)
        }
        answer(reply, to: forward.origin, &output)
    }

    private func askAgain(
        _ work: Work, for origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        route(
            WaitingRequest(
                work: work, origin: origin, deadline: now.monotonic + options.commitTimeout),
            now, &output)
    }

    /// The way to a primary is lost: what it did is unknown. What is harmless is asked again.
    func failForwards(to member: MemberID, _ now: NodeTime, _ output: inout Output) {
        for forward in forwards.takeAll(to: member, repeatableOnly: false) {
            if forward.work.isHarmless {
                askAgain(forward.work, for: forward.origin, now, &output)
            } else if forward.work.isRepeatable, let handle = forward.origin.handle {
                askAgain(forward.work, for: .repeated(handle), now, &output)
            } else {
                let error = ServiceError(
                    .leadershipLost,
                    "the primary was lost while the request was under way to it; the request "
                        + "may have taken effect", isIndefinite: true)
                answer(.failed(error), to: forward.origin, &output)
            }
        }
    }

    /// There is a later primary: what changes nothing, or is recognised, is asked of it.
    func supersedeForwards(_ now: NodeTime, _ output: inout Output) {
        for node in Set(configuration.members.map(\.node)).sorted() {
            let member = life(of: node)
            guard member != primary else { continue }
            for forward in forwards.takeAll(to: member, repeatableOnly: true) {
                if forward.work.isHarmless {
                    askAgain(forward.work, for: forward.origin, now, &output)
                } else if let handle = forward.origin.handle {
                    askAgain(forward.work, for: .repeated(handle), now, &output)
                }
            }
        }
    }

    func expireForwards(_ now: NodeTime, _ output: inout Output) {
        guard now.monotonic >= forwards.nextDeadline else { return }
        for forward in forwards.takeExpired(at: now.monotonic) {
            let error = ServiceError(
                .consensusNotAchieved,
                "no answer from the primary in time; the request may have taken effect",
                isIndefinite: !forward.work.isHarmless, hint: forward.leader.node)
            answer(.failed(error), to: forward.origin, &output)
        }
    }

    func expireWaiting(_ now: NodeTime, _ output: inout Output) {
        while let first = waiting.first, first.deadline <= now.monotonic {
            waiting.removeFirst()
            answer(.failed(noPrimary()), to: first.origin, &output)
        }
    }

    /// A primary is known, or this member serves again: what has waited can go on.
    func primaryIsKnown(_ now: NodeTime, _ output: inout Output) {
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
            // What is refused now may have been done before.
            error.isIndefinite = true
            output.reply(.failed(error), to: handle)
        case .remote(let member, let number):
            send(.forwardReply(number, reply), to: member, &output)
        case .internal: break
        }
    }

    private func noPrimary() -> ServiceError {
        let why: String
        if let reign, let target = reign.handOver?.target {
            why = "the primary hands over to \(target)"
        } else if let reign {
            why =
                reign.isConfirmed && reign.isEstablished
                ? "the primary has no lease now: a manager cannot be reached from here, and "
                    + "another primary may be promoted"
                : "the primary has just been promoted, or waits for the manager or its replicas"
        } else {
            why = "no primary is known; a failover may be under way"
        }
        return ServiceError(.noLeader, why, isIndefinite: false, hint: primary?.node)
    }
}
