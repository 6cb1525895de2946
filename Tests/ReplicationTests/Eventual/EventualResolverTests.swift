import Determinism
import Testing

@testable import Replication

@Suite struct EventualResolverTests {
    /// Members 0 and 1 and 2, with 2 on the side of 1, that each write the same keys while cut
    /// off, and then converge.
    private func split(
        _ resolver: ConflictResolver, _ more: [String: OptionValue] = [:]
    ) throws -> EventualCluster {
        var options = StrategyOptions(more)
        options["resolve"] = .choice(resolver.rawValue)
        let cluster = try EventualCluster(3, options: options)
        cluster.run(for: .milliseconds(100))
        cluster.write(0, "before", "x")
        for key in ["a", "b", "c"] { cluster.write(1, key, "old") }
        cluster.run(for: .milliseconds(100))
        cluster.partition([0], [1, 2])
        for key in ["a", "b"] { update(cluster, 0, key, "left") }
        cluster.run(for: .milliseconds(50))
        for key in ["b", "a", "c"] { update(cluster, 1, key, "right") }
        cluster.write(0, "alone", "y")
        cluster.run(for: .milliseconds(100))
        return cluster
    }

    /// Writes with the context of a read.
    private func update(_ cluster: EventualCluster, _ index: Int, _ key: String, _ value: String) {
        let context = cluster.answer(index, key, .read)?.context ?? VersionVector()
        cluster.write(index, key, value, context: context)
    }

    private func join(_ cluster: EventualCluster) {
        cluster.heal()
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.violations == [])
    }

    @Test(arguments: ConflictResolver.allCases)
    func concurrentWritesAreCountedExactly(_ resolver: ConflictResolver) throws {
        let cluster = try split(resolver)
        #expect(cluster.conflicts.isEmpty)
        join(cluster)
        // Two keys were written on both sides; one only differs.
        #expect(cluster.conflicts.count == 2)
        let kind: Note.Kind = resolver == .siblings ? .conflictKept : .conflictResolved
        #expect(cluster.noted(kind) >= 2)
    }

    @Test func ofConcurrentWritesTheLastWriterStays() throws {
        for resolver in [ConflictResolver.lastWriterWins, .versionVector] {
            let cluster = try split(resolver)
            join(cluster)
            for index in 0..<3 {
                #expect(cluster.values(index, "a") == ["right"])
                #expect(cluster.values(index, "b") == ["right"])
                #expect(cluster.values(index, "c") == ["right"])
                #expect(cluster.values(index, "alone") == ["y"])
            }
            let note = try #require(
                cluster.notes.first { $0.note.kind == .conflictResolved }?.note)
            #expect(note.fields.map(\.name) == ["key", "winner", "loser", "rule"])
            #expect(note.fields[3].value == .text(resolver.rawValue))
            guard case .version(.causal(_, _, let winner)) = note.fields[1].value,
                case .version(.causal(_, _, let loser)) = note.fields[2].value
            else {
                Issue.record("versions expected")
                return
            }
            #expect(winner > loser)
        }
    }

    @Test func siblingsAreAllReturnedUntilAWriteHasReadThem() throws {
        let cluster = try split(.siblings)
        join(cluster)
        let read = try #require(cluster.answer(2, "a", .read))
        #expect(read.outcome == .values([.bytes(Array("left".utf8)), .bytes(Array("right".utf8))]))
        #expect(read.dot?.member == cluster.nodes[1].member)
        cluster.write(2, "a", "merged", context: read.context)
        cluster.run(for: .milliseconds(100))
        for index in 0..<3 { #expect(cluster.values(index, "a") == ["merged"]) }
    }

    @Test func aWriteSupersedesOnlyWhatItsClientHadRead() throws {
        let cluster = try EventualCluster(2, options: .resolving(.siblings))
        let first = try #require(cluster.write(0, "k", "one"))
        let second = try #require(cluster.write(0, "k", "two"))
        #expect(cluster.values(0, "k") == ["one", "two"])
        // Its own write does not stand for "one", which the second client never saw.
        #expect(second.context == VersionVector())
        #expect(first.context[cluster.nodes[0].member] == 1)
        cluster.write(0, "k", "three", context: first.context)
        #expect(cluster.values(0, "k") == ["two", "three"])
        cluster.run(for: .milliseconds(100))
        #expect(cluster.values(1, "k") == ["two", "three"])
        #expect(cluster.hasConverged)
    }

    @Test func aDeleteBesideAConcurrentWriteLeavesTheWrite() throws {
        let cluster = try EventualCluster(2, options: .resolving(.siblings))
        let written = try #require(cluster.write(0, "k", "one"))
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        _ = cluster.answer(0, "k", .delete, context: written.context)
        cluster.write(1, "k", "two", context: written.context)
        #expect(cluster.values(0, "k") == [])
        join(cluster)
        #expect(cluster.values(0, "k") == ["two"])
        #expect(cluster.nodes[0].replica.view.keyCount == 1)
        #expect(cluster.conflicts.count == 1)
    }

    @Test func aContextFromAnotherMemberSupersedesWhatIsNotYetHere() throws {
        for resolver in [ConflictResolver.versionVector, .siblings] {
            let cluster = try EventualCluster(2, options: .resolving(resolver))
            cluster.run(for: .milliseconds(100))
            cluster.cut(0, 1)
            let written = try #require(cluster.write(0, "k", "one"))
            cluster.write(1, "k", "two", context: written.context)
            join(cluster)
            for index in 0..<2 { #expect(cluster.values(index, "k") == ["two"]) }
            #expect(cluster.conflicts.isEmpty)
        }
    }

    @Test func theClockDecidesUnderLastWriterWinsAndKnowledgeUnderVersionVectors() throws {
        // The second member's clock is behind, and its client has read the first one's write.
        for (resolver, expected) in [
            (ConflictResolver.lastWriterWins, "one"), (.versionVector, "two"),
        ] {
            let cluster = try EventualCluster(2, options: .resolving(resolver))
            cluster.run(for: .milliseconds(100))
            cluster.nodes[1].clockOffset = -.seconds(10)
            cluster.cut(0, 1)
            let written = try #require(cluster.write(0, "k", "one"))
            cluster.write(1, "k", "two", context: written.context)
            join(cluster)
            #expect(cluster.conflicts.isEmpty)
            for index in 0..<2 { #expect(cluster.values(index, "k") == [expected]) }
        }
    }

    @Test func conflictsOutsideTheWindowAreResolvedButNotReported() throws {
        for (window, count) in [(TimeSpan.milliseconds(20), 0), (.seconds(10), 2)] {
            let cluster = try split(.lastWriterWins, ["conflict_window": .duration(window)])
            join(cluster)
            #expect(cluster.conflicts.count == count)
            #expect(cluster.values(0, "a") == ["right"])
        }
    }

    @Test func aTimeTooFarAheadIsNotAdoptedAndIsOutdoneForItsKeyAlone() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        cluster.nodes[0].clockOffset = .seconds(3600)
        cluster.write(0, "k", "ahead")
        cluster.run(for: .milliseconds(100))
        #expect(cluster.nodes[1].replica.clock.rejected == 1)
        #expect(cluster.noted("clock-skew-rejected", at: 1) == 1)
        let limit = cluster.time(of: cluster.nodes[1]).wall + .seconds(1)
        #expect(cluster.nodes[1].replica.clock.latest.wall < limit)
        // It is applied all the same, and a later write here wins over it.
        #expect(cluster.values(1, "k") == ["ahead"])
        cluster.write(1, "k", "later")
        cluster.write(1, "other", "x")
        cluster.run(for: .milliseconds(100))
        #expect(cluster.values(0, "k") == ["later"])
        #expect(cluster.nodes[1].replica.clock.latest.wall < limit + .seconds(1))
        #expect(cluster.conflicts.isEmpty)
    }

    @Test func aKeyTakesNoMoreConcurrentWritesThanFit() throws {
        let cluster = try EventualCluster(2, options: .resolving(.siblings))
        for number in 0..<EventualOptions.ownSiblingsMax {
            #expect(cluster.write(0, "k", "\(number)")?.failure == nil)
        }
        let refused = cluster.write(0, "k", "one more")?.failure
        #expect(refused?.code == .invalid)
        #expect(refused?.isIndefinite == false)
        let read = try #require(cluster.answer(0, "k", .read))
        #expect(cluster.write(0, "k", "all", context: read.context)?.failure == nil)
        #expect(cluster.values(0, "k") == ["all"])
        let large = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 0..<2 { #expect(cluster.answer(0, "l", .write(large))?.failure == nil) }
        var last: ServiceError?
        for _ in 0..<2 { last = cluster.answer(0, "l", .write(large))?.failure }
        #expect(last?.code == .invalid)
    }
}
