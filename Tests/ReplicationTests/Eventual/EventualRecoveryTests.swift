import Determinism
import Geography
import Testing

@testable import Replication

@Suite struct EventualRecoveryTests {
    @Test func whatWasAnsweredIsThereAfterACrash() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        for number in 0..<50 { cluster.ask(0, "k\(number)", .write([UInt8(number)])) }
        cluster.run(for: .milliseconds(2))
        // These are on their way to the disk when the member dies.
        for number in 50..<60 { cluster.ask(0, "k\(number)", .write([UInt8(number)])) }
        cluster.crash(0)
        try cluster.restart(0)
        cluster.heal()
        #expect(cluster.run(atMost: .seconds(20)) { cluster.hasConverged } != nil)
        #expect(cluster.nodes[1].replica.view.keyCount == 50)
        #expect(cluster.nodes[0].replica.counter == 50)
    }

    @Test func aDotThatAnyoneSawIsNeverGivenAgain() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        cluster.diskDelay = .milliseconds(50)
        let request = cluster.ask(0, "k", .write([1]))
        // A read here waits until the write is durable, and so does everything sent.
        let read = cluster.ask(0, "k", .read)
        let other = cluster.ask(0, "other", .read)
        cluster.run(for: .milliseconds(40))
        #expect(cluster.replies[request] == nil)
        #expect(cluster.replies[read] == nil)
        #expect(cluster.replies[other] != nil)
        #expect(!cluster.messages.contains { $0.message.kind == .write })
        cluster.crash(0)
        try cluster.restart(0)
        cluster.diskDelay = .milliseconds(1)
        let reply = try #require(cluster.write(0, "k", "again"))
        #expect(reply.dot?.counter == 1)
        cluster.run(for: .milliseconds(5))
        cluster.crash(0)
        try cluster.restart(0)
        #expect(cluster.write(0, "k", "more")?.dot?.counter == 2)
        cluster.run(for: .seconds(1))
        #expect(cluster.values(1, "k") == ["more"])
        #expect(cluster.conflicts.isEmpty)
    }

    @Test func whatWasShownOfAnotherStaysAfterACrash() throws {
        let cluster = try EventualCluster(2)
        cluster.run(for: .milliseconds(100))
        #expect(cluster.write(1, "k", "x") != nil)
        cluster.diskDelay = .milliseconds(500)
        // It has arrived, and is on its way to the disk.
        #expect(
            cluster.run(atMost: .milliseconds(400)) {
                cluster.nodes[0].replica.table[Key("k")] != nil
            }
                != nil)
        let read = cluster.ask(0, "k", .read)
        cluster.run(for: .milliseconds(50))
        #expect(cluster.replies[read] == nil)
        cluster.run(for: .seconds(1))
        #expect(cluster.replies[read] != nil)
        cluster.cut(0, 1)
        cluster.crash(0)
        try cluster.restart(0)
        #expect(cluster.values(0, "k") == ["x"])
    }

    @Test func whoseGreetingWasLostIsHeardOfAllTheSame() throws {
        var options = StrategyOptions.resolving(.lastWriterWins)
        options["snapshot_at"] = .size(1000)
        options["anti_entropy"] = .duration(.seconds(3600))
        let cluster = try EventualCluster(3, options: options)
        cluster.run(for: .seconds(1))
        cluster.partition([0], [1, 2])
        for number in 0..<40 { #expect(cluster.write(0, "k\(number)", "x") != nil) }
        // After the restart the log begins where the checkpoint ended, and nobody hears of it.
        cluster.crash(0)
        try cluster.restart(0)
        cluster.run(for: .milliseconds(100))
        cluster.heal()
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
    }

    @Test(arguments: ConflictResolver.allCases)
    func theJournalGivesTheSameStateAgain(_ resolver: ConflictResolver) throws {
        for snapshotBytes in [64 << 20, 2000] {
            var options = StrategyOptions.resolving(resolver)
            options["snapshot_at"] = .size(snapshotBytes)
            options["anti_entropy"] = .duration(.seconds(1))
            let cluster = try EventualCluster(3, options: options)
            cluster.loss = 0.2
            var random = RandomStream(seed: 7, name: "writes")
            for number in 0..<300 {
                let index = random.index(3)
                let key = "k\(random.index(20))"
                if random.chance(0.2) {
                    cluster.ask(index, key, .delete)
                } else {
                    cluster.ask(index, key, .write([UInt8(truncatingIfNeeded: number)]))
                }
                cluster.run(for: .milliseconds(20))
            }
            cluster.loss = 0
            #expect(cluster.run(atMost: .seconds(60)) { cluster.hasConverged } != nil)
            cluster.run(for: .seconds(1))
            for index in 0..<3 {
                let node = cluster.nodes[index]
                #expect((node.checkpoint != nil) == (snapshotBytes == 2000))
                let again = try cluster.recovered(index)
                #expect(again.finalState() == node.replica.finalState())
                #expect(again.known == node.replica.known)
                #expect(again.counter == node.replica.counter)
                #expect(again.members == node.replica.members)
                #expect(again.isIncomplete == node.replica.isIncomplete)
                #expect(again.table.digest == node.replica.table.digest)
                #expect(again.table.sum(of: .root) == node.replica.table.sum(of: .root))
                #expect(again.table.bytes == node.replica.table.bytes)
                #expect(again.table.tombstoneCount == node.replica.table.tombstoneCount)
            }
        }
    }

    @Test func whatAPeerAcknowledgedStaysTrueAfterItsCrash() throws {
        let cluster = try EventualCluster(2)
        cluster.diskDelay = .milliseconds(30)
        for number in 0..<200 {
            cluster.ask(0, "k\(number)", .write([1]))
            cluster.run(for: .milliseconds(5))
            if number % 40 == 35 {
                #expect(cluster.nodes[0].replica.links[0].confirmed > 0)
                cluster.crash(1)
                let confirmed = cluster.nodes[0].replica.links[0].confirmed
                try cluster.restart(1)
                let known = cluster.nodes[1].replica.known.prefix[cluster.nodes[0].member]
                #expect(known >= confirmed)
            }
        }
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.nodes[1].replica.view.keyCount == 200)
    }

    @Test func afterACheckpointUnsentWritesStillArrive() throws {
        let cluster = try EventualCluster(
            2, options: StrategyOptions(["snapshot_at": .size(1000)]))
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        for number in 0..<100 { cluster.write(0, "k\(number % 10)", "\(number)") }
        #expect(cluster.nodes[0].checkpoint != nil)
        cluster.crash(0)
        try cluster.restart(0)
        cluster.run(for: .seconds(1))
        cluster.heal()
        // What the log no longer holds is found by comparison.
        #expect(cluster.run(atMost: .seconds(20)) { cluster.hasConverged } != nil)
        for number in 0..<10 { #expect(cluster.values(1, "k\(number)") == ["\(90 + number)"]) }
    }

    @Test func aForeignCheckpointIsRefused() throws {
        let cluster = try EventualCluster(1, options: StrategyOptions(["snapshot_at": .size(100)]))
        for number in 0..<20 { cluster.write(0, "k\(number % 3)", "v") }
        let checkpoint = try #require(cluster.nodes[0].checkpoint)
        for length in 0..<checkpoint.count {
            let fresh = try EventualCluster(1).nodes[0].replica
            #expect(throws: MalformedBytes.self) {
                try fresh.restore(checkpoint: Array(checkpoint.prefix(length)))
            }
        }
        #expect(throws: MalformedBytes.self) {
            try EventualCluster(1).nodes[0].replica.restore(checkpoint: [9] + checkpoint)
        }
    }
}
