import Determinism
import Geography
import Testing

@testable import Replication

@Suite struct EventualMembershipTests {
    private static let oftener = StrategyOptions(["anti_entropy": .duration(.milliseconds(500))])

    @Test func aDeletedKeyIsForgottenOnceAllMembersKnow() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        _ = cluster.answer(1, "k", .delete)
        cluster.run(for: .milliseconds(100))
        #expect(cluster.hasConverged)
        #expect(cluster.nodes[0].replica.finalState().map(\.values.count) == [1])
        let gone = cluster.run(atMost: .seconds(20)) {
            cluster.nodes.allSatisfy { $0.replica.table.count == 0 }
        }
        #expect(gone != nil)
        #expect(cluster.noted(.tombstoneCollected) == 3)
        #expect(cluster.values(2, "k") == [])
        #expect(cluster.hasConverged)
        let root = cluster.nodes[0].replica.table.sum(of: .root)
        #expect(cluster.nodes.allSatisfy { $0.replica.table.sum(of: .root) == root })
    }

    @Test func aDeadMemberHoldsDeletionsBackUntilItReturns() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        cluster.crash(2)
        _ = cluster.answer(0, "k", .delete)
        cluster.run(for: .seconds(30))
        #expect(cluster.noted(.tombstoneCollected) == 0)
        #expect(cluster.nodes[0].replica.table.tombstoneCount == 1)
        try cluster.restart(2)
        cluster.run(for: .seconds(20))
        #expect(cluster.hasConverged)
        #expect(cluster.nodes.allSatisfy { $0.replica.table.count == 0 })
        #expect(cluster.values(2, "k") == [])
    }

    @Test func aLateCopyOfADeletedKeyIsNoNews() throws {
        let cluster = try EventualCluster(2, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        let late = try #require(
            cluster.messages.first { $0.message.kind == .write && $0.to == 1 }?.message)
        _ = cluster.answer(1, "k", .delete)
        cluster.run(for: .seconds(10))
        #expect(cluster.nodes.allSatisfy { $0.replica.table.count == 0 })
        let node = cluster.nodes[1]
        node.replica.handle(
            .message(late, from: cluster.nodes[0].member), at: cluster.time(of: node),
            into: &node.output)
        #expect(cluster.values(1, "k") == [])
        #expect(node.replica.table.count == 0)
    }

    @Test func aDeletionIsKeptWhileWhatItSupersededIsNotKnownHere() throws {
        let cluster = try EventualCluster(3)
        let node = cluster.nodes[2]
        let members = cluster.nodes.map(\.member)
        var context = VersionVector()
        context[members[0]] = 1
        let deletion = Sibling(
            dot: Dot(member: members[1], counter: 1), timestamp: .zero, context: context,
            value: nil)
        let writes = ReplicatedWrites(
            range: 1...1, entries: [KeyedEntry(key: Key("k"), entry: VersionedEntry(deletion))])
        node.replica.handle(
            .message(EventualMessage(.writes(writes)), from: members[1]),
            at: cluster.time(of: node), into: &node.output)
        for index in node.replica.links.indices {
            node.replica.collectTombstones(&node.output)
            #expect(node.replica.table.count == 1)
            node.replica.links[index].known.insert(1...1, of: members[1])
        }
        // All know the deletion, but the write it superseded may still arrive here.
        node.replica.collectTombstones(&node.output)
        #expect(node.replica.table.count == 1)
        node.replica.known.insert(1...1, of: members[0])
        node.replica.collectTombstones(&node.output)
        #expect(node.replica.table.count == 0)
    }

    @Test func aMemberThatLostItsDiskTakesOverTheWholeState() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        for number in 0..<200 { cluster.ask(number % 3, "k\(number)", .write([1])) }
        for number in 0..<9 { cluster.ask(0, "k0", .write([UInt8(number)])) }
        cluster.run(for: .seconds(1))
        cluster.crash(1)
        cluster.write(0, "meanwhile", "v")
        _ = cluster.answer(0, "k7", .delete)
        let old = cluster.nodes[1].member
        try cluster.restart(1, losingDisk: true)
        #expect(!cluster.nodes[1].replica.view.isReady)
        let refused = cluster.answer(1, "k1", .read)?.failure
        #expect(refused?.code == .recovering)
        #expect(refused?.isIndefinite == false)
        let returned = cluster.nodes[1].replica
        let took = try #require(cluster.run(atMost: .seconds(10)) { returned.view.isReady })
        #expect(took <= .seconds(2))
        // With the state it took over the knowledge of writes that others superseded.
        #expect(returned.known.prefix[cluster.founders[0]] == cluster.nodes[0].replica.counter)
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.nodes[1].replica.view.keyCount == 200)
        #expect(cluster.noted(.snapshotInstalled, at: 1) == 1)
        for node in cluster.nodes {
            #expect(!node.replica.members.contains(old))
            #expect(node.replica.members.contains(cluster.nodes[1].member))
            #expect(node.replica.view.voters.count == 3)
        }
        // Its writes have dots of their own, and deletions go on being forgotten.
        #expect(
            cluster.write(1, "k1", "new")?.dot
                == Dot(member: MemberID(old.node, incarnation: 1), counter: 1))
        cluster.run(for: .seconds(20))
        #expect(cluster.hasConverged)
        #expect(cluster.nodes.allSatisfy { $0.replica.table.tombstoneCount == 0 })
        // The new place survives restarts of everyone.
        for index in 0..<3 {
            cluster.crash(index)
            try cluster.restart(index)
            #expect(cluster.nodes[index].replica.view.isReady)
        }
        cluster.run(for: .seconds(2))
        #expect(cluster.hasConverged)
    }

    @Test func aCrashDuringATransferBeginsItAgain() throws {
        let cluster = try EventualCluster(2, options: Self.oftener)
        for number in 0..<2000 { cluster.ask(0, "k\(number)", .write([1])) }
        cluster.run(for: .seconds(1))
        cluster.crash(1)
        cluster.delay = .milliseconds(5)...TimeSpan.milliseconds(90)
        try cluster.restart(1, losingDisk: true)
        cluster.run(atMost: .seconds(2)) { cluster.nodes[1].replica.table.count > 0 }
        #expect(!cluster.nodes[1].replica.view.isReady)
        #expect(cluster.nodes[1].replica.table.count > 0)
        cluster.crash(1)
        try cluster.restart(1)
        #expect(!cluster.nodes[1].replica.view.isReady)
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.nodes[1].replica.view.keyCount == 2000)
    }

    @Test func withoutACompleteMemberInReachNothingIsServed() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        for index in 0..<3 { cluster.crash(index) }
        try cluster.restart(1, losingDisk: true)
        try cluster.restart(2, losingDisk: true)
        cluster.run(for: .seconds(30))
        #expect(!cluster.nodes[1].replica.view.isReady)
        #expect(!cluster.nodes[2].replica.view.isReady)
        try cluster.restart(0)
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.values(2, "k") == ["v"])
    }

    @Test func whenAllDisksAreLostTheGroupBeginsAnew() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        for index in 0..<3 { cluster.crash(index) }
        for index in 0..<3 { try cluster.restart(index, losingDisk: true) }
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.values(1, "k") == [])
        #expect(cluster.write(1, "k", "w")?.failure == nil)
    }

    @Test func aRemovedMemberNoLongerCountsAndIsHeardNoMore() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(100))
        cluster.crash(2)
        _ = cluster.answer(0, "k", .delete)
        let gone = cluster.nodes[2].member
        #expect(cluster.administer(1, .remove(gone))?.outcome == .done(nil))
        cluster.run(for: .seconds(10))
        #expect(cluster.nodes[0].replica.table.count == 0)
        #expect(cluster.nodes[0].replica.view.voters.count == 2)
        #expect(cluster.nodes[0].replica.view.lag == 0)
        // It comes back with the old value: nobody takes it.
        try cluster.restart(2)
        cluster.run(for: .seconds(5))
        #expect(!cluster.nodes[2].replica.view.isReady)
        #expect(cluster.answer(2, "k", .read)?.failure?.code == .notMember)
        #expect(cluster.nodes[0].replica.table.count == 0)
        #expect(cluster.nodes[1].replica.table.count == 0)
    }

    @Test func aRemovedMemberThatIsAddedAgainBringsNothingBackButItsOwnNews() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.write(0, "deleted", "v")
        cluster.write(0, "kept", "v")
        cluster.run(for: .milliseconds(100))
        cluster.partition([2], [0, 1])
        // Nobody else knows this one before the member is removed.
        cluster.write(2, "news", "n")
        let away = cluster.nodes[2].member
        _ = cluster.answer(0, "deleted", .delete)
        #expect(cluster.administer(0, .remove(away))?.outcome == .done(nil))
        cluster.run(for: .seconds(10))
        #expect(cluster.nodes[1].replica.table.count == 1)
        cluster.heal()
        cluster.run(for: .seconds(5))
        #expect(cluster.nodes[1].replica.table.count == 1)
        #expect(cluster.nodes[2].replica.view.isReady == false)
        #expect(cluster.administer(1, .addLearner(away))?.outcome == .done(nil))
        #expect(cluster.administer(1, .promote(away))?.outcome == .done(nil))
        let returned = cluster.nodes[2].replica
        #expect(cluster.run(atMost: .seconds(20)) { returned.view.isReady } != nil)
        #expect(returned.table[Key("deleted")] == nil)
        #expect(returned.table[Key("news")] != nil)
        #expect(cluster.run(atMost: .seconds(20)) { cluster.hasConverged } != nil)
        for index in 0..<3 {
            #expect(cluster.values(index, "deleted") == [])
            #expect(cluster.values(index, "kept") == ["v"])
            #expect(cluster.values(index, "news") == ["n"])
        }
    }

    @Test func whatCannotBeAdministeredIsRefused() throws {
        let cluster = try EventualCluster(2)
        let stranger = MemberID(NodeID(region: RegionID(index: 9)))
        let commands: [Administration] = [
            .transferLeader(to: RegionID(index: 0)), .promote(stranger), .remove(stranger),
        ]
        for command in commands {
            let error = cluster.administer(0, command)?.failure
            #expect(error?.code == .refused)
            #expect(error?.isIndefinite == false)
        }
        #expect(cluster.nodes[0].replica.view.voters == cluster.founders)
    }

    @Test func membershipsMergeToTheSameInAnyOrder() {
        var random = RandomStream(seed: 3, name: "members")
        let nodes = (0..<4).map { NodeID(region: RegionID(index: $0)) }
        for _ in 0..<200 {
            var copies = (0..<3).map { _ in GroupMembers(founders: nodes.map { MemberID($0) }) }
            for _ in 0..<10 {
                let member = MemberID(
                    nodes[random.index(4)], incarnation: UInt32(random.index(3)))
                let index = random.index(3)
                switch random.index(4) {
                case 0: _ = copies[index].remove(member)
                case 1: _ = copies[index].add(member)
                case 2: _ = copies[index].renew(member)
                default: copies[index].merge(copies[random.index(3)])
                }
            }
            var forwards = copies[0]
            forwards.merge(copies[1])
            forwards.merge(copies[2])
            var backwards = copies[2]
            backwards.merge(copies[1])
            backwards.merge(copies[0])
            #expect(forwards == backwards)
            #expect(forwards.fingerprint == backwards.fingerprint)
            let isChanged = forwards.merge(copies[1])
            #expect(!isChanged)
        }
    }
}
