import Determinism
import Testing

@testable import Replication

/// Seeded runs in which members crash, are cut off and lose messages: with acknowledgements and
/// safe promotion nothing that was acknowledged is lost, whatever the rest of the options.
@Suite struct PrimaryBackupRandomTests {
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func whatWasAcknowledgedStays(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "run")
        let count = 3 + 2 * random.index(2)
        let needed = 1 + random.index(count / 2)
        let options: [String: OptionValue] = [
            "mode": .choice(random.chance(0.2) ? "sync" : "semi-sync"),
            "acknowledgements": .integer(needed), "fencing": .toggle(random.chance(0.7)),
            "snapshot_at": .size(random.chance(0.5) ? 3000 : 1 << 20),
            "on_divergence": .choice(random.chance(0.5) ? "keep" : "discard"),
        ]
        let group = try PrimaryGroup(count, seed: seed, options: options)
        let cluster = group.cluster
        cluster.jitter = .milliseconds(8)
        cluster.lost = 0.02
        cluster.repeated = 0.02
        // Each key is written once, so that whatever is acknowledged must be there at the end.
        var written: [(key: String, request: UInt64)] = []
        for number in 0..<300 {
            let index = random.index(count)
            switch random.index(24) {
            case 0: cluster.isolate(group.members[index])
            case 1, 2: cluster.healAll()
            case 3: cluster.crash(group.members[index])
            case 4:
                cluster.cut(
                    from: group.members[index], to: group.members[random.index(count)])
            case 5: cluster.pause(group.members[index])
            default:
                if cluster.live.contains(group.members[index]) {
                    written.append(
                        ("k\(number)", group.begin(index, .write([1]), key: "k\(number)")))
                }
            }
            cluster.run(for: random.span(in: .zero...(.milliseconds(250))))
            for member in group.members {
                if cluster.nodes[member]?.replica == nil, random.chance(0.2) {
                    try cluster.start(member)
                }
                if random.chance(0.1) { cluster.resume(member) }
            }
        }
        for member in group.members {
            cluster.resume(member)
            if cluster.nodes[member]?.replica == nil { try cluster.start(member) }
        }
        cluster.lost = 0
        cluster.healAll()
        group.settle(.seconds(120))
        let last = try group.replica(0)
        cluster.run(
            until: {
                group.members.allSatisfy { member in
                    guard let view = cluster.replica(member)?.view else { return false }
                    return view.isReady && view.digest == last.view.digest && view.lag == 0
                }
            }, within: .seconds(60))
        let acknowledged = written.filter {
            cluster.replies[$0.request]?.reply.outcome == .done(nil)
        }
        #expect(acknowledged.count > 10)
        for (key, _) in acknowledged {
            for number in group.members.indices {
                #expect(try group.holds(number, key: key) != nil, "seed \(seed): \(key)")
            }
        }
    }
}
