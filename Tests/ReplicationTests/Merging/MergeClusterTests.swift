import Determinism
import Testing

@testable import Replication

/// Members of `eventual` and `quorum` that merge values.
@Suite struct MergeClusterTests {
    private func cluster(
        _ rule: String, _ type: ValueType, _ count: Int = 3
    ) throws -> EventualCluster {
        let cluster = try EventualCluster(
            count,
            options: StrategyOptions([
                "resolve": .choice("merge"), "merge": .choice(rule),
            ]), valueType: type)
        cluster.run(for: .milliseconds(300))
        return cluster
    }

    private func value(_ cluster: EventualCluster, _ index: Int) -> [Value]? {
        guard case .values(let values)? = cluster.answer(index, "k", .read)?.outcome else {
            return nil
        }
        return values
    }

    @Test(arguments: MergeRules.standard.names)
    func membersAgreeWhateverHappens(_ rule: String) {
        for seed in 1...6 as ClosedRange<UInt64> {
            #expect(MergeSearch(rule).findings(seed: seed) == [], "seed \(seed)")
        }
    }

    @Test func bothSidesOfAPartitionCount() throws {
        let cluster = try cluster("sum", .counter)
        cluster.partition([0, 1], [2])
        #expect(cluster.answer(0, "k", .increment(5))?.outcome == .done(.integer(5)))
        #expect(cluster.answer(2, "k", .increment(7))?.outcome == .done(.integer(7)))
        cluster.heal()
        cluster.run(for: .seconds(20))
        for index in 0..<3 { #expect(value(cluster, index) == [.integer(12)]) }
        #expect(cluster.hasConverged)
        #expect(cluster.conflicts.count == 1)
        #expect(cluster.noted(.conflictResolved) > 0)
    }

    @Test func anAnswerNamesAllUpdatesThatAreInIt() throws {
        let cluster = try cluster("add-wins", .set)
        cluster.partition([0, 1], [2])
        let first = try #require(cluster.answer(0, "k", .add([1]))?.dot)
        let second = try #require(cluster.answer(2, "k", .add([2]))?.dot)
        cluster.heal()
        cluster.run(for: .seconds(20))
        let read = try #require(cluster.answer(1, "k", .read))
        #expect(read.outcome == .values([.set([[1], [2]])]))
        #expect(read.context.contains(first) && read.context.contains(second))
        for version in [
            read.version, cluster.nodes[1].replica.finalState().first?.values.first?.version,
        ] {
            guard case .causal(let dot, let context, _)? = version else {
                Issue.record("no version")
                continue
            }
            #expect(Set([first, second]).contains(dot))
            #expect(([first, second].filter { $0 != dot }).allSatisfy(context.contains))
            #expect(!context.contains(dot))
        }
    }

    @Test func whatItsClientHasReadElsewhereDoesNotPassForKnown() throws {
        // A client that turned to another member must not make it claim what it has not got.
        let cluster = try cluster("add-wins", .set)
        cluster.partition([0], [1, 2])
        let reply = try #require(cluster.answer(0, "k", .add([1])))
        _ = cluster.answer(1, "k", .add([2]), context: reply.context)
        cluster.heal()
        cluster.run(for: .seconds(20))
        for index in 0..<3 { #expect(value(cluster, index) == [.set([[1], [2]])]) }
    }

    @Test func theJournalGivesTheSameStateAgain() throws {
        let cluster = try cluster("growable-array", .list)
        cluster.partition([0, 1], [2])
        for index in 0..<6 { _ = cluster.answer(index % 3, "k", .append([UInt8(index)])) }
        cluster.heal()
        cluster.run(for: .seconds(20))
        for index in 0..<3 {
            let again = try cluster.recovered(index)
            #expect(again.finalState() == cluster.nodes[index].replica.finalState())
            #expect(again.view.digest == cluster.nodes[index].replica.view.digest)
        }
    }

    @Test func aStateThatIsNoneIsRejected() throws {
        let cluster = try cluster("sum", .counter)
        _ = cluster.answer(0, "k", .increment(1))
        let member = cluster.nodes[1].member
        let entry = VersionedEntry(
            Sibling(
                dot: Dot(member: member, counter: 1), timestamp: .zero, context: VersionVector(),
                value: [0xFF, 0xFF]))
        var output = ReplicaOutput<EventualMessage, EventualRecord>()
        let message = EventualMessage(
            .writes(
                ReplicatedWrites(range: 1...1, entries: [KeyedEntry(key: Key("k"), entry: entry)])))
        cluster.nodes[0].replica.handle(
            .message(message, from: member), at: cluster.time(of: cluster.nodes[0]), into: &output)
        #expect(value(cluster, 0) == [.integer(1)])
        #expect(
            cluster.nodes[0].replica.transitionCounts[EventualTransition.stateRejected.rawValue]
                == 1)
    }

    @Test func operationsMustSuitTheValues() throws {
        let cluster = try cluster("update-wins", .map)
        #expect(cluster.answer(0, "k", .add([1]))?.failure?.code == .unsupported)
        #expect(cluster.answer(0, "k", .increment(1))?.failure?.code == .unsupported)
        #expect(cluster.answer(0, "k", .put(field: [1], content: [2]))?.outcome == .done(nil))
        #expect(value(cluster, 0) == [.map([MapField([1], [2])])])
        let sets = try self.cluster("add-wins", .set)
        #expect(sets.answer(0, "k", .put(field: [1], content: [2]))?.failure?.code == .unsupported)
        let largest = [UInt8](repeating: 1, count: Limits.valueBytesMax)
        #expect(sets.answer(0, "k", .add(largest + [1]))?.failure?.code == .invalid)
    }

    @Test func aValueGrowsNoFurtherThanAMessageCanCarry() throws {
        let cluster = try cluster("growable-array", .list)
        let element = [UInt8](repeating: 1, count: Limits.valueBytesMax)
        #expect(cluster.answer(0, "k", .append(element))?.outcome == .done(nil))
        // A third of what all may hold together.
        #expect(cluster.answer(0, "k", .append(element))?.failure?.code == .invalid)
        #expect(cluster.answer(0, "k", .delete)?.outcome == .done(nil))
        #expect(cluster.answer(0, "k", .append(element))?.outcome == .done(nil))
    }

    @Test func whatIsFullCanBeEmptied() throws {
        let cluster = try cluster("add-wins", .set)
        let element = [UInt8](repeating: 1, count: Limits.valueBytesMax)
        #expect(cluster.answer(0, "k", .add(element))?.outcome == .done(nil))
        #expect(cluster.answer(0, "k", .add(element))?.failure?.code == .invalid)
        #expect(cluster.answer(0, "k", .remove(element))?.outcome == .done(nil))
        #expect(cluster.answer(0, "k", .add(element))?.outcome == .done(nil))
    }

    @Test func aRemoveTakesAwayWhatAQuorumKnows() throws {
        let group = try QuorumGroup(
            options: ["resolve": .choice("merge"), "read_repair": .toggle(false)],
            valueType: .set)
        group.cluster.filter = { message, _, target in
            // The last member hears of no write.
            if case .writes = message.body { target != group.members[2] } else { true }
        }
        #expect(try group.ask(0, .add([1])).reply.outcome == .done(nil))
        #expect(try group.ask(2, .remove([1])).reply.outcome == .done(nil))
        group.cluster.filter = { _, _, _ in true }
        group.cluster.run(for: .seconds(20))
        #expect(try group.ask(1, .read).reply.outcome == .values([.set([])]))
    }

    @Test func quorumsCountEveryIncrement() throws {
        let group = try QuorumGroup(options: ["resolve": .choice("merge")], valueType: .counter)
        for number in 0..<6 { _ = try group.ask(number % 3, .increment(Int64(number))) }
        #expect(try group.ask(1, .read).reply.outcome == .values([.integer(15)]))
    }
}
