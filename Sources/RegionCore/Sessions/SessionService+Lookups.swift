import Determinism
import Replication

/// Finding a session: in the own replica, among what other nodes told before, and there.
///
/// All other nodes are asked at once: those of the own region, too, for each has a replica of its
/// own, and any of them may be the only one that knows. A session that is not known here is
/// mostly one that was opened a moment ago, and its primary region is as likely as not the one that
/// has just failed: whoever asked one after another would wait for the silent ones.
extension SessionService {
    /// Looks for the session of a validation or refresh in this region.
    func lookNear(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.cachedSessionOutlivesRevocation),
                let cached = cache[call.session]
            {
                return seen(number, call, cached.record, .cache, now, &actions)
            }
        #endif
        if call.isRevoked { return reject(number, .revoked, &actions) }
        if let record = call.record {
            return seen(number, call, record, .local, now, &actions)
        }
        // The cache has no word on revocations, so it counts only with the replica's.
        if call.failure == nil, let cached = cache[call.session] {
            if cached.isRevoked { return reject(number, .revoked, &actions) }
            return seen(number, call, cached.record, .cache, now, &actions)
        }
        if let lookup = lookupOf[call.session] {
            calls[number]?.stage = .asking
            lookups[lookup]?.calls.append(number)
            return
        }
        ask(others: .session(call.session), for: number, now, &actions)
    }

    /// A session that was found and not ended.
    private func seen(
        _ number: UInt64, _ call: SessionCall, _ record: SessionRecord,
        _ source: SessionSight.Source, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        if now.wall >= record.expires { return reject(number, .expired, &actions) }
        if case .refresh(let claims) = call.body {
            return refresh(number, call, claims, record, now, &actions)
        }
        finish(
            number,
            .valid(
                SessionSight(
                    session: call.session, user: record.user, region: record.region,
                    expires: record.expires, source: source)), &actions)
    }

    /// Asks all other nodes.
    func ask(
        others subject: SessionLookup.Subject, for call: UInt64, _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        lookupsMade += 1
        let number = lookupsMade
        calls[call]?.stage = .asking
        var lookup = SessionLookup(
            subject: subject, calls: [call], began: now.monotonic,
            deadline: now.monotonic + setup.lookupTimeout, awaited: [], silent: [], asked: 0)
        let body: SessionMessage.Body
        switch subject {
        case .session(let session):
            body = .find(session)
            lookupOf[session] = number
        case .user(let user): body = .list(user)
        }
        for node in nodes where node != me.node {
            guard let member = connected.first(where: { $0.node == node }) else {
                lookup.silent.append(node)
                continue
            }
            lookup.awaited.append(node)
            lookup.asked += 1
            send(SessionMessage(number, body), to: member, &actions)
        }
        lookups[number] = lookup
        deadlines.append((lookup.deadline, number))
        endIfAnswered(number, now, &actions)
    }

    /// Takes in what another node says of a session.
    func found(
        _ record: SessionRecord?, isRevoked: Bool, isSure: Bool, by sender: MemberID,
        _ number: UInt64, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        guard let lookup = takeAnswer(number, from: sender, isSure: isSure),
            case .session(let session) = lookup.subject
        else { return }
        if isRevoked {
            // Also when the session was found before: what is kept of it ends now.
            cache.revoke(session)
            if let record { cache.keep(session, record, isRevoked: true) }
            decide(number, "revoked", by: sender.node.region, now, &actions) { call, actions in
                self.reject(call, .revoked, &actions)
            }
        } else if let record, isSure {
            cache.keep(session, record, isRevoked: false)
            let isNear = sender.node.region == me.node.region
            decide(number, "found", by: sender.node.region, now, &actions) { call, actions in
                guard let state = self.calls[call] else { return }
                self.seen(call, state, record, isNear ? .local : .remote, now, &actions)
            }
        }
        endIfAnswered(number, now, &actions)
    }

    /// Takes in what another node says of a user.
    func listed(
        _ sessions: [SessionSummary], isSure: Bool, by sender: MemberID, _ number: UInt64,
        _ now: NodeTime, _ actions: inout NodeActions
    ) {
        guard takeAnswer(number, from: sender, isSure: isSure) != nil else { return }
        if isSure { lookups[number]?.sessions += sessions }
        endIfAnswered(number, now, &actions)
    }

    private func takeAnswer(
        _ number: UInt64, from sender: MemberID, isSure: Bool
    ) -> SessionLookup? {
        guard let lookup = lookups[number],
            let index = lookup.awaited.firstIndex(of: sender.node)
        else { return nil }
        lookups[number]?.awaited.remove(at: index)
        if !isSure { lookups[number]?.silent.append(sender.node) }
        return lookup
    }

    /// Gives the calls of a look-up their answer, once.
    private func decide(
        _ number: UInt64, _ outcome: String, by region: RegionID?, _ now: NodeTime,
        _ actions: inout NodeActions, _ answer: (UInt64, inout NodeActions) -> Void
    ) {
        guard let lookup = lookups[number], !lookup.isDecided else { return }
        lookups[number]?.isDecided = true
        let waiting = lookup.calls
        lookups[number]?.calls = []
        if case .session(let session) = lookup.subject {
            // Later calls find it in the cache, or ask anew.
            lookupOf[session] = nil
            var fields: [Note.Field] = [
                .init("session", .text(session)), .init("outcome", .text(outcome)),
                .init("took", .number((now.monotonic - lookup.began).nanoseconds)),
                .init("asked", .number(Int64(lookup.asked))),
                .init("calls", .number(Int64(waiting.count))),
            ]
            if let region { fields.append(.init("by", .text(name(region)))) }
            actions.append(.note(Note("session-looked-up", fields), group: group))
        }
        for call in waiting { answer(call, &actions) }
    }

    /// Ends a look-up if nobody is left to answer. One that is decided stays until then, for a
    /// node may yet say that the session was ended.
    private func endIfAnswered(
        _ number: UInt64, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        guard let lookup = lookups[number], lookup.awaited.isEmpty else { return }
        end(number, lookup, now, &actions)
    }

    private func end(
        _ number: UInt64, _ lookup: SessionLookup, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        var silent: [RegionID] = []
        for node in (lookup.silent + lookup.awaited).sorted() where silent.last != node.region {
            silent.append(node.region)
        }
        switch lookup.subject {
        case .session:
            decide(number, silent.isEmpty ? "unknown" : "silent", by: nil, now, &actions) {
                call, actions in
                if let failure = self.calls[call]?.failure {
                    return self.finish(call, .failed(failure), &actions)
                }
                if silent.isEmpty { return self.reject(call, .unknown, &actions) }
                let names = silent.map(self.name).joined(separator: ", ")
                let error = ServiceError(
                    .regionsSilent,
                    "the session is not known here, and \(names) did not say whether it is there",
                    isIndefinite: false)
                self.finish(call, .failed(error), &actions)
            }
        case .user:
            let sessions = lookup.sessions
            decide(number, "listed", by: nil, now, &actions) { call, actions in
                self.othersListed(call, sessions, silent: silent, now, &actions)
            }
        }
        lookups[number] = nil
    }

    /// Ends the look-ups whose time is over.
    func expireLookups(_ now: NodeTime, _ actions: inout NodeActions) {
        while firstDeadline < deadlines.count, deadlines[firstDeadline].at <= now.monotonic {
            let number = deadlines[firstDeadline].number
            firstDeadline += 1
            if let lookup = lookups[number] { end(number, lookup, now, &actions) }
        }
        while firstDeadline < deadlines.count, lookups[deadlines[firstDeadline].number] == nil {
            firstDeadline += 1
        }
        if firstDeadline == deadlines.count || firstDeadline > 1024 {
            deadlines.removeFirst(firstDeadline)
            firstDeadline = 0
        }
    }
}
