import Determinism
import Replication
import Scenarios

/// Requests of the sessions: what clients ask, and what they make of the answers.
///
/// What is asked when does not depend on what came of it earlier: a client that is to work on a
/// session and finds none shows no token, and is refused. Nothing is drawn where the workload has no
/// sessions.
extension ClientFleet {
    /// The sessions as a group that clients turn to.
    package static func sessionsGroup(nodes: [NodeID]) -> FleetGroup {
        FleetGroup(
            id: ServiceID.sessions.scope, name: "sessions",
            strategy: StrategyDescription(
                name: "sessions", promise: "Global sessions of users.", options: [],
                operations: [
                    .register: Set(OperationKind.allCases.filter { $0.service == .sessions })
                ], recognisesRepeats: true, needsSession: false, hasLeader: false,
                isLinearizable: false),
            valueType: .register, members: nodes)
    }

    /// Begins a request of the sessions.
    func beginSessionRequest(
        _ kind: OperationKind, _ client: Int, planned: Instant, _ actions: inout [ClientAction]
    ) {
        guard let group = groups.firstIndex(where: { $0.id == ServiceID.sessions.scope }) else {
            return
        }
        let (request, chosen) = sessionRequest(kind, of: client)
        var session = chosen
        let slack = session?.slack(of: request.kind, at: now)
        session?.slack = slack ?? .zero
        sessionInHand = session
        begin(
            .call(.session(request)), .operation, client, group, 0, planned: planned, &actions)
    }

    /// What is asked, and of which session that the pool holds or held.
    private func sessionRequest(
        _ kind: OperationKind, of client: Int
    ) -> (SessionRequest, HeldSession?) {
        let spec = workload.sessions
        let region = clients[client].region
        if kind == .login {
            let user = 1 + sessionDraws.index(spec.users)
            return (
                .login(
                    user: "user-\(user)", device: "device-\(clients[client].ordinal + 1)",
                    address: "10.\(region).\(client / 250 % 250).\(client % 250 + 1)"), nil
            )
        }
        if kind == .validate, spec.revoked > 0, sessionDraws.unit() < spec.revoked,
            let ended = sessionPool.chooseEnded(at: now, &sessionDraws)
        {
            return (.validate(token: ended.access), ended)
        }
        let showsOver =
            kind == .validate && spec.expired > 0 && sessionDraws.unit() < spec.expired
        let time = now
        let chosen = sessionPool.choose(for: region, roaming: spec.roaming, &sessionDraws) {
            if kind == .refresh {
                return !$0.isRefreshing && ($0.isRefused || $0.accessEnd.earliest <= time)
                    && time < $0.end.earliest
            }
            if showsOver { return $0.accessEnd.latest < time }
            return !$0.isRefused && time < $0.accessEnd.earliest
        }
        switch kind {
        case .logout:
            if let chosen { sessionPool.remove(chosen.session) }
            return (.logout(token: chosen?.access ?? []), chosen)
        case .refresh:
            if let chosen { sessionPool.update(chosen.session) { $0.isRefreshing = true } }
            return (.refresh(token: chosen?.refresh ?? []), chosen)
        case .listSessions: return (.list(token: chosen?.access ?? []), chosen)
        case .endSessions: return (.endAll(token: chosen?.access ?? []), chosen)
        case _: return (.validate(token: chosen?.access ?? []), chosen)
        }
    }

    /// The key of a request of the sessions: the session, or the user that never got one.
    func sessionKey(of place: Int) -> Key {
        if let session = places[place].session { return Key(session.session) }
        guard case .call(.session(.login(let user, _, _))) = places[place].operation else {
            return Key([])
        }
        if places[place].attempts.isEmpty { return Key(user) }
        return Key(
            SessionRequest.session(
                of: clients[places[place].client].id, sequence: places[place].request.sequence))
    }

    /// Takes in what the sessions answer.
    func take(
        _ answer: SessionReply, _ reply: ClientReply, to id: AttemptID, _ place: Int,
        _ node: NodeID, _ actions: inout [ClientAction]
    ) {
        learn(answer, place)
        guard case .rejected(let reason, let message) = answer else {
            return finish(
                place, .ok, answer: reply.outcome, servedBy: node, version: reply.version,
                &actions)
        }
        places[place].attempts[id.attempt].fate = .definite
        finish(
            place, places[place].mayTakeEffect ? .info : .fail, answer: reply.outcome,
            servedBy: node, error: "\(reason.name): \(message)", &actions)
    }

    private func learn(_ answer: SessionReply, _ place: Int) {
        let session = places[place].session
        let began = places[place].invoked
        func end(after span: TimeSpan) -> HeldSession.End {
            HeldSession.End(earliest: began + span, latest: now + span)
        }
        switch answer {
        case .granted(let grant):
            if let session {
                sessionPool.update(session.session) {
                    $0.access = grant.access
                    $0.refresh = grant.refresh
                    $0.accessEnd = end(after: grant.accessDuration)
                    $0.isRefused = false
                }
            } else if case .call(.session(.login(let user, _, _))) = places[place].operation {
                sessionPool.add(
                    HeldSession(
                        session: grant.session, user: user,
                        region: clients[places[place].client].region, access: grant.access,
                        refresh: grant.refresh, accessEnd: end(after: grant.accessDuration),
                        end: end(after: grant.duration)))
            }
        case .ended: if let session { sessionPool.end(session) }
        case .sessions(let sessions, _):
            guard places[place].operation.kind == .endSessions else { return }
            for summary in sessions {
                if let known = sessionPool.remove(summary.session) { sessionPool.end(known) }
            }
        case .rejected(let reason, _):
            guard let session else { return }
            if reason == .tokenExpired, now < session.end.earliest {
                // New tokens may have come while this one was under way.
                sessionPool.update(session.session) {
                    if $0.access == session.access { $0.isRefused = true }
                }
            } else {
                sessionPool.remove(session.session)
            }
        case .valid: break
        }
    }

    /// Takes note that a request of the sessions has ended.
    func sessionRequestEnded(_ place: Int) {
        guard let session = places[place].session else { return }
        if places[place].operation.kind == .refresh {
            sessionPool.update(session.session) { $0.isRefreshing = false }
        }
        places[place].session = nil
    }
}
