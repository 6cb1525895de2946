import Determinism
import Recording
import Replication
import Scenarios

/// Who led which group when, as the members themselves said.
struct Leaderships {
    /// What a leader did first or ever in its term.
    private struct Election {
        var node: String
        var term: Int64
        var time: Instant
    }

    /// The end of a leadership that had a lease.
    private struct Lease {
        var node: String
        /// It was relied on, or could have been, at least until then.
        var earliest: Instant
        var end: Instant
    }

    private struct Group {
        var elected: [Election] = []
        /// Who had committed an entry of its term, and when first.
        var established: [Election] = []
        var leases: [Lease] = []
        /// Who put a change of the membership into its log, and when.
        var proposals: [Election] = []
    }

    private var groups: [(name: String, group: Group)] = []

    init(_ events: [RecordedEvent], _ plan: Plan) {
        let drifts = Dictionary(
            plan.groups.map { ($0.name, Self.driftMax(of: $0)) }, uniquingKeysWith: { $1 })
        var all: [String: Group] = [:]
        for event in events {
            guard let name = event.group, let node = event.node else { continue }
            switch event.kind {
            case .leaderElected, .leaderEstablished, .membershipProposed:
                guard let term = event["term"]?.integer else { continue }
                let list: WritableKeyPath<Group, [Election]> =
                    switch event.kind {
                    case .leaderElected: \.elected
                    case .leaderEstablished: \.established
                    case _: \.proposals
                    }
                all[name, default: Group()][keyPath: list].append(
                    Election(node: node, term: term, time: event.time))
            case .leaderSteppedDown:
                guard let ago = event["lease-ago"]?.integer else { continue }
                let longest = TimeSpan(nanoseconds: ago) * (1 / (1 - (drifts[name] ?? 0)))
                all[name, default: Group()].leases.append(
                    Lease(node: node, earliest: event.time - longest, end: event.time))
            case _: continue
            }
        }
        groups = all.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    /// By what share clocks may run wrong while the group trusts leases; what a member measured by
    /// its own is taken to be so wrong.
    private static func driftMax(of group: PlannedGroup) -> Double {
        guard case .integer(let millionths) = group.options["lease_drift_ppm"] else { return 0.001 }
        return Double(millionths) / 1e6
    }

    /// Election safety: at most one leader can be elected in a term (Ongaro and Ousterhout, 2014,
    /// figure 3).
    var sharedTerms: [String] {
        groups.flatMap { name, group in
            var first: [Int64: String] = [:]
            return group.elected.compactMap { election -> String? in
                guard let other = first.updateValue(election.node, forKey: election.term) else {
                    return nil
                }
                return "election safety: \(other) and \(election.node) both won term "
                    + "\(election.term) of \(name)"
            }
        }
    }

    /// A lease is exclusive: while somebody has it, nobody else has been able to commit (Ongaro,
    /// dissertation, 6.4.1).
    var leasesNotExclusive: [String] {
        groups.flatMap { name, group in
            group.leases.compactMap { lease -> String? in
                let led = group.elected.filter { $0.node == lease.node && $0.time <= lease.end }
                    .max { $0.time < $1.time }
                guard let led,
                    let later = group.established.filter({ $0.term > led.term })
                        .min(by: { $0.time < $1.time }), later.time < lease.earliest
                else { return nil }
                let late = (lease.earliest - later.time).milliseconds
                return "exclusive leases: \(lease.node), elected in term \(led.term) of \(name), "
                    + "had its lease for at least \(late) ms after \(later.node) had committed "
                    + "in term \(later.term)"
            }
        }
    }

    /// The membership is changed only by a leader that has committed an entry of its own term, or
    /// two majorities without a member in common can be at work (Ongaro, "bug in single-server
    /// membership changes", raft-dev, 2015).
    var changesBeforeCommits: [String] {
        groups.flatMap { name, group in
            group.proposals.compactMap { proposal -> String? in
                let hasCommitted = group.established.contains {
                    $0.node == proposal.node && $0.term == proposal.term
                        && $0.time <= proposal.time
                }
                guard !hasCommitted else { return nil }
                return "membership: \(proposal.node) changed that of \(name) in term "
                    + "\(proposal.term) before it had committed anything in it"
            }
        }
    }
}
