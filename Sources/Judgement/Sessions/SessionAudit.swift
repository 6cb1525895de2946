import Determinism
import Recording
import Replication
import Scenarios

/// Finds the figures of the sessions in a record: what clients were told in the history, what nodes
/// knew and asked in the events, what is left in the final state.
///
/// Times are those of the run's one clock; what the regions' wall clocks said is what is measured.
/// Sessions that `end-sessions` ended are not told one by one and count for no figure of ends.
struct SessionAudit {
    /// An acknowledged login or logout.
    private struct Change {
        var completed: Instant
        var version: Version?
    }

    private(set) var figures = SessionFigures()

    /// The figures of `record`; `isFinalKnown`: whether its final state is complete.
    init?(_ record: RecordContents, plan: Plan, isFinalKnown: Bool) {
        guard plan.services.sessions != nil, let group = plan.serviceDataTypes.first else {
            return nil
        }
        var logins: [String: Change] = [:]
        var logouts: [String: Change] = [:]
        var checks: [HistoryOperation] = []
        var rejections: [String: Int] = [:]
        for position in record.history.indices {
            guard case .service(let name) = record.history.glance(position).function,
                let kind = OperationKind(rawValue: name), kind.service == .sessions
            else { continue }
            let operation = record.history[position]
            if operation.isDefiniteNegative, let code = operation.errorCode {
                rejections[String(code), default: 0] += 1
            }
            if kind == .validate || kind == .refresh { checks.append(operation) }
            guard operation.outcome == .ok, let key = operation.key,
                let completed = operation.completed
            else { continue }
            let change = Change(completed: completed, version: operation.version)
            switch kind {
            case .login:
                figures.logins += 1
                logins[key] = change
            case .refresh: figures.refreshes += 1
            case .logout:
                figures.logouts += 1
                logouts[key] = change
            case .validate: count(operation.result)
            case _: continue
            }
        }
        figures.rejections = rejections.sorted { $0.key < $1.key }.map {
            SessionFigures.Rejection(reason: $0.key, count: $0.value)
        }
        let applied = AppliedTimes(record.events, group: group)
        let rows = record.final.filter { $0.dataType == group }
        var nodes = Set(rows.map(\.node)).sorted()
        if nodes.isEmpty { nodes = plan.nodes.map(\.name) }
        let kept = Set(rows.map(\.key))
        // What a node applied last it may have said to nobody; when all agreed, they all had what
        // is left.
        let agreed = record.events.last { $0.kind == .converged }?.time
        figures.spread = Self.spread(
            logins.map { ($1.completed, $1.version, kept.contains("s/" + $0) ? agreed : nil) },
            nodes, applied)
        figures.revocationSpread = Self.spread(
            logouts.map { ($1.completed, $1.version, kept.contains("r/" + $0) ? agreed : nil) },
            nodes, applied)
        if isFinalKnown {
            figures.lost = logins.keys.count { !kept.contains("s/" + $0) }
        }
        for check in checks {
            judge(check, logouts: logouts, applied)
        }
        countLookups(record.events, group: group)
    }

    private mutating func count(_ source: HistoryValue?) {
        guard case .text(let name)? = source else { return }
        switch name {
        case SessionSight.Source.local.name: figures.local += 1
        case SessionSight.Source.cache.name: figures.cached += 1
        case SessionSight.Source.remote.name: figures.remote += 1
        case _: return
        }
    }

    /// Judges a validation or refresh by what is known of the session.
    private mutating func judge(
        _ check: HistoryOperation, logouts: [String: Change], _ applied: AppliedTimes
    ) {
        guard let key = check.key, let invoked = check.invoked else { return }
        let isYes = check.outcome == .ok
        if isYes, check.function == .service(OperationKind.validate.rawValue),
            let logout = logouts[key], invoked > logout.completed
        {
            let reached = logout.version.flatMap { version in
                check.servedBy.flatMap { applied.time(of: version, at: $0) }
            }
            if let reached, reached <= invoked {
                figures.revokedReached += 1
            } else {
                figures.revokedWindow += 1
            }
        }
        // How long the token still lasted when it was shown.
        guard case .integer(let nanoseconds) = check.value else { return }
        let slack = TimeSpan(nanoseconds: nanoseconds)
        if isYes, slack < .zero {
            figures.expiredValidated += 1
            figures.expiredLongest = max(figures.expiredLongest, milliseconds(.zero - slack))
        }
        let isForTime = [SessionRejection.expired, .tokenExpired].contains {
            $0.name == check.errorCode.map(String.init)
        }
        if isForTime, let completed = check.completed, completed - invoked < slack {
            figures.expiredEarly += 1
        }
    }

    private static func spread(
        _ writes: [(acknowledged: Instant, version: Version?, agreed: Instant?)],
        _ nodes: [String], _ applied: AppliedTimes
    ) -> SessionFigures.Spread {
        var times: [TimeSpan] = []
        var never = 0
        for write in writes {
            guard let version = write.version else { continue }
            var last = write.acknowledged
            var isEverywhere = true
            for node in nodes {
                guard let time = applied.time(of: version, at: node) ?? write.agreed else {
                    isEverywhere = false
                    break
                }
                last = max(last, time)
            }
            if isEverywhere { times.append(last - write.acknowledged) } else { never += 1 }
        }
        return SessionFigures.Spread(times, never: never)
    }

    private mutating func countLookups(_ events: [RecordedEvent], group: String) {
        var times: [Double] = []
        for event in events
        where event.kind.rawValue == "session-looked-up" && event.group == group {
            guard let outcome = event["outcome"]?.text, let took = event["took"]?.integer else {
                continue
            }
            figures.lookups.count += 1
            switch outcome {
            case "found": figures.lookups.found += 1
            case "revoked": figures.lookups.revoked += 1
            case "unknown": figures.lookups.unknown += 1
            case _:
                // It tells how long was waited for a region, not how long one took.
                figures.lookups.silent += 1
                continue
            }
            times.append(milliseconds(TimeSpan(nanoseconds: took)))
        }
        times.sort()
        figures.lookups.p50 = SessionFigures.percentile(50, of: times)
        figures.lookups.p95 = SessionFigures.percentile(95, of: times)
        figures.lookups.p99 = SessionFigures.percentile(99, of: times)
        figures.lookups.max = times.last ?? 0
    }
}
