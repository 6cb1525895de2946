import Determinism
import Testing

@testable import Replication

@Suite struct KnownDotsTests {
    private let members = (0..<3).map { MemberID(NodeID(region: RegionID(index: $0))) }

    @Test func agreesWithASetOfDots() {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = RandomStream(seed: seed, name: "known")
            var known = [KnownDots(), KnownDots()]
            var sets: [Set<Dot>] = [[], []]
            for _ in 0..<60 {
                let index = random.index(2)
                if random.chance(0.15) {
                    let isNews = !sets[1 - index].isSubset(of: sets[index])
                    let other = known[1 - index]
                    let merged = known[index].merge(other)
                    #expect(merged == isNews)
                    sets[index].formUnion(sets[1 - index])
                } else {
                    let member = members[random.index(3)]
                    let lower = 1 + random.below(40)
                    let range = lower...lower + random.below(5)
                    let dots = Set(range.map { Dot(member: member, counter: $0) })
                    let isNews = known[index].insert(range, of: member)
                    #expect(isNews == !dots.isSubset(of: sets[index]))
                    sets[index].formUnion(dots)
                }
                for member in members {
                    var prefix: UInt64 = 0
                    while sets[index].contains(Dot(member: member, counter: prefix + 1)) {
                        prefix += 1
                    }
                    #expect(known[index].prefix[member] == prefix)
                    for counter in 1...50 as ClosedRange<UInt64> {
                        let dot = Dot(member: member, counter: counter)
                        #expect(known[index].contains(dot) == sets[index].contains(dot))
                    }
                }
            }
            for one in known {
                #expect(one.encoded.count == one.encodedSize)
                #expect((try? KnownDots.decoded(one.encoded)) == one)
            }
        }
    }

    @Test func theSameDotsInAnyOrderAreEqual() {
        var random = RandomStream(seed: 4, name: "orders")
        let ranges: [ClosedRange<UInt64>] = (0..<12).map { (number: UInt64) in
            let lower = number * 3 + 1
            return lower...lower + 1
        }
        var results: Set<KnownDots> = []
        for _ in 0..<20 {
            var known = KnownDots()
            for range in random.shuffled(ranges) { known.insert(range, of: members[0]) }
            results.insert(known)
        }
        #expect(results.count == 1)
    }

    @Test func runsAreBoundedAndCountersAreChecked() {
        var known = KnownDots()
        for number in 0..<UInt64(KnownDots.runsMax + 100) {
            known.insert(number * 2 + 2...number * 2 + 2, of: members[0])
        }
        #expect(known.beyond[0].runs.count == KnownDots.runsMax)
        let isTaken = known.insert(1...UInt64.max, of: members[0])
        #expect(!isTaken)
        #expect(known.prefix[members[0]] == 0)
    }
}

@Suite struct EntryTableTests {
    private func entry(_ counter: UInt64, _ value: [UInt8]? = [1]) -> VersionedEntry {
        VersionedEntry(
            Sibling(
                dot: Dot(member: MemberID(NodeID(region: RegionID(index: 0))), counter: counter),
                timestamp: .zero, context: VersionVector(), value: value))
    }

    @Test func sumsAreThoseOfTheEntriesInAnyOrderAndAtAnyDepth() {
        var random = RandomStream(seed: 1, name: "table")
        var table = EntryTable(resolver: .lastWriterWins)
        var expected: [Key: VersionedEntry] = [:]
        for number in 0..<6000 {
            let key = Key("k\(random.index(3500))")
            if random.chance(0.15) {
                table.set(key, nil)
                expected[key] = nil
            } else {
                let new = entry(UInt64(number + 1), random.chance(0.2) ? nil : [1])
                table.set(key, new)
                expected[key] = new
            }
        }
        #expect(table.tree.depth == 3)
        var fresh = EntryTable(resolver: .lastWriterWins)
        for key in random.shuffled(expected.keys.sorted()) { fresh.set(key, expected[key]) }
        #expect(table.count == expected.count)
        #expect(table.count == fresh.count)
        #expect(table.bytes == fresh.bytes)
        #expect(table.digest == fresh.digest)
        #expect(table.liveCount == expected.values.filter { !$0.isTombstone }.count)
        #expect(table.liveCount + table.tombstoneCount == table.count)
        for (key, entry) in expected { #expect(table[key] == entry) }

        // A small table and a large one mean the same by a node.
        var small = EntryTable(resolver: .lastWriterWins)
        for key in expected.keys.sorted().prefix(100) { small.set(key, expected[key]) }
        for _ in 0..<300 {
            let level = random.index(TreeNode.levelMax + 1)
            let node = TreeNode(
                level: level,
                prefix: TreeNode.prefix(of: Key("k\(random.index(3500))").stableHash, level: level))
            for table in [table, fresh, small] {
                let items = table.items(under: node)
                #expect(items.allSatisfy { node.contains($0.key.stableHash) })
                let sum = items.reduce(NodeHash()) { $0 &+ $1.hash }
                #expect(table.sum(of: node) == sum)
                #expect(table.childSums(of: node).count == TreeNode.fanOut)
                if level < TreeNode.levelMax {
                    #expect(table.childSums(of: node) == node.children.map { table.sum(of: $0) })
                }
            }
            #expect(table.sum(of: node) == fresh.sum(of: node))
        }
        #expect(table.items(under: .root).map(\.key) == fresh.items(under: .root).map(\.key))
        #expect(table.items(under: .root, limit: 10).count < 100)
    }

    @Test func aDifferentWriteHasADifferentHash() {
        let hashes = Set(
            (1...2000).map { EntryTable.hash(Key("k\($0 / 2)"), entry(UInt64(1 + $0 % 7))) })
        #expect(hashes.count == 2000)
    }

    @Test func theDigestIsThatOfTheValuesAlone() {
        var one = EntryTable(resolver: .siblings)
        var other = EntryTable(resolver: .siblings)
        one.set(Key("k"), entry(1))
        other.set(Key("k"), entry(9))
        #expect(one.digest == other.digest)
        #expect(one.sum(of: .root) != other.sum(of: .root))
        other.set(Key("gone"), entry(2, nil))
        #expect(one.digest == other.digest)
        other.set(Key("k"), entry(9, [2]))
        #expect(one.digest != other.digest)
        other.set(Key("k"), nil)
        other.set(Key("gone"), nil)
        #expect(other.digest == StateDigest())
        #expect(other.sum(of: .root) == NodeHash())
    }
}

@Suite struct WriteLogTests {
    @Test func isBoundedAndKeepsWritesInARow() {
        var log = WriteLog(after: 10, capacity: 3)
        #expect(log.isEmpty)
        #expect(log.first == 11)
        for number in 11...15 as ClosedRange<UInt64> {
            log.append(number, Key("\(number)"), due: .zero)
        }
        #expect(log.first == 13)
        #expect(log.end == 16)
        #expect(log[14].key == Key("14"))
        log.forget(below: 15)
        #expect(log.first == 15)
        log.forget(below: 99)
        #expect(log.isEmpty)
        #expect(log.end == 16)
        log.append(40, Key("40"), due: .zero)
        #expect(log.first == 40)
        #expect(log[40].key == Key("40"))
    }
}
