import Determinism
import Testing

@testable import Replication

@Suite struct EventualAntiEntropyTests {
    private static let oftener = StrategyOptions(["anti_entropy": .duration(.seconds(1))])

    /// Loses all writes on their usual way, and their acknowledgements.
    private func loseWrites(_ cluster: EventualCluster) {
        cluster.isLost = { message, _, _ in
            switch message.body {
            case .writes, .writesAck: true
            case .hello, .members, .compare, .compareReply, .repair, .repairReply, .finished: false
            case .get, .getReply, .put, .putReply: false
            }
        }
    }

    @Test(arguments: ConflictResolver.allCases)
    func convergesThoughAllWritesAreLostOnTheirWay(_ resolver: ConflictResolver) throws {
        var options = Self.oftener
        options["resolve"] = .choice(resolver.rawValue)
        let cluster = try EventualCluster(4, options: options)
        loseWrites(cluster)
        for number in 0..<300 {
            cluster.ask(number % 4, "k\(number % 90)", .write([UInt8(truncatingIfNeeded: number)]))
            cluster.run(for: .milliseconds(1))
        }
        cluster.run(for: .milliseconds(100))
        let took = try #require(cluster.run(atMost: .seconds(60)) { cluster.hasConverged })
        #expect(took <= .seconds(10))
        #expect(cluster.nodes[0].replica.view.keyCount == 90)
        for node in cluster.nodes {
            #expect(node.replica.known.prefix.entries.map(\.counter) == [75, 75, 75, 75])
        }
        #expect(cluster.noted(.repaired) > 0)
        #expect(cluster.violations == [])
    }

    @Test func oneDifferenceAmongTenThousandKeysIsFoundByLookingAtFewSubtrees() throws {
        let cluster = try EventualCluster(2)
        for number in 0..<10_000 { cluster.ask(0, "key\(number)", .write([1])) }
        #expect(cluster.run(atMost: .seconds(20)) { cluster.hasConverged } != nil)
        cluster.run(for: .seconds(10))
        loseWrites(cluster)
        cluster.write(0, "key4711", "different")
        let before = cluster.messages.count
        #expect(cluster.run(atMost: .seconds(20)) { cluster.hasConverged } != nil)
        var compared = 0
        var carried = 0
        for sent in cluster.messages[before...] {
            switch sent.message.body {
            case .compare(let request): compared += request.nodes.count
            case .repair(let request): carried += request.entries.count
            case .repairReply(let reply): carried += reply.entries.count
            case .hello, .members, .writes, .writesAck, .compareReply, .finished: break
            case .get, .getReply, .put, .putReply: break
            }
        }
        // The root and one child on each level, until a subtree has no more than 32 keys.
        #expect(compared <= 1 + 3)
        // The older of the two comes along when its holder begins.
        #expect(carried <= 2)
        #expect(cluster.values(1, "key4711") == ["different"])
    }

    @Test func equalMembersExchangeTheRootAlone() throws {
        let cluster = try EventualCluster(2)
        for number in 0..<100 { cluster.ask(0, "key\(number)", .write([1])) }
        cluster.run(for: .seconds(10))
        let before = cluster.messages.count
        cluster.run(for: .seconds(30))
        for sent in cluster.messages[before...] {
            #expect(sent.message.isKeepAlive)
            if case .compare(let request) = sent.message.body {
                #expect(request.nodes.map(\.node) == [.root])
            }
        }
        #expect(cluster.messages.count > before)
        #expect(cluster.noted(.repaired) == 0)
    }

    @Test func writesOfADeadMemberReachThoseWhoLackThem() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 2)
        for number in 0..<20 { cluster.write(0, "k\(number)", "v") }
        cluster.run(for: .milliseconds(100))
        cluster.crash(0)
        cluster.heal()
        #expect(cluster.run(atMost: .seconds(5)) { cluster.hasConverged } != nil)
        #expect(cluster.values(2, "k7") == ["v"])
        #expect(
            cluster.nodes[2].replica.view.applied.covers(
                .vector(cluster.nodes[1].replica.known.prefix)))
    }

    @Test func anExchangeUnderLoadEndsAndTeachesWhatThePartnerKnew() throws {
        // Position 1 lacks a dead member's writes while others keep writing.
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.run(for: .milliseconds(100))
        cluster.cut(0, 1)
        for number in 0..<20 { cluster.write(0, "k\(number)", "v") }
        cluster.run(for: .milliseconds(100))
        cluster.crash(0)
        let dead = cluster.nodes[0].member
        for number in 0..<3000 {
            cluster.ask(1 + number % 2, "busy\(number % 50)", .write([1]))
            cluster.run(for: .milliseconds(2))
        }
        #expect(!cluster.hasConverged)
        #expect(cluster.nodes[1].replica.known.prefix[dead] == 20)
    }

    @Test func aLossyNetworkOnlyDelaysAnExchange() throws {
        let cluster = try EventualCluster(3, options: Self.oftener)
        cluster.loss = 0.2
        let usual = cluster.isLost
        cluster.isLost = { message, from, to in
            if case .writes = message.body { return true }
            return usual(message, from, to)
        }
        for number in 0..<500 {
            cluster.ask(number % 3, "k\(number)", .write([1]))
            cluster.run(for: .milliseconds(1))
        }
        #expect(cluster.run(atMost: .seconds(120)) { cluster.hasConverged } != nil)
    }

    @Test func largeEntriesTravelInSeveralMessages() throws {
        let cluster = try EventualCluster(2, options: Self.oftener)
        loseWrites(cluster)
        let value = [UInt8](repeating: 7, count: 100_000)
        for number in 0..<40 { cluster.ask(0, "k\(number)", .write(value)) }
        #expect(cluster.run(atMost: .seconds(10)) { cluster.hasConverged } != nil)
        #expect(cluster.messages.allSatisfy { $0.message.encodedSize <= 400_000 })
    }
}
