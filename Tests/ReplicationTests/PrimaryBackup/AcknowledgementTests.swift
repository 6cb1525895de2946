import Determinism
import Testing

@testable import Replication

/// When a primary acknowledges, by mode.
struct AcknowledgementTests {
    @Test(
        arguments: [
            ("async", 1, [0, 1, 2, 3, 4]), ("semi-sync", 1, [0, 1, 2, 3]),
            ("semi-sync", 2, [0, 1, 2]), ("semi-sync", 3, [0, 1]), ("sync", 1, [0]),
        ])
    func soManyReplicasMayBeAway(_ mode: String, _ needed: Int, _ allowed: [Int]) throws {
        for away in 0...4 {
            let group = try PrimaryGroup(
                5,
                options: [
                    "mode": .choice(mode), "acknowledgements": .integer(needed),
                    "fencing": .toggle(false),
                ])
            for number in 0..<away { group.cluster.isolate(group.members[4 - number]) }
            let reply = try group.ask(0, .write([1]))
            if allowed.contains(away) {
                #expect(reply.outcome == .done(nil), "\(mode), \(away) away")
            } else if case .failed(let error) = reply.outcome {
                #expect(error.code == .consensusNotAchieved && error.isIndefinite)
            } else {
                Issue.record("\(mode) acknowledged with \(away) away")
            }
        }
    }

    @Test func whatIsAskedAtAReplicaIsServedByThePrimary() throws {
        let group = try PrimaryGroup(options: ["mode": .choice("sync")])
        #expect(try group.write(2, "one"))
        for number in 0..<3 { #expect(try group.read(number) == "one") }
        #expect(
            try group.ask(1, .compareAndSet(expected: Array("one".utf8), new: [2])).outcome
                == .done(nil))
        #expect(
            try group.ask(1, .compareAndSet(expected: Array("one".utf8), new: [3])).outcome
                == .mismatch(actual: .bytes([2])))
    }

    @Test func localReadsMayBeStaleAndAreServedWhereverTheyAreAsked() throws {
        let group = try PrimaryGroup(options: ["reads": .choice("local")])
        #expect(try group.write(0, "old"))
        group.cluster.run(for: .seconds(1))
        group.cluster.isolate(group.members[2])
        #expect(try group.write(0, "new"))
        #expect(try group.read(2) == "old")
        #expect(try group.read(0) == "new")
    }

    @Test func semiSyncDegradesWhenReplicasAreSlowAndComesBack() throws {
        let group = try PrimaryGroup(
            options: [
                "mode": .choice("semi-sync"), "degrade_after": .duration(.milliseconds(300)),
                "fencing": .toggle(false), "detect_after": .duration(.seconds(60)),
            ])
        group.cluster.isolate(group.members[0])
        #expect(try group.write(0, "alone"))
        #expect(group.notes("acknowledgements-degraded").count == 1)
        group.cluster.healAll()
        group.cluster.run(for: .seconds(3))
        #expect(group.notes("acknowledgements-restored").count == 1)
        group.cluster.isolate(group.members[0])
        let request = group.begin(0, .write([2]))
        group.cluster.run(for: .milliseconds(200))
        #expect(group.cluster.replies[request] == nil, "acknowledged without a replica")
    }

    @Test func aRepeatWithinASessionTakesEffectOnceAlsoAfterAFailover() throws {
        let group = try PrimaryGroup(options: [
            "mode": .choice("semi-sync")
        ])
        let cluster = group.cluster
        func ask(_ number: Int, _ request: ClientRequest) throws -> ClientReply {
            let asked = cluster.ask(group.members[number], request)
            cluster.run(until: { cluster.replies[asked] != nil }, within: .seconds(30))
            return try #require(cluster.replies[asked]).reply
        }
        let client = ClientID(rawValue: 7)
        let opened = try ask(
            0, ClientRequest(client: client, sequence: 1, command: .openSession))
        guard case .sessionOpened(let session) = opened.outcome else {
            Issue.record("no session: \(opened)")
            return
        }
        let request = ClientRequest(
            client: client, session: session, sequence: 2,
            command: .operate(Key("k"), .write([9]), context: VersionVector()))
        let first = try ask(0, request)
        cluster.isolate(group.members[0])
        cluster.run(until: { group.primaries.contains { $0 != 0 } }, within: .seconds(20))
        let again = try ask(1, request)
        #expect(again == first)
    }
}
