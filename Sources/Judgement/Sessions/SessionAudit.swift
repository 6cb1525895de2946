import Determinism
import Recording
import Replication
import Scenarios

/// Finds the figures of the sessions in a record: what clients were told in the history, what nodes
/// knew and asked in the events, what is left in the final state.
///
/// Times are those of the run's one clock; what the regions' wall clocks said is what is measured.
/// Sessions that `end-sessions` ended count as others that were ended; with which version, the final
/// state alone tells.
struct SessionAudit {
    /// An acknowledged login or end.
    private struct Change {
        var completed: Instant
        var version: Version?
        /// Whether nothing of it is left.
        var isLost = false
    }

    private(set) var figures = SessionFigures()

    /// The figures of `record`; `isFinalKnown`: whether its final state is complete.
    init?(_ record: RecordContents, plan: Plan, isFinalKnown: Bool) {
        guard plan.services.sessions != nil, let group = plan.serviceDataTypes.first else {
            return nil
        }
        var logins: [String: Change] = [:]
        var logouts: [String: Change] = [:]
        let rows = record.final.filter { $0.dataType == group }
        var ends: [String: Version] = [:]
        for row in rows where row.key.hasPrefix("r/") {
            ends[String(row.key.dropFirst(2))] = row.version
        }
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
                if logouts[key] == nil { logouts[key] = change }
            case .validate: count(operation.result)
            case .endSessions:
                guard case .list(let sessions)? = operation.result else { continue }
                for case .text(let session) in sessions where logouts[session] == nil {
                    figures.endedTogether += 1
                    let version = ends[session]
                    logouts[session] = Change(
                        completed: completed, version: version,
                        isLost: isFinalKnown && version == nil)
                }
            case _: continue
            }
        }
        figures.rejections = rejections.sorted { $0.key < $1.key }.map {
            SessionFigures.Rejection(reason: $0.key, count: $0.value)
        }
        let applied = AppliedTimes(
            record.events, group: group,
            acknowledged: [logins, logouts].joined().compactMap(\.value.version))
        let nodes = Self.keepers(of: group, record, rows, plan)
        let kept = Set(rows.map(\.key))
        // What a node applied last it may have said to nobody; when all agreed, they all had what
        // is left.
        let agreed = record.events.last { $0.kind == .converged }?.time
        figures.spread = Self.spread(
            logins.map { ($1, kept.contains("s/" + $0) ? agreed : nil) }, nodes, applied)
        figures.revocationSpread = Self.spread(
            logouts.map { ($1, kept.contains("r/" + $0) ? agreed : nil) }, nodes, applied)
        if isFinalKnown {
            figures.lost = logins.keys.count { !kept.contains("s/" + $0) }
        }
        for check in checks {
            judge(check, logouts: logouts, applied)
        }
        countLookups(record.events, group: group)
    }

    /// The nodes that ought to know all sessions: members that lived at the end, also those that
    /// hold nothing, and whoever holds something. If none is known to have lived, all members.
    private static func keepers(
        of group: String, _ record: RecordContents, _ rows: [FinalRow], _ plan: Plan
    ) -> [String] {
        let planned = plan.groups.first { $0.name == group }
        let founders = Set((planned?.voters ?? []) + (planned?.learners ?? []))
        let members = plan.nodes.filter { founders.contains($0.id) }.map(\.name)
        let living = Set(record.events.filter { $0.kind == .nodeUsage }.compactMap(\.node))
        let keepers = Set(rows.map(\.node)).union(members.filter(living.contains))
        return (keepers.isEmpty ? members : Array(keepers)).sorted()
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
        guard case .integer(let nanoseconds) = check.value, nanoseconds > .min else { return }
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
        _ changes: [(change: Change, agreed: Instant?)],
        _ nodes: [String], _ applied: AppliedTimes
    ) -> SessionFigures.Spread {
        var times: [TimeSpan] = []
        var never = 0
        for (change, agreed) in changes {
            guard let version = change.version else {
                if change.isLost { never += 1 }
                continue
            }
            var last = change.completed
            var isEverywhere = true
            for node in nodes {
                guard let time = applied.time(of: version, at: node) ?? agreed else {
                    isEverywhere = false
                    break
                }
                last = max(last, time)
            }
            if isEverywhere { times.append(last - change.completed) } else { never += 1 }
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
