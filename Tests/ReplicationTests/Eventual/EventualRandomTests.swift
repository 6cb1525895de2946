import Determinism
import Testing

@testable import Replication

/// Seeded runs with everything that can go wrong at once: lost and delayed messages, cut links,
/// crashes, lost disks, clocks that are wrong, writes and deletes anywhere all the while.
@Suite struct EventualRandomTests {
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func everyRunConverges(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "run")
        let resolver = ConflictResolver.allCases[random.index(3)]
        var options = StrategyOptions.resolving(resolver)
        options["anti_entropy"] = .duration(.milliseconds(500))
        options["snapshot_at"] = .size(random.chance(0.5) ? 3000 : 1 << 20)
        let count = 3 + random.index(3)
        let cluster = try EventualCluster(count, seed: seed, options: options)
        cluster.delay = .milliseconds(1)...TimeSpan.milliseconds(60)
        cluster.run(for: .milliseconds(300))
        cluster.loss = 0.1

        var acknowledged: [(key: String, request: UInt64, node: Int)] = []
        var contexts: [String: VersionVector] = [:]
        var reads: [(key: String, request: UInt64)] = []
        var lostDisk: Set<MemberID> = []
        for _ in 0..<250 {
            let index = random.index(count)
            let key = "k\(random.index(12))"
            switch random.index(20) {
            case 0: cluster.cut(index, random.index(count))
            case 1: cluster.heal()
            case 2: cluster.crash(index)
            case 3:
                cluster.nodes[index].clockOffset = random.span(in: -.seconds(90)...(.seconds(90)))
            case 4...7: reads.append((key, cluster.ask(index, key, .read)))
            case 8...9: cluster.ask(index, key, .delete, context: contexts[key] ?? .init())
            default:
                let request = cluster.ask(
                    index, key, .write([UInt8(truncatingIfNeeded: Int(random.next() & 0xFF))]),
                    context: random.chance(0.7) ? contexts[key] ?? .init() : .init())
                acknowledged.append((key, request, index))
            }
            cluster.run(for: random.span(in: .zero...(.milliseconds(60))))
            for read in reads {
                if let reply = cluster.replies[read.request] { contexts[read.key] = reply.context }
            }
            reads.removeAll { cluster.replies[$0.request] != nil }
            let down = cluster.nodes.indices.filter { !cluster.nodes[$0].isUp }
            if let first = down.first, down.count > 1 || random.chance(0.1) {
                let isFatal = random.chance(0.3) && count - down.count >= 2
                if isFatal { lostDisk.insert(cluster.nodes[first].member) }
                try cluster.restart(first, losingDisk: isFatal)
            }
        }
        for index in cluster.nodes.indices where !cluster.nodes[index].isUp {
            try cluster.restart(index)
        }
        cluster.heal()
        cluster.loss = 0
        let took = cluster.run(atMost: .seconds(120)) { cluster.hasConverged }
        #expect(took != nil, "seed \(seed): \(cluster.nodes.map(\.replica.view))")
        #expect(cluster.violations == [], "seed \(seed)")

        // Every acknowledged write whose taker kept its disk is in the state, superseded by what
        // is, or deleted: known in any case. No dot was given twice.
        let hasCheckpoints = cluster.nodes.contains { $0.checkpoint != nil }
        let collected = Set(
            cluster.notes.filter { $0.note.kind == .tombstoneCollected }.map {
                $0.note.fields[0].value
            })
        var dots: Set<Dot> = []
        for write in acknowledged {
            guard let dot = cluster.replies[write.request]?.dot else { continue }
            #expect(dots.insert(dot).inserted, "seed \(seed): \(dot) twice")
            guard !lostDisk.contains(dot.member) else { continue }
            #expect(cluster.nodes[0].replica.known.contains(dot), "seed \(seed): \(dot) lost")
            // A member's own memory of a forgotten deletion does not outlive its disk.
            if let entry = cluster.nodes[0].replica.table[Key(write.key)],
                !collected.contains(.key(Key(write.key))) || lostDisk.isEmpty && !hasCheckpoints
            {
                #expect(entry.knows(dot), "seed \(seed): \(dot) not in \(entry)")
            }
        }
        // What is deleted is forgotten in the end, and all trees are the same.
        cluster.run(for: .seconds(60))
        let root = cluster.nodes[0].replica.table.sum(of: .root)
        for node in cluster.nodes {
            #expect(node.replica.table.sum(of: .root) == root, "seed \(seed)")
            #expect(node.replica.view.lag == 0, "seed \(seed)")
        }
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        func trace() throws -> [EventualMessage] {
            let cluster = try EventualCluster(4, seed: 9)
            cluster.loss = 0.2
            cluster.delay = .milliseconds(1)...TimeSpan.milliseconds(60)
            for number in 0..<200 {
                cluster.ask(number % 4, "k\(number % 9)", .write([1]))
                cluster.run(for: .milliseconds(7))
            }
            cluster.run(for: .seconds(20))
            return cluster.messages.map(\.message)
        }
        #expect(try trace() == trace())
    }
}
