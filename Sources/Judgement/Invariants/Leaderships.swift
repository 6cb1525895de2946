import Determinism
import Recording

/// Who led which group when, as the members themselves said.
struct Leaderships {
    private struct Election {
        var node: String
        var term: Int64
        var time: Instant
    }

    /// The end of a leadership that had served reads by its lease.
    private struct LeaseRead {
        var node: String
        /// Not before this the last read was served.
        var earliest: Instant
        var end: Instant
    }

    private struct Group {
        var elected: [Election] = []
        /// Who had committed an entry of its term, and when first.
        var established: [Election] = []
        var leaseReads: [LeaseRead] = []
    }

    private var groups: [(name: String, group: Group)] = []

    /// Clocks may run this much too fast or slow while a lease is trusted, as a share; what a
    /// member measured by its own is taken to be so wrong.
    private static let driftMax = 0.25

    init(_ events: [RecordedEvent]) {
        var all: [String: Group] = [:]
        for event in events {
            guard let name = event.group, let node = event.node else { continue }
            switch event.kind {
            case .leaderElected, .leaderEstablished:
                guard let term = event["term"]?.integer else { continue }
                let election = Election(node: node, term: term, time: event.time)
                if event.kind == .leaderElected {
                    all[name, default: Group()].elected.append(election)
                } else {
                    all[name, default: Group()].established.append(election)
                }
            case .leaderSteppedDown:
                guard let ago = event["lease-read-ago"]?.integer else { continue }
                let longest = TimeSpan(nanoseconds: ago) * (1 / (1 - Self.driftMax))
                all[name, default: Group()].leaseReads.append(
                    LeaseRead(node: node, earliest: event.time - longest, end: event.time))
            case _: continue
            }
        }
        groups = all.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
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

    /// A lease is exclusive: whoever serves reads by it, nobody else has been able to commit
    /// (Ongaro, dissertation, 6.4.1).
    var readsByEndedLeases: [String] {
        groups.flatMap { name, group in
            group.leaseReads.compactMap { read -> String? in
                let led = group.elected.filter { $0.node == read.node && $0.time <= read.end }
                    .max { $0.time < $1.time }
                guard let led,
                    let later = group.established.filter({ $0.term > led.term })
                        .min(by: { $0.time < $1.time }), later.time < read.earliest
                else { return nil }
                let late = (read.earliest - later.time).milliseconds
                return "exclusive leases: \(read.node), elected in term \(led.term) of \(name), "
                    + "served a read by its lease at least \(late) ms after \(later.node) had "
                    + "committed in term \(later.term)"
            }
        }
    }
}
