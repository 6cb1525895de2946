import Determinism
import Testing

@testable import Replication

/// That each transition that the strategy publishes can happen, and is counted.
@Suite struct EventualTransitionTests {
    private static let often: [String: OptionValue] = [
        "anti_entropy": .duration(.milliseconds(500))
    ]

    /// What happens in random runs with faults of all kinds.
    private static func inRandomRuns() throws -> Set<String> {
        var seen: Set<String> = []
        for seed in 1...18 as ClosedRange<UInt64> {
            var search = EventualSearch(resolver: ConflictResolver.allCases[Int(seed) % 3])
            search.options["snapshot_at"] = .size(3000)
            search.crashes = 0.1
            search.lostDisks = 0.3
            search.deletes = 0.3
            search.clockError = .seconds(90)
            search.diskDelay = .milliseconds(20)
            let run = try EventualSearchRun(search, seed: seed)
            try run.run()
            seen.formUnion(run.transitions)
        }
        return seen
    }

    @Test func eachCanHappen() throws {
        var seen = try Self.inRandomRuns()
        seen.formUnion(try Self.aMemberIsRemovedAndAddedAgain())
        seen.formUnion(try Self.allDisksAreLost())
        seen.formUnion(try Self.aDiskGoesBackInTime())
        seen.formUnion(try Self.aPartnerFallsSilent())
        seen.formUnion(try Self.aMemberIsBehindTheLog())
        seen.formUnion(try Self.aStateIsNone())
        let missing = Eventual.strategy.transitions.filter { !seen.contains($0) }
        #expect(missing == [])
    }

    @Test func nothingIsCountedBeforeTheStart() throws {
        let cluster = try EventualCluster(1, options: StrategyOptions(["snapshot_at": .size(100)]))
        for number in 0..<20 { cluster.write(0, "k", "\(number)") }
        #expect(cluster.transitions.contains("checkpoint written"))
        cluster.crash(0)
        try cluster.restart(0)
        #expect(cluster.nodes[0].replica.transitionCounts.allSatisfy { $0 == 0 })
    }

    private static func aStateIsNone() throws -> Set<String> {
        let cluster = try EventualCluster(
            2, options: StrategyOptions(["resolve": .choice("merge")]))
        let entry = VersionedEntry(
            Sibling(
                dot: Dot(member: cluster.nodes[1].member, counter: 1), timestamp: .zero,
                context: VersionVector(), value: [0xFF]))
        var output = ReplicaOutput<EventualMessage, EventualRecord>()
        let writes = ReplicatedWrites(
            range: 1...1, entries: [KeyedEntry(key: Key("k"), entry: entry)])
        cluster.nodes[0].replica.handle(
            .message(EventualMessage(.writes(writes)), from: cluster.nodes[1].member),
            at: cluster.time(of: cluster.nodes[0]), into: &output)
        return cluster.transitions
    }

    private static func aMemberIsRemovedAndAddedAgain() throws -> Set<String> {
        let cluster = try EventualCluster(3, options: StrategyOptions(often))
        cluster.write(0, "deleted", "v")
        cluster.write(2, "own", "v")
        cluster.run(for: .milliseconds(100))
        cluster.partition([2], [0, 1])
        let away = cluster.nodes[2].member
        _ = cluster.answer(0, "deleted", .delete)
        _ = cluster.answer(0, "own", .delete)
        #expect(cluster.administer(0, .remove(away))?.outcome == .done(nil))
        cluster.run(for: .seconds(10))
        cluster.heal()
        cluster.run(for: .seconds(5))
        #expect(cluster.answer(2, "k", .read)?.failure?.code == .notMember)
        #expect(cluster.administer(1, .addLearner(away))?.outcome == .done(nil))
        cluster.run(for: .seconds(20))
        #expect(cluster.hasConverged)
        return cluster.transitions
    }

    private static func allDisksAreLost() throws -> Set<String> {
        let cluster = try EventualCluster(2, options: StrategyOptions(often))
        cluster.run(for: .seconds(1))
        for index in 0..<2 { cluster.crash(index) }
        for index in 0..<2 { try cluster.restart(index, losingDisk: true) }
        cluster.run(for: .seconds(10))
        return cluster.transitions
    }

    private static func aDiskGoesBackInTime() throws -> Set<String> {
        let cluster = try EventualCluster(2, options: StrategyOptions(often))
        for number in 0..<5 { cluster.write(0, "k", "\(number)") }
        cluster.run(for: .seconds(1))
        cluster.crash(0)
        cluster.nodes[0].disk.removeLast(2)
        try cluster.restart(0)
        cluster.run(for: .seconds(1))
        #expect(cluster.write(0, "k", "next")?.dot?.counter == 6)
        return cluster.transitions
    }

    private static func aPartnerFallsSilent() throws -> Set<String> {
        let cluster = try EventualCluster(2, options: StrategyOptions(often))
        cluster.run(for: .seconds(1))
        cluster.cut(0, 1)
        cluster.run(for: .seconds(60))
        return cluster.transitions
    }

    private static func aMemberIsBehindTheLog() throws -> Set<String> {
        let cluster = try EventualCluster(
            2, options: StrategyOptions(["snapshot_at": .size(1000)]))
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        for number in 0..<100 { cluster.write(0, "k\(number % 10)", "\(number)") }
        cluster.crash(0)
        try cluster.restart(0)
        cluster.heal()
        cluster.connect(0, 1, true)
        cluster.run(for: .seconds(20))
        #expect(cluster.hasConverged)
        return cluster.transitions
    }
}
