import Determinism
import Recording
import Scenarios

/// A fault as it happened: what the Plan wanted and what the events say.
struct FaultSpan {
    var id: String
    var kind: String
    var targets: [String]
    /// When it struck; `nil`: it never did.
    var start: Instant?
    /// When it was healed; `nil`: it was not.
    var end: Instant?
    var hadEffect: Bool?
    var evidence: [JSONValue.Member]
    var mustBite: Bool
    var leadersTaken: [FaultStarted.LeaderTaken]
    var homesTaken: [String]
    var convergedAfter: TimeSpan?

    /// Whether it is in force at `instant`.
    func isInForce(at instant: Instant) -> Bool {
        guard let start, start <= instant else { return false }
        guard let end else { return true }
        return instant < end
    }

    /// The faults of the Plan in its order, as the events tell them.
    static func all(of plan: Plan, events: [RecordedEvent]) -> [FaultSpan] {
        var started: [String: FaultStarted] = [:]
        var ended: [String: FaultEnded] = [:]
        var evidence: [String: FaultEvidence] = [:]
        var converged: [String: FaultConverged] = [:]
        for event in events {
            if let start = FaultStarted(event), started[start.id] == nil {
                started[start.id] = start
            } else if let end = FaultEnded(event) {
                ended[end.id] = end
            } else if let finding = FaultEvidence(event) {
                evidence[finding.id] = finding
            } else if let finding = FaultConverged(event) {
                converged[finding.id] = finding
            }
        }
        return plan.faults.map { fault in
            let start = started[fault.id]
            var end = ended[fault.id]?.time
            // What happens in a moment is over at once.
            if end == nil, case .reset = fault.kind { end = start?.time }
            return FaultSpan(
                id: fault.id, kind: fault.kind.name, targets: start?.targets ?? [],
                start: start?.time, end: end, hadEffect: evidence[fault.id]?.hadEffect,
                evidence: evidence[fault.id]?.evidence ?? [], mustBite: fault.mustBite,
                leadersTaken: start?.leadersTaken ?? [], homesTaken: start?.homesTaken ?? [],
                convergedAfter: converged[fault.id]?.after)
        }
    }
}
