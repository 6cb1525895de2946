import Determinism
import Replication

/// A user's sessions: listed, and ended, everywhere.
extension SessionService {
    /// Goes on once the indexes of a user are read: which of the sessions were ended?
    func gather(
        _ number: UInt64, _ call: SessionCall, user: String, _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        let entries = call.index.entries.sorted { $0.session < $1.session }
        calls[number]?.sessions = entries.prefix(Limits.sessionsListedMax).map {
            SessionSummary(session: $0.session, expires: $0.expires, isRevoked: false)
        }
        calls[number]?.stage = .readingRevocations
        for (index, entry) in entries.prefix(Limits.sessionsListedMax).enumerated() {
            ask(
                SessionKeys.revocation(entry.session), .read, for: number,
                .revocationListed(index))
        }
        if entries.isEmpty, let call = calls[number] { hasListed(number, call, now, &actions) }
    }

    /// What the own replica has of a user is read.
    func hasListed(
        _ number: UInt64, _ call: SessionCall, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        switch call.origin {
        case .node(let member, let question):
            calls[number] = nil
            send(
                SessionMessage(question, .listed(call.sessions, isSure: call.failure == nil)),
                to: member, &actions)
        case .client:
            if let failure = call.failure { return finish(number, .failed(failure), &actions) }
            guard case .list(let claims, _) = call.body else { return }
            ask(others: .user(claims.user), for: number, now, &actions)
        }
    }

    /// The other regions have said what they know of a user, or had their time.
    func othersListed(
        _ number: UInt64, _ others: [SessionSummary], silent: [RegionID], _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        guard let call = calls[number], case .list(_, let ends) = call.body else { return }
        var all: [SessionSummary] = []
        for summary in (call.sessions + others).sorted(by: { $0.session < $1.session }) {
            if let last = all.last, last.session == summary.session {
                // One region that knows of the end is enough.
                all[all.count - 1].isRevoked = last.isRevoked || summary.isRevoked
            } else {
                all.append(summary)
            }
        }
        all.removeAll { $0.isRevoked || $0.expires <= now.wall }
        calls[number]?.sessions = Array(all.prefix(Limits.sessionsListedMax))
        calls[number]?.silent = silent
        guard ends, !all.isEmpty else {
            return finish(
                number, .sessions(calls[number]?.sessions ?? [], silent: silent), &actions)
        }
        calls[number]?.stage = .writing
        for summary in all.prefix(Limits.sessionsListedMax) {
            revoke(
                summary.session, context: VersionVector(), for: number, decides: true, now)
        }
    }
}
