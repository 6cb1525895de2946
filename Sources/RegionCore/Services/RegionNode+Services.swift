import Determinism
import Replication

/// The services of a node: what reaches them, and what their groups answer them.
extension RegionNode {
    static func makeServices(
        _ setup: NodeSetup, hosted: [HostedGroup?], registry: StrategyRegistry
    ) throws(InvalidOption) -> [RegionService] {
        guard let sessions = setup.services.sessions else { return [] }
        let index = Int(sessions.group.index)
        guard setup.groups.indices.contains(index), let replica = hosted[index] else {
            throw InvalidOption(
                "services", "the sessions need a replica of their data type on every node")
        }
        let placement = setup.groups[index]
        let strategy = registry.description(of: placement.strategy)
        return [
            SessionService(
                member: setup.member, setup: sessions, replica: replica,
                nodes: (placement.voters + placement.learners).map(\.node).sorted(),
                needsGroupSession: strategy?.needsSession ?? false)
        ]
    }

    /// The service that `scope` names. Throws if the run has none of that number.
    private func service(_ scope: GroupID) throws(MalformedBytes) -> RegionService {
        for service in services where service.id.scope == scope { return service }
        throw MalformedBytes("a message for service \(scope.index), which there is not")
    }

    /// Takes another node's message for a service.
    func receive(
        encoded bytes: [UInt8], service scope: GroupID, from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        let service = try service(scope)
        try service.receive(encoded: bytes, from: sender, at: now, into: &actions)
        carryOutAsks(of: service, at: now, into: &actions)
    }

    /// Takes another node's message for a service that was never encoded.
    func receive(
        _ message: HostedMessage, service scope: GroupID, from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        let service = try service(scope)
        try service.receive(message, from: sender, at: now, into: &actions)
        carryOutAsks(of: service, at: now, into: &actions)
    }

    /// Takes a client's request for a service.
    func call(
        _ request: ClientRequest, service scope: GroupID, _ handle: RequestHandle,
        at now: NodeTime, into actions: inout NodeActions
    ) {
        func refuse(_ code: ServiceError.Code, _ message: String) {
            let error = ServiceError(code, message, isIndefinite: false)
            actions.append(.reply(.failed(error), to: handle))
        }
        guard let service = services.first(where: { $0.id.scope == scope }) else {
            return refuse(.unsupported, "this run has no service \(scope.index)")
        }
        guard case .operate(_, .call(let call), _) = request.command, call.service == service.id
        else { return refuse(.invalid, "a service takes its own requests and no others") }
        tell(service, .call(call, request, handle), at: now, into: &actions)
    }

    /// Tells a service what happened and hands its requests to its group.
    func tell(
        _ service: RegionService, _ event: ServiceEvent, at now: NodeTime,
        into actions: inout NodeActions
    ) {
        service.handle(event, at: now, into: &actions)
        carryOutAsks(of: service, at: now, into: &actions)
    }

    /// Tells the services of `group` what it did: the actions from `first` on are new.
    func settle(
        _ group: GroupID, from first: Int, at now: NodeTime, into actions: inout NodeActions
    ) {
        for service in services where service.group == group {
            takeAnswers(to: service, from: first, at: now, into: &actions)
            tell(service, .groupMoved, at: now, into: &actions)
        }
    }

    private func carryOutAsks(
        of service: RegionService, at now: NodeTime, into actions: inout NodeActions
    ) {
        guard let replica = replica(of: service.group) else { return }
        while let ask = service.takeAsk() {
            let first = actions.actions.count
            let handle = RequestHandle(connection: service.connection, request: ask.number)
            replica.handle(.request(ask.request, handle), at: now, into: &actions)
            takeAnswers(to: service, from: first, at: now, into: &actions)
        }
    }

    /// Takes the answers to `service` out of the actions from `first` on.
    private func takeAnswers(
        to service: RegionService, from first: Int, at now: NodeTime,
        into actions: inout NodeActions
    ) {
        var answers: [(reply: ClientReply, number: UInt64)] = []
        var kept = first
        for index in first..<actions.actions.count {
            if case .reply(let reply, let handle) = actions.actions[index],
                handle.connection == service.connection
            {
                answers.append((reply, handle.request))
                continue
            }
            if kept != index { actions.actions[kept] = actions.actions[index] }
            kept += 1
        }
        actions.actions.removeLast(actions.actions.count - kept)
        for answer in answers {
            service.handle(.answer(answer.reply, number: answer.number), at: now, into: &actions)
        }
    }
}
