import Determinism
import Replication

/// Requests that change a session: login, refresh, logout.
extension SessionService {
    /// How many users' indexes are kept in memory.
    private static let indexesMax = 65_536

    func logIn(
        _ number: UInt64, _ call: SessionCall, _ record: SessionRecord, _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        if let failure = call.failure { return finish(number, .failed(failure), &actions) }
        if let known = call.record {
            // A repeat: whatever came of the first, the session is there.
            return finish(
                number, .granted(grant(call.session, known, now)), version: call.recordVersion,
                &actions)
        }
        if indexes.count >= Self.indexesMax { indexes.removeAll(keepingCapacity: true) }
        var own =
            indexes[record.user] ?? OwnIndex(index: call.index, context: call.ownIndexContext)
        own.index.dropExpired(at: now.wall)
        guard own.index.entries.count < Limits.sessionsPerUserMax else {
            let error = ServiceError(
                .refused,
                "the user has \(own.index.entries.count) sessions opened here, as many as are allowed; "
                    + "end some", isIndefinite: false)
            return finish(number, .failed(error), &actions)
        }
        own.index.add(call.session, expires: record.expires)
        indexes[record.user] = own
        calls[number]?.stage = .writing
        calls[number]?.written = record
        ask(
            SessionKeys.index(record.user, of: me.node), .write(own.index.bytes),
            context: own.context, for: number, .write(decides: false))
        ask(
            SessionKeys.record(call.session), .write(record.bytes), context: call.recordContext,
            for: number, .write(decides: true))
    }

    /// Refreshes a session that holds, as `record` has it.
    func refresh(
        _ number: UInt64, _ call: SessionCall, _ claims: SessionClaims, _ record: SessionRecord,
        _ now: NodeTime, _ actions: inout NodeActions
    ) {
        if record.generation > claims.generation {
            guard record.refreshedBy == call.client, record.refreshedIn == call.sequence else {
                return reject(number, .superseded, &actions)
            }
            return finish(
                number, .granted(grant(call.session, record, now)), version: call.recordVersion,
                &actions)
        }
        // A token of a later generation than what is known here proves that there was one.
        var refreshed = record
        refreshed.generation = claims.generation + 1
        refreshed.active = max(now.wall, record.active)
        refreshed.refreshedBy = call.client
        refreshed.refreshedIn = call.sequence
        calls[number]?.stage = .writing
        calls[number]?.written = refreshed
        ask(
            SessionKeys.record(call.session), .write(refreshed.bytes), context: call.recordContext,
            for: number, .write(decides: true))
    }

    func logOut(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        if let failure = call.failure { return finish(number, .failed(failure), &actions) }
        if call.isRevoked {
            return finish(number, .ended, version: call.revocationVersion, &actions)
        }
        calls[number]?.stage = .writing
        revoke(call.session, context: call.revocationContext, for: number, decides: true, now)
    }

    /// Writes that a session was ended: its only value says when, by this node's wall clock.
    func revoke(
        _ session: String, context: VersionVector, for number: UInt64, decides: Bool,
        _ now: NodeTime
    ) {
        cache.revoke(session)
        ask(
            SessionKeys.revocation(session), .write(Array("\(now.wall.nanosecondsSince1970)".utf8)),
            context: context, for: number, .write(decides: decides))
    }

    /// What was written is acknowledged, or not.
    func hasWritten(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        if let failure = call.failure {
            // One of several writes may have been done.
            var error = failure
            if case .login = call.body { error.isIndefinite = true }
            if case .list = call.body { error.isIndefinite = true }
            return finish(number, .failed(error), &actions)
        }
        switch call.body {
        case .login, .refresh:
            guard let record = call.written else { return }
            finish(
                number, .granted(grant(call.session, record, now)), version: call.version,
                &actions)
        case .logout: finish(number, .ended, version: call.version, &actions)
        case .list:
            finish(
                number, .sessions(call.sessions, silent: call.silent), version: call.version,
                &actions)
        case .validate, .find, .gather: break
        }
    }

    /// A session with tokens, as of now.
    private func grant(_ session: String, _ record: SessionRecord, _ now: NodeTime) -> SessionGrant
    {
        func claims(_ kind: SessionClaims.Kind, until end: WallTime) -> [UInt8] {
            SessionClaims(
                kind: kind, session: session, user: record.user, region: record.region,
                issued: now.wall, expires: end, generation: record.generation
            ).encoded
        }
        let accessEnd = min(now.wall + policy.access, record.expires)
        return SessionGrant(
            session: session, access: claims(.access, until: accessEnd),
            refresh: claims(.refresh, until: record.expires),
            duration: record.expires - now.wall, accessDuration: accessEnd - now.wall)
    }
}
