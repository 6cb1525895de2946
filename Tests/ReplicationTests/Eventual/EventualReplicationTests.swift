import Determinism
import Geography
import Testing

@testable import Replication

@Suite struct EventualReplicationTests {
    @Test func aWriteIsAnsweredOnceItIsDurableHereAndSpreadsToAll() throws {
        let cluster = try EventualCluster(5)
        let request = cluster.ask(0, "k", .write([1]))
        #expect(cluster.replies[request] == nil)
        cluster.run(for: .milliseconds(1))
        #expect(cluster.replies[request]?.outcome == .done(nil))
        #expect(cluster.replies[request]?.dot == Dot(member: cluster.nodes[0].member, counter: 1))
        #expect(cluster.nodes[0].replica.view.lag == 1)
        // One way, the peer's disk, and the way back.
        cluster.run(for: .milliseconds(22))
        #expect(cluster.hasConverged)
        #expect(cluster.nodes[0].replica.view.lag == 0)
        for index in 0..<5 { #expect(cluster.values(index, "k") == ["\u{1}"]) }
        #expect(cluster.violations == [])
    }

    @Test func aBurstTravelsInFewMessages() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        for number in 0..<1000 { cluster.ask(0, "k\(number)", .write([1])) }
        cluster.run(for: .seconds(1))
        let batches = cluster.messages.filter { $0.message.kind == .write }
        #expect(batches.count <= 4)
        #expect(cluster.hasConverged)
    }

    @Test func aKeyWrittenManyTimesTravelsOnceInABatch() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        for number in 0..<100 { cluster.ask(0, "k", .write([UInt8(number)])) }
        cluster.run(for: .seconds(1))
        let entries = cluster.messages.reduce(0) { sum, sent in
            guard case .writes(let writes) = sent.message.body else { return sum }
            return sum + writes.entries.count
        }
        #expect(entries == 2)
        #expect(cluster.hasConverged)
        #expect(cluster.conflicts.isEmpty)
    }

    @Test func replicationDelayHoldsWritesBack() throws {
        let cluster = try EventualCluster(
            2, options: StrategyOptions(["replication_delay": .duration(.milliseconds(300))]))
        cluster.run(for: .milliseconds(100))
        cluster.write(0, "k", "v")
        cluster.run(for: .milliseconds(290))
        #expect(!cluster.messages.contains { $0.message.kind == .write })
        cluster.run(for: .milliseconds(30))
        #expect(cluster.hasConverged)
        #expect(cluster.values(1, "k") == ["v"])
    }

    @Test func lostWritesAreSentAgainAndCounted() throws {
        let cluster = try EventualCluster(3)
        cluster.run(for: .milliseconds(100))
        var lost = 0
        cluster.isLost = { message, _, to in
            guard message.kind == .write, to == 1, lost < 3 else { return false }
            lost += 1
            return true
        }
        cluster.write(0, "k", "v")
        let took = cluster.run(atMost: .seconds(5)) { cluster.hasConverged }
        #expect(took != nil)
        #expect(lost == 3)
        let note = cluster.notes.last { $0.note.kind == "replication-error" }?.note
        #expect(note?.fields.first == .init("member", .member(cluster.nodes[1].member)))
        #expect(cluster.nodes[0].replica.links[0].resends == 3)
        #expect(cluster.nodes[0].replica.links[1].resends == 0)
    }

    @Test func withALossyNetworkEverythingArrives() throws {
        let cluster = try EventualCluster(3)
        cluster.loss = 0.3
        cluster.delay = .milliseconds(5)...TimeSpan.milliseconds(40)
        for number in 0..<100 {
            cluster.write(number % 3, "k\(number % 20)", "\(number)")
        }
        #expect(cluster.run(atMost: .seconds(60)) { cluster.hasConverged } != nil)
        #expect(cluster.nodes[0].replica.known.beyond.isEmpty)
        #expect(cluster.violations == [])
    }

    @Test func allMembersAgreePromptlyAfterTheLastWrite() throws {
        let cluster = try EventualCluster(5)
        for number in 0..<200 {
            cluster.ask(number % 5, "k\(number % 7)", .write([UInt8(number)]))
            cluster.run(for: .milliseconds(2))
        }
        let took = try #require(cluster.run(atMost: .seconds(5)) { cluster.hasConverged })
        #expect(took <= .milliseconds(50))
    }

    @Test func afterAHealEverythingArrivesWithinAFewSeconds() throws {
        let cluster = try EventualCluster(5)
        cluster.run(for: .milliseconds(100))
        cluster.partition([0, 1], [2, 3, 4])
        for number in 0..<500 {
            cluster.ask(number % 5, "k\(number)", .write([1]))
            cluster.run(for: .milliseconds(20))
        }
        cluster.heal()
        let took = try #require(cluster.run(atMost: .seconds(30)) { cluster.hasConverged })
        #expect(took <= .seconds(4))
    }

    @Test func aConnectionThatOpensAgainIsUsedAtOnce() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        cluster.connect(0, 1, false)
        cluster.write(0, "k", "v")
        cluster.run(for: .seconds(20))
        #expect(!cluster.messages.contains { $0.message.kind == .write })
        cluster.heal()
        cluster.connect(0, 1, true)
        let took = try #require(cluster.run(atMost: .seconds(5)) { cluster.hasConverged })
        #expect(took <= .milliseconds(40))
    }

    @Test func aMemberThatIsAwayForLongIsServedByComparison() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        cluster.connect(0, 1, false)
        cluster.nodes[0].replica.log = WriteLog(after: 0, capacity: 1000)
        let count = 5000
        for number in 0..<count {
            cluster.ask(0, "k\(number % 3000)", .write([UInt8(truncatingIfNeeded: number)]))
            if number % 1000 == 0 { cluster.run(for: .milliseconds(2)) }
        }
        let log = cluster.nodes[0].replica.log
        #expect(log.end - log.first == 1000)
        cluster.heal()
        cluster.connect(0, 1, true)
        let took = try #require(cluster.run(atMost: .seconds(30)) { cluster.hasConverged })
        #expect(took <= .seconds(5))
        cluster.run(for: .milliseconds(50))
        #expect(cluster.nodes[1].replica.known.prefix[cluster.nodes[0].member] == UInt64(count))
        #expect(cluster.nodes[0].replica.view.lag == 0)
    }

    @Test func onlyRegisterOperationsAreSupported() throws {
        let cluster = try EventualCluster(1)
        let operations: [Operation] = [
            .compareAndSet(expected: nil, new: [1]), .append([1]), .increment(1),
            .transaction([.init(.read, Key("k")), .init(.write([1]), Key("k"))]),
        ]
        for operation in operations {
            let error = cluster.answer(0, "k", operation)?.failure
            #expect(error?.code == .unsupported)
            #expect(error?.isIndefinite == false)
        }
        let tooLong = cluster.answer(0, "k", .write(Array(repeating: 1, count: 1 << 20 + 1)))
        #expect(tooLong?.failure?.code == .invalid)
        #expect(cluster.nodes[0].replica.view.keyCount == 0)
        #expect(cluster.nodes[0].disk.isEmpty)
    }

    @Test func optionsAreChecked() throws {
        func failure(_ options: [String: OptionValue], _ type: ValueType = .register) -> String? {
            let member = MemberID(NodeID(region: RegionID(index: 0)))
            let setup = GroupSetup(
                group: GroupID(index: 0), member: member, voters: [member], valueType: type,
                roundTrips: RoundTripTable(regionCount: 0, spans: []),
                random: RandomStream(seed: 1, name: ""))
            do throws(InvalidOption) {
                _ = try Eventual(setup: setup, options: StrategyOptions(options))
                return nil
            } catch { return error.option }
        }
        #expect(failure([:]) == nil)
        #expect(failure(["resolve": .choice("merge")]) == nil)
        #expect(failure(["resolve": .choice("merge")], .counter) == nil)
        #expect(failure(["resolve": .choice("merge"), "merge": .choice("max")]) == nil)
        #expect(failure(["resolve": .choice("merge"), "merge": .choice("max")], .set) == "merge")
        #expect(failure(["merge": .choice("max")]) == "merge")
        #expect(failure(["resolve": .choice("merged")]) == "resolve")
        #expect(failure(["anti_entropy": .duration(.zero)]) == "anti_entropy")
        #expect(failure(["replication_delay": .automatic]) == "replication_delay")
        #expect(failure(["conflict_window": .duration(-.seconds(1))]) == "conflict_window")
        #expect(failure(["snapshot_at": .size(0)]) == "snapshot_at")
        #expect(failure([:], .counter) == "resolve")
    }
}
