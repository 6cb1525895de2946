import Determinism
import Recording
import Scenarios

/// When the service was back after a fault, by the clients' operations.
struct FaultRecovery {
    /// By success rate and latency.
    var recovered: Instant?
    /// By success rate alone.
    var servedAgain: Instant?
}

extension FaultFigures {
    /// What `span` did, as events and operations show. `lost` are the writes that it is blamed for.
    init(
        _ span: FaultSpan, recovery: FaultRecovery, events: [RecordedEvent],
        lost: [LossAudit.LostWrite]?
    ) {
        func since(_ instant: Instant?) -> Double? {
            guard let instant, let start = span.start else { return nil }
            return milliseconds(instant - start)
        }
        id = span.id
        kind = span.kind
        targets = span.targets
        start = span.start.map { milliseconds($0) }
        end = span.end.map { milliseconds($0) }
        hadEffect = span.hadEffect
        evidence = span.evidence
        detected = since(Self.detection(of: span, events))
        failedOver = since(Self.failover(of: span, events))
        servedAgain = since(recovery.servedAgain)
        recovered = since(recovery.recovered)
        converged = span.convergedAfter.map { milliseconds($0) }
        leadersTaken = span.leadersTaken.map(\.group)
        homesTaken = span.homesTaken
        writesLost = lost?.count
        oldestLost = nil
        if let lost, let start = span.start,
            let oldest = lost.map(\.acknowledged).min(), let newest = lost.map(\.acknowledged).max()
        {
            oldestLost = milliseconds(max(start, newest) - oldest)
        }
    }

    /// What strikes and heals in a moment is noticed a little later.
    private static let momentLasts = TimeSpan.seconds(10)

    private static func detection(of span: FaultSpan, _ events: [RecordedEvent]) -> Instant? {
        guard let start = span.start else { return nil }
        var limit = span.end ?? .distantFuture
        if limit == start { limit = start + momentLasts }
        let targets = Set(span.targets)
        let groups = Set(span.leadersTaken.map(\.group))
        func isTarget(_ name: String?) -> Bool { name.map { targets.contains(base($0)) } ?? false }
        return events.filter { event in
            guard event.time >= start, event.time <= limit else { return false }
            switch event.kind {
            case .connectionLost:
                return isTarget(event.node) || isTarget(event["peer"]?.text)
            case .leaderLost:
                return isTarget(event.node) || isTarget(event["leader"]?.text)
                    || event.group.map(groups.contains) ?? false
            case .leaderSteppedDown, .electionStarted:
                return isTarget(event.node) || event.group.map(groups.contains) ?? false
            case _: return false
            }
        }.map(\.time).min()
    }

    /// When the last of the groups whose leader was taken had one again.
    private static func failover(of span: FaultSpan, _ events: [RecordedEvent]) -> Instant? {
        guard let start = span.start, !span.leadersTaken.isEmpty else { return nil }
        var latest = start
        for taken in span.leadersTaken {
            let elected = events.first { event in
                guard event.time > start, event.group == taken.group else { return false }
                if event.kind == .leaderElected { return true }
                return event.kind == .leaderObserved
                    && event.node.map { base($0) != taken.node } ?? false
            }
            guard let elected else { return nil }
            latest = max(latest, elected.time)
        }
        return latest
    }

    /// The name of the node of a member, without its incarnation.
    private static func base(_ name: String) -> String { String(name.prefix { $0 != "#" }) }
}

extension LossAudit.LostWrite {
    /// The fault that a write acknowledged then is lost by: the one in force that struck last;
    /// else one from which the service was still recovering; else the next to strike; else the
    /// last that struck.
    func culprit(among faults: [(span: FaultSpan, recovery: FaultRecovery)]) -> String? {
        let struck = faults.filter { $0.span.start != nil }
        func latest(_ spans: [FaultSpan]) -> String? {
            spans.max { ($0.start ?? .zero) < ($1.start ?? .zero) }?.id
        }
        let inForce = struck.map(\.span).filter { $0.isInForce(at: acknowledged) }
        if let id = latest(inForce) { return id }
        let past = struck.filter { ($0.span.start ?? .zero) <= acknowledged }
        let recovering = past.filter { fault in
            fault.recovery.recovered.map { acknowledged < $0 } ?? true
        }
        if let id = latest(recovering.map(\.span)) { return id }
        let next = struck.map(\.span).filter { ($0.start ?? .zero) > acknowledged }
        if let id = next.min(by: { ($0.start ?? .zero) < ($1.start ?? .zero) })?.id { return id }
        return latest(past.map(\.span))
    }
}
