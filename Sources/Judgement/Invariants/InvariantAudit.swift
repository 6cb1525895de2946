import Geography
import Recording
import Scenarios

/// Whether what strategies promise of their own state held, as far as the record shows: mistakes
/// of a protocol show here long before a client happens to read what is wrong.
///
/// Some rules speak of groups with a leader or one order of all writes, some of those in which
/// versions are causal, and one of all; where a strategy has nothing of the kind, there is nothing
/// to break.
struct InvariantAudit {
    /// What contradicts them, each in a sentence, by rule and then in the order of the record.
    private(set) var violations: [String] = []

    init(_ record: RecordContents, plan: Plan) {
        // A late answer looks like lost entries.
        let isOrdered = plan.scenario.topology.ordering == .fifo
        let leaderships = Leaderships(record.events, plan)
        violations += leaderships.sharedTerms
        violations += leaderships.leasesNotExclusive
        violations += leaderships.changesBeforeCommits
        violations += Self.positionsOutOfOrder(record.history, plan)
        violations += record.events.compactMap { event in
            event.kind == .memberLostEntries && !isOrdered ? nil : Self.contradiction(event)
        }
        violations += CausalInvariants.violations(record, plan)
        violations += HeldValues(record, plan).violations
    }

    /// What a member said that contradicts what it or another had said before.
    private static func contradiction(_ event: RecordedEvent) -> String? {
        let node = event.node ?? "a node"
        let group = event.group ?? "a group"
        if let difference = StateDiverged(event) {
            return "state machine safety: having applied \(group) up to position "
                + "\(difference.position), \(node) held \(difference.digest) and "
                + "\(difference.other) \(difference.otherDigest)"
        }
        if let regress = TermWentBack(event) {
            return "terms only grow: \(node) was in term \(regress.from) of \(group), and later "
                + "in term \(regress.to)"
        }
        if event.kind == .memberLostEntries {
            return "durability: \(event["member"]?.text ?? "a member") had entries of \(group) "
                + "up to \(event["to"]?.integer ?? 0) durably, and has them no more"
        }
        return nil
    }
}
