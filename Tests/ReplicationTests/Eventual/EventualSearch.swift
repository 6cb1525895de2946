import Determinism
import Testing

@testable import Replication

/// A random run of a group without a leader that is made to see whether anything is found.
///
/// What is claimed: all members come to hold the same, with what was acknowledged in it; no dot is
/// given twice; of what a member has seen superseded nothing is shown there again; and the write
/// that stays is the one that the resolver's rule names. The run that looks for anything is in
/// ``EventualRandomTests``.
struct EventualSearch {
    var resolver = ConflictResolver.lastWriterWins
    var options: [String: OptionValue] = ["anti_entropy": .duration(.milliseconds(500))]
    var members = 3
    var keys = 12
    var steps = 150
    var loss = 0.1
    var deletes = 0.15
    /// How often a client writes with what it has read, as far as it can say.
    var contexts = 0.7
    var cuts = 0.05
    var crashes = 0.05
    /// How likely a member that crashed has lost its disk.
    var lostDisks = 0.0
    var clockJumps = 0.05
    /// How far a wall clock may be off.
    var clockError = TimeSpan.seconds(30)
    /// How long a member's disk takes.
    var diskDelay = TimeSpan.milliseconds(1)
    /// How long all may take to hold the same, once nothing is wrong any more.
    var convergence = TimeSpan.seconds(60)

    /// What is found in the run with this seed.
    func findings(seed: UInt64) -> [String] {
        Findings.of { try EventualSearchRun(self, seed: seed).run() }
    }

    /// The first seed, up to `bound`, with which something is found.
    func firstFinding(upTo bound: UInt64) -> (seed: UInt64, what: String)? {
        for seed in 1...bound {
            if let first = findings(seed: seed).first { return (seed, first) }
        }
        return nil
    }
}

/// One run of a search.
final class EventualSearchRun {
    private struct Write {
        var key: Key
        var request: UInt64
        /// What its client had read before, and said so.
        var replaced: Dot?
    }
    private struct Read {
        var key: String
        var request: UInt64
    }

    private let search: EventualSearch
    private let seed: UInt64
    private var random: RandomStream
    private let cluster: EventualCluster
    private let superseded = SupersededWrites()
    private var writes: [Write] = []
    private var reads: [Read] = []
    private var contexts: [String: VersionVector] = [:]
    private var shown: [String: Dot] = [:]
    /// Lives whose disk was lost, and what they alone knew with it.
    private var lost: Set<MemberID> = []

    init(_ search: EventualSearch, seed: UInt64) throws {
        self.search = search
        self.seed = seed
        random = RandomStream(seed: seed, name: "search")
        var options = StrategyOptions(search.options)
        options["resolve"] = .choice(search.resolver.rawValue)
        cluster = try EventualCluster(search.members, seed: seed, options: options)
        cluster.delay = .milliseconds(1)...TimeSpan.milliseconds(60)
        cluster.diskDelay = search.diskDelay
        cluster.afterStep = { [superseded, seed] node in
            superseded.check(node.replica, "seed \(seed)")
        }
    }

    /// The transitions that happened to any member.
    var transitions: Set<String> { cluster.transitions }

    func run() throws {
        cluster.run(for: .milliseconds(300))
        cluster.loss = search.loss
        for _ in 0..<search.steps where !Findings.areEnough {
            try strike()
            ask()
            cluster.run(for: random.span(in: .zero...(.milliseconds(60))))
            takeContexts()
        }
        for index in cluster.nodes.indices where !cluster.nodes[index].isUp {
            try restart(index, losingDisk: false)
        }
        cluster.heal()
        cluster.loss = 0
        guard !Findings.areEnough else { return }
        let took = cluster.run(atMost: search.convergence) { cluster.hasConverged }
        guard !Findings.areEnough else { return }
        claim(took != nil, "no convergence, seed \(seed)")
        claim(cluster.violations == [], "\(cluster.violations), seed \(seed)")
        checkWrites()
        cluster.run(for: search.convergence)
        let root = cluster.nodes[0].replica.table.sum(of: .root)
        for node in cluster.nodes {
            claim(node.replica.table.sum(of: .root) == root, "trees differ, seed \(seed)")
        }
    }

    private func strike() throws {
        let index = random.index(search.members)
        if random.chance(search.cuts) { cluster.cut(index, random.index(search.members)) }
        if random.chance(search.cuts) { cluster.heal() }
        if random.chance(search.clockJumps) {
            cluster.nodes[index].clockOffset = random.span(
                in: -search.clockError...search.clockError)
        }
        if random.chance(search.crashes), cluster.nodes.allSatisfy(\.isUp) { cluster.crash(index) }
        if let down = cluster.nodes.firstIndex(where: { !$0.isUp }), random.chance(0.3) {
            try restart(down, losingDisk: random.chance(search.lostDisks))
        }
    }

    private func restart(_ index: Int, losingDisk: Bool) throws {
        superseded.forget(cluster.nodes[index].member)
        if losingDisk { lost.insert(cluster.nodes[index].member) }
        try cluster.restart(index, losingDisk: losingDisk)
    }

    private func ask() {
        let index = random.index(search.members)
        let key = "k\(random.index(search.keys))"
        let saysSo = random.chance(search.contexts)
        let context = saysSo ? contexts[key] ?? .init() : .init()
        if random.chance(0.25) {
            reads.append(Read(key: key, request: cluster.ask(index, key, .read)))
            return
        }
        let operation: Operation =
            random.chance(search.deletes) ? .delete : .write([UInt8(random.index(256))])
        let request = cluster.ask(index, key, operation, context: context)
        writes.append(
            Write(
                key: Key(key), request: request, replaced: saysSo ? shown[key] : nil))
    }

    private func takeContexts() {
        for read in reads {
            guard let reply = cluster.replies[read.request] else { continue }
            contexts[read.key] = reply.context
            shown[read.key] = reply.dot
        }
        reads.removeAll { cluster.replies[$0.request] != nil }
    }

    /// Every acknowledged write of a member that kept its disk is known and has one name, and
    /// what stays of a key is what the rule says.
    private func checkWrites() {
        let replica = cluster.nodes[0].replica
        // Once a deletion is forgotten, what follows need not be later.
        let collected = Set(
            cluster.notes.filter { $0.note.kind == .tombstoneCollected }.map {
                $0.note.fields[0].value
            })
        var dots: Set<Dot> = []
        for write in writes {
            guard
                case .causal(let dot, let context, let time)? =
                    cluster.replies[write.request]?.version
            else { continue }
            claim(dots.insert(dot).inserted, "\(dot) was given twice, seed \(seed)")
            guard !lost.contains(dot.member) else { continue }
            claim(replica.known.contains(dot), "\(dot) is lost, seed \(seed)")
            guard let entry = replica.table[write.key], !collected.contains(.key(write.key))
            else { continue }
            for kept in entry.siblings {
                let isLast = (kept.timestamp, kept.dot) >= (time, dot)
                switch search.resolver {
                case .lastWriterWins:
                    claim(isLast, "\(kept.dot) stays although \(dot) is later, seed \(seed)")
                    // What a client has read elsewhere may have a later time than its write.
                    let isPast = search.contexts == 0 && context.contains(kept.dot)
                    claim(!isPast, "\(kept.dot) outlives its successor \(dot), seed \(seed)")
                case .versionVector, .siblings:
                    let isPast = context.contains(kept.dot) || kept.dot == write.replaced
                    claim(!isPast, "\(kept.dot) outlives its successor \(dot), seed \(seed)")
                // Of merged values other claims are made, in ``MergeSearch``.
                case .merge: break
                }
            }
        }
    }
}

/// What each member has seen superseded: it must not be shown there again in the same life.
final class SupersededWrites {
    private struct Seen {
        var past = VersionVector()
        var latest = HybridTimestamp.zero
    }
    private var seen: [MemberID: [Key: Seen]] = [:]

    /// Looks at everything that the member holds.
    func check(_ replica: Eventual, _ context: String) {
        for item in replica.table.items {
            var known = seen[replica.me]?[item.key] ?? Seen()
            for sibling in item.entry.siblings {
                // The last writer wins whatever knew of what, so a later time may come back.
                let isBack =
                    known.past.contains(sibling.dot)
                    && (replica.options.resolver != .lastWriterWins
                        || sibling.timestamp < known.latest)
                claim(!isBack, "\(sibling.dot) is back at \(replica.me), \(context)")
                known.latest = max(known.latest, sibling.timestamp)
            }
            for past in item.entry.context.entries {
                // Of what a member wrote, only that is past which came before what is kept.
                let kept = item.entry.siblings.filter { $0.dot.member == past.member }
                let first = kept.map(\.dot.counter).min() ?? past.counter + 1
                known.past[past.member] = max(
                    known.past[past.member], min(past.counter, first - 1))
            }
            seen[replica.me, default: [:]][item.key] = known
        }
    }

    /// A restarted member begins again from what its disk holds.
    func forget(_ member: MemberID) { seen[member] = nil }
}
