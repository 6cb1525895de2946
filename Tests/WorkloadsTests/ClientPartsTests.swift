import Determinism
import Replication
import Testing

@testable import Workloads

@Suite struct ValueTokenTests {
    @Test func tokensNameTheClientAndTheWrite() {
        let token = ValueToken.make(client: ClientID(rawValue: 3), ordinal: 1700)
        #expect(String(decoding: token, as: UTF8.self) == "c3.1700")
        let largest = ValueToken.make(client: ClientID(rawValue: .max), ordinal: 0)
        #expect(String(decoding: largest, as: UTF8.self) == "c18446744073709551615.0")
    }

    @Test(arguments: [0, 1, 4, 5, 6, 100, 1024])
    func paddingIsRemovedAgain(size: Int) {
        let token = ValueToken.make(client: ClientID(rawValue: 1), ordinal: 23)
        let wire = ValueToken.padded(token, to: size)
        #expect(wire.count == max(size, 5))
        #expect(wire.dropFirst(5).allSatisfy { $0 == 0 })
        #expect(ValueToken.stripped(wire) == token)
    }

    @Test func everyTokenOfAnAnswerIsStripped() {
        let wire = ValueToken.padded([65, 66], to: 10)
        #expect(
            ValueToken.stripped(.values([.bytes(wire), .integer(7), .list([wire, wire])]))
                == .values([.bytes([65, 66]), .integer(7), .list([[65, 66], [65, 66]])]))
        #expect(
            ValueToken.stripped(.mismatch(actual: .bytes(wire)))
                == .mismatch(actual: .bytes([65, 66])))
        #expect(ValueToken.stripped(ClientReply.Outcome.done(nil)) == .done(nil))
    }
}

@Suite struct SequenceWindowTests {
    @Test(arguments: 1...5)
    func theFirstUnansweredIsTheLowestOutstanding(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "window")
        var window = SequenceWindow()
        var outstanding: [UInt64] = []
        var given: UInt64 = 0
        for _ in 0..<5000 {
            if outstanding.isEmpty || random.chance(0.5) {
                given += 1
                #expect(window.take() == given)
                outstanding.append(given)
            } else {
                let answered = outstanding.remove(at: random.index(outstanding.count))
                window.answer(answered)
                window.answer(answered)
            }
            #expect(window.firstUnanswered == outstanding.min() ?? given + 1)
        }
        window.answer(given + 10)
        #expect(window.take() == given + 1)
    }
}

@Suite struct ClientMemoryTests {
    private func context(_ counter: UInt64) -> VersionVector {
        var vector = VersionVector()
        vector[MemberID(node(0))] = counter
        return vector
    }

    @Test func whatWasSeenAddsUp() {
        var memory = ClientMemory()
        #expect(memory.context(group: 0, key: 1) == VersionVector())
        memory.see(context(5), group: 0, key: 1)
        memory.see(context(3), group: 0, key: 1)
        #expect(memory.context(group: 0, key: 1) == context(5))
        #expect(memory.context(group: 1, key: 1) == VersionVector())
        memory.see(value: [1], group: 0, key: 1)
        #expect(memory.value(group: 0, key: 1) == [1])
        #expect(memory.context(group: 0, key: 1) == context(5))
        memory.see(value: nil, group: 0, key: 1)
        #expect(memory.value(group: 0, key: 1) == nil)
    }

    @Test func theOldestKeyIsForgotten() {
        var memory = ClientMemory()
        for key in 0...ClientMemory.entriesMax { memory.see(value: [1], group: 0, key: key) }
        #expect(memory.value(group: 0, key: 0) == nil)
        #expect(memory.value(group: 0, key: 1) == [1])
        #expect(memory.value(group: 0, key: ClientMemory.entriesMax) == [1])
        memory.see(value: [2], group: 0, key: 0)
        #expect(memory.value(group: 0, key: 1) == nil)
        #expect(memory.value(group: 0, key: 2) == [1])
    }
}

@Suite struct RouteTests {
    private let roundTrips = RoundTripTable(
        regionCount: 3,
        spans: [0, 50, 20, 50, 0, 70, 20, 70, 0].map { TimeSpan.milliseconds($0) })

    private func nodes(_ route: Route, ordinal: Int = 0) -> [NodeID] {
        (0..<route.count).map { route.node(at: $0, ordinal: ordinal) }
    }

    @Test func nearerRegionsComeFirst() {
        let members = [node(2), node(1), node(0)]
        for (home, expected) in [(0, [0, 2, 1]), (1, [1, 0, 2]), (2, [2, 0, 1])] {
            let route = Route(
                home: FleetRig.region(home), members: members, roundTrips: roundTrips,
                failover: true)
            #expect(nodes(route) == expected.map { node($0) })
        }
    }

    @Test func clientsShareOutTheNodesOfARegion() {
        let members = [node(0, 1), node(0, 2), node(0, 3), node(2, 1), node(2, 2)]
        let route = Route(
            home: FleetRig.region(0), members: members, roundTrips: roundTrips, failover: true)
        #expect(nodes(route) == members)
        #expect(
            nodes(route, ordinal: 4)
                == [node(0, 2), node(0, 3), node(0, 1), node(2, 1), node(2, 2)])
        #expect(nodes(route, ordinal: 1).last == node(2, 1))
    }

    @Test func withoutFailoverItStaysWithTheRegion() {
        let route = Route(
            home: FleetRig.region(0), members: [node(0, 1), node(0, 2), node(2)],
            roundTrips: roundTrips, failover: false)
        #expect(nodes(route) == [node(0, 1), node(0, 2)])
        #expect(!route.contains(node(2)))
    }

    @Test func aRegionWithoutMembersHasTheNearestForItsOwn() {
        let route = Route(
            home: FleetRig.region(0), members: [node(1), node(2)], roundTrips: roundTrips,
            failover: false)
        #expect(nodes(route) == [node(2)])
    }
}

@Suite struct AttemptIDTests {
    @Test func thePartsComeBack() {
        for place in [0, 1, 0xFF_FFFF] {
            for generation: UInt32 in [0, 1, 0xFFF_FFFF] {
                for attempt in [0, 1, 0xFFF] {
                    let id = AttemptID(place: place, generation: generation, attempt: attempt)
                    #expect(id.place == place)
                    #expect(id.generation == generation)
                    #expect(id.attempt == attempt)
                    #expect(AttemptID(rawValue: id.rawValue) == id)
                }
            }
        }
        #expect(AttemptID.following(0xFFF_FFFF) == 0)
    }
}

@Suite struct BackoffTests {
    @Test func waitsDoubleUpToAQuarterOfTheAttemptTimeout() {
        let backoff = Backoff(attemptTimeout: .milliseconds(400))
        var random = RandomStream(seed: 1, name: "waits")
        for (round, most) in [(0, 10), (1, 20), (2, 40), (3, 80), (4, 100), (60, 100)] {
            for _ in 0..<100 {
                let wait = backoff.wait(after: round, &random)
                #expect(wait >= .milliseconds(most) / 2)
                #expect(wait <= .milliseconds(most))
            }
        }
    }
}
