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
            answer(.failed(noServer), to: request.origin, &output)
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

    /// There is a later primary: what changes nothing, or is recognised, is asked of it.
    func supersedeForwards(_ now: NodeTime, _ output: inout Output) {
        for node in Set(configuration.members.map(\.node)).sorted() where life(of: node) != primary
        {
            failForwards(to: life(of: node), isSuperseded: true, now, &output)
        }
    }

    /// Why this member knows nobody who serves.
    var noServer: ServiceError {
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

extension PrimaryBackup: RequestPassing {
    static var server: String { "primary" }
    var commitTimeout: TimeSpan { options.commitTimeout }

    func count(_ event: RequestPassed) {
        switch event {
        case .forwarded: transitions.count(.requestForwarded)
        case .repeated: transitions.count(.forwardRepeated)
        case .failed: transitions.count(.forwardFailed)
        case .expired: transitions.count(.forwardExpired)
        case .waitedInVain: transitions.count(.requestExpired)
        }
    }

    static func passingOn(_ number: UInt64, _ work: Work) -> PrimaryBackupMessage {
        switch work {
        case .client(let request): PrimaryBackupMessage(.forward(number, request))
        case .administration(let command):
            PrimaryBackupMessage(.forwardAdministration(number, command))
        }
    }

    static func answering(_ number: UInt64, _ reply: ClientReply) -> PrimaryBackupMessage {
        PrimaryBackupMessage(.forwardReply(number, reply))
    }
}
