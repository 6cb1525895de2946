import Determinism
import Replication

/// How calls go on: what they read first, and what follows from it.
extension SessionService {
    /// Takes in a client's request.
    func take(
        _ body: SessionRequest, _ request: ClientRequest, _ handle: RequestHandle,
        _ now: NodeTime, _ actions: inout NodeActions
    ) {
        func refuse(_ reply: ClientReply) { actions.append(.reply(reply, to: handle)) }
        func call(_ body: SessionCall.Body, _ session: String) {
            begin(
                SessionCall(
                    .client(handle), body, session: session, client: request.client.rawValue,
                    sequence: request.sequence), now, &actions)
        }
        if case .login(let user, let device, let address) = body {
            let problem =
                user.isEmpty
                ? "a login without a user"
                : SessionRecord.problem(with: user, called: "user")
                    ?? SessionRecord.problem(with: device, called: "device")
                    ?? SessionRecord.problem(with: address, called: "address")
            if let problem {
                return refuse(.failed(ServiceError(.invalid, problem, isIndefinite: false)))
            }
            let record = SessionRecord(
                user: user, device: device, address: address, region: me.node.region,
                created: now.wall, expires: now.wall + policy.duration)
            return call(
                .login(record),
                SessionRequest.session(of: request.client, sequence: request.sequence))
        }
        func reject(_ reason: SessionRejection, _ message: String) {
            refuse(ClientReply(.called(.session(.rejected(reason, message)))))
        }
        guard let claims = try? SessionClaims.decoded(body.token ?? []) else {
            return reject(.forged, "this is no token")
        }
        let needed: SessionClaims.Kind? =
            switch body {
            case .login, .logout: nil
            case .validate, .list, .endAll: .access
            case .refresh: .refresh
            }
        if let needed, claims.kind != needed {
            return reject(
                .forged, "a token for \(claims.kind.name) where one for \(needed.name) is needed")
        }
        // Whoever holds a token may end its session, even when its time is over.
        if now.wall >= claims.expires, needed != nil {
            return reject(.tokenExpired, "the token's time is over")
        }
        switch body {
        case .login: return
        case .validate: call(.validate(claims), claims.session)
        case .refresh: call(.refresh(claims), claims.session)
        case .logout: call(.logout(claims), claims.session)
        case .list: call(.list(claims, ends: false), claims.session)
        case .endAll: call(.list(claims, ends: true), claims.session)
        }
    }

    /// Begins a call by reading what the own replica has.
    func begin(_ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions) {
        callsMade += 1
        let number = callsMade
        calls[number] = call
        switch call.body {
        case .login(let record):
            ask(SessionKeys.record(call.session), .read, for: number, .record)
            if indexes[record.user] == nil {
                ask(
                    SessionKeys.index(record.user, of: me.node), .read, for: number,
                    .index(isOwn: true))
            }
        case .validate, .refresh, .logout, .find: readSession(call.session, for: number)
        case .list(let claims, _):
            readSession(call.session, for: number)
            readIndexes(of: claims.user, for: number)
        case .gather(let user): readIndexes(of: user, for: number)
        }
    }

    private func readSession(_ session: String, for call: UInt64) {
        ask(SessionKeys.record(session), .read, for: call, .record)
        ask(SessionKeys.revocation(session), .read, for: call, .revocation)
    }

    private func readIndexes(of user: String, for call: UInt64) {
        for node in nodes {
            ask(SessionKeys.index(user, of: node), .read, for: call, .index(isOwn: false))
        }
    }

    /// Takes in what the own replica answers to a part of a call.
    func take(
        _ reply: ClientReply, _ part: SessionCall.Part, of number: UInt64, _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        guard calls[number] != nil else { return }
        calls[number]?.awaited -= 1
        switch (reply.outcome, part) {
        case (.failed(let error), _): calls[number]?.fail(error)
        case (.values(let values), .record):
            calls[number]?.recordContext = reply.context
            calls[number]?.recordVersion = reply.version
            calls[number]?.record = Self.latest(of: values)
        case (.values(let values), .revocation):
            calls[number]?.revocationContext = reply.context
            calls[number]?.revocationVersion = reply.version
            calls[number]?.isRevoked = !values.isEmpty
        case (.values(let values), .index(let isOwn)):
            if isOwn { calls[number]?.ownIndexContext = reply.context }
            for case .bytes(let bytes) in values { calls[number]?.index.merge(SessionIndex(bytes)) }
        case (.values(let values), .revocationListed(let index)):
            if !values.isEmpty { calls[number]?.sessions[index].isRevoked = true }
        case (.done, .write(let decides)):
            if decides {
                calls[number]?.version = reply.version
            } else if case .login(let record)? = calls[number]?.body {
                indexes[record.user]?.context.merge(reply.context)
            }
        case (.values, .write), (.done, _), (.mismatch, _), (.transaction, _), (.sessionOpened, _),
            (.called, _):
            calls[number]?.fail(
                ServiceError(
                    .storage, "the sessions' data type answered another question",
                    isIndefinite: true))
        }
        guard let call = calls[number], call.awaited == 0 else { return }
        advance(number, call, now, &actions)
    }

    /// Of concurrent records the one that was refreshed most.
    private static func latest(of values: [Value]) -> SessionRecord? {
        var latest: SessionRecord?
        for case .bytes(let bytes) in values {
            guard let record = SessionRecord(bytes) else { continue }
            if latest.map({ $0.generation < record.generation }) ?? true { latest = record }
        }
        return latest
    }

    /// Goes on with a call, all of whose parts are answered.
    private func advance(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        switch call.stage {
        case .reading: hasRead(number, call, now, &actions)
        case .readingRevocations: hasListed(number, call, now, &actions)
        case .writing: hasWritten(number, call, now, &actions)
        case .asking: break
        }
    }

    private func hasRead(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        switch call.body {
        case .login(let record): logIn(number, call, record, now, &actions)
        case .logout: logOut(number, call, now, &actions)
        case .validate, .refresh: lookNear(number, call, now, &actions)
        case .list(let claims, _):
            if call.isRevoked { return reject(number, .revoked, &actions) }
            gather(number, call, user: claims.user, now, &actions)
        case .gather(let user): gather(number, call, user: user, now, &actions)
        case .find:
            guard case .node(let member, let question) = call.origin else { return }
            calls[number] = nil
            send(
                SessionMessage(
                    question,
                    .found(
                        call.failure == nil ? call.record : nil, isRevoked: call.isRevoked,
                        isSure: call.failure == nil || call.isRevoked)), to: member, &actions)
        }
    }

    func reject(
        _ number: UInt64, _ reason: SessionRejection, _ actions: inout NodeActions
    ) {
        let message: String =
            switch reason {
            case .unknown: "no region knows this session"
            case .expired: "the session's time is over"
            case .revoked: "the session was ended"
            case .tokenExpired: "the token's time is over"
            case .superseded:
                "this refresh token was used before; the one that came in return counts"
            case .forged: "this is no token of this run"
            }
        finish(number, .rejected(reason, message), &actions)
    }
}
