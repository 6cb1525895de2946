import Determinism
import Testing

@testable import Replication

@Suite struct VersionVectorTests {
    private static let members = (0..<4).map { MemberID(NodeID(region: RegionID(index: $0))) }

    private static func random(_ stream: inout RandomStream) -> VersionVector {
        var vector = VersionVector()
        for member in stream.shuffled(members) where stream.chance(0.7) {
            vector[member] = stream.below(5)
        }
        return vector
    }

    @Test func entriesStaySortedAndWithoutZeros() {
        var stream = RandomStream(seed: 1, name: "vectors")
        for _ in 0..<200 {
            let vector = Self.random(&stream)
            #expect(vector.entries.map(\.member) == vector.entries.map(\.member).sorted())
            #expect(vector.entries.allSatisfy { $0.counter > 0 })
        }
        var vector = VersionVector()
        vector[Self.members[1]] = 4
        vector[Self.members[1]] = 0
        #expect(vector == VersionVector())
    }

    @Test func mergingIsTheLeastUpperBound() {
        var stream = RandomStream(seed: 2, name: "vectors")
        for _ in 0..<300 {
            let (a, b, c) = (
                Self.random(&stream), Self.random(&stream), Self.random(&stream)
            )
            var ab = a
            ab.merge(b)
            var ba = b
            ba.merge(a)
            #expect(ab == ba)
            #expect(ab.covers(a) && ab.covers(b))
            for member in Self.members { #expect(ab[member] == max(a[member], b[member])) }
            var left = ab
            left.merge(c)
            var right = b
            right.merge(c)
            var all = a
            all.merge(right)
            #expect(left == all)
            #expect(a.covers(b) == Self.members.allSatisfy { a[$0] >= b[$0] })
        }
    }

    @Test func aVersionSupersedesWhatItsContextHolds() {
        var context = VersionVector()
        context[Self.members[0]] = 3
        func version(_ member: Int, _ counter: UInt64, _ context: VersionVector) -> Version {
            .causal(
                dot: Dot(member: Self.members[member], counter: counter), context: context,
                timestamp: .zero)
        }
        let late = version(1, 1, context)
        #expect(late.supersedesOrEquals(version(0, 3, VersionVector())))
        #expect(!late.supersedesOrEquals(version(0, 4, VersionVector())))
        #expect(late.supersedesOrEquals(late))
        #expect(!version(0, 3, VersionVector()).supersedesOrEquals(late))
        let logged = Version.sequence(epoch: 1, index: 5)
        #expect(logged.supersedesOrEquals(.sequence(epoch: 1, index: 4)))
        #expect(!logged.supersedesOrEquals(late))
        #expect(AppliedPosition.vector(context).covers(version(0, 2, VersionVector())))
        #expect(!AppliedPosition.vector(context).covers(late))
        #expect(AppliedPosition.index(5).covers(logged))
        #expect(!AppliedPosition.index(5).covers(.vector(context)))
    }
}

@Suite struct HybridClockTests {
    private func wall(_ nanoseconds: Int64) -> WallTime {
        WallTime(nanosecondsSince1970: nanoseconds)
    }

    @Test func timesOnlyGrowWhateverTheWallClockDoes() {
        var stream = RandomStream(seed: 1, name: "clock")
        var clock = HybridClock(driftMax: .seconds(1))
        var last = clock.latest
        for _ in 0..<500 {
            let now = wall(Int64(stream.below(1000)))
            if stream.chance(0.3) {
                let seen = HybridTimestamp(wall: wall(Int64(stream.below(2000))), logical: 3)
                clock.observe(seen, now)
                #expect(clock.latest >= seen)
            }
            let time = clock.tick(now)
            #expect(time > last)
            #expect(time.wall >= now)
            last = time
        }
        #expect(clock.rejected == 0)
    }

    @Test func timesTooFarAheadAreNotAdopted() {
        var clock = HybridClock(driftMax: TimeSpan(nanoseconds: 100))
        let now = wall(1000)
        #expect(clock.observe(HybridTimestamp(wall: wall(1100), logical: 0), now) == true)
        #expect(clock.observe(HybridTimestamp(wall: wall(1101), logical: 0), now) == false)
        #expect(clock.observe(HybridTimestamp(wall: wall(.max), logical: .max), now) == false)
        #expect(clock.observe(HybridTimestamp(wall: wall(.min), logical: 0), now) == false)
        #expect(clock.latest.wall == wall(1100))
        #expect(clock.rejected == 3)
    }

    @Test func aFullLogicalPartMovesTheWallPart() {
        var clock = HybridClock(
            latest: HybridTimestamp(wall: wall(5), logical: .max), driftMax: .zero)
        #expect(clock.tick(wall(1)) == HybridTimestamp(wall: wall(6), logical: 0))
    }
}

@Suite struct StateDigestTests {
    @Test func theOrderDoesNotMatterAndRemovalUndoes() {
        var stream = RandomStream(seed: 1, name: "digest")
        let entries = (0..<50).map { (Key("k\($0)"), [UInt8($0), 1, 2]) }
        var results: Set<StateDigest> = []
        for _ in 0..<10 {
            var digest = StateDigest()
            for entry in stream.shuffled(entries) { digest.add(entry.0, entry.1) }
            results.insert(digest)
        }
        #expect(results.count == 1)
        var digest = results.first ?? StateDigest()
        for entry in entries { digest.remove(entry.0, entry.1) }
        #expect(digest == StateDigest())
    }

    @Test func keysValuesAndTheirPairingMatter() {
        func digest(_ pairs: [(String, [UInt8])]) -> StateDigest {
            var digest = StateDigest()
            for pair in pairs { digest.add(Key(pair.0), pair.1) }
            return digest
        }
        let all = [
            digest([]), digest([("a", [1])]), digest([("a", [2])]), digest([("b", [1])]),
            digest([("a", [])]), digest([("a", [1]), ("b", [2])]),
            digest([("a", [2]), ("b", [1])]),
            digest([("a", [1]), ("a", [1])]),
        ]
        #expect(Set(all).count == all.count)
        #expect(digest([]).description == String(repeating: "0", count: 32))
        #expect(StateDigest(high: 0xAB, low: 1).description == "00000000000000ab0000000000000001")
    }
}
