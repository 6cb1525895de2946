import Determinism
import Testing

@testable import Replication

/// Entries of one key as replicas may come to hold them: writes taken in anywhere, with clocks
/// that are wrong, states passed on in any order.
struct EntryHistory {
    let resolver: ConflictResolver
    /// Every entry that some replica held at some time.
    var entries: [VersionedEntry] = []
    /// Every write.
    var writes: [Sibling] = []

    init(_ resolver: ConflictResolver, seed: UInt64, steps: Int = 25) {
        self.resolver = resolver
        var random = RandomStream(seed: seed, name: "history")
        let members = (0..<3).map { MemberID(NodeID(region: RegionID(index: $0))) }
        var held: [VersionedEntry?] = [nil, nil, nil]
        var counters: [UInt64] = [0, 0, 0]
        for step in 0..<steps {
            let index = random.index(3)
            var met: [ConflictResolver.Meeting] = []
            if random.chance(0.6), let other = held[random.index(3)] {
                let mine = held[index]
                held[index] = mine.map { resolver.merge($0, other, met: &met) } ?? other
            } else {
                // A client that has read here, elsewhere before, or nothing.
                var context = VersionVector()
                if random.chance(0.7), let seen = held[random.index(3)] { context = seen.context }
                if context[members[index]] > counters[index] { continue }
                if resolver != .siblings, let mine = held[index] { context.merge(mine.context) }
                counters[index] += 1 + random.below(2)
                let write = Sibling(
                    dot: Dot(member: members[index], counter: counters[index]),
                    timestamp: HybridTimestamp(
                        wall: WallTime(nanosecondsSince1970: Int64(random.below(40))),
                        logical: 0),
                    context: context, value: random.chance(0.2) ? nil : [UInt8(step)])
                writes.append(write)
                held[index] = resolver.add(write, to: held[index], met: &met)
            }
            if let entry = held[index] { entries.append(entry) }
        }
    }

    func merged(_ left: VersionedEntry, _ right: VersionedEntry) -> VersionedEntry {
        var met: [ConflictResolver.Meeting] = []
        return resolver.merge(left, right, met: &met)
    }
}

@Suite struct MergePropertyTests {
    @Test(arguments: ConflictResolver.allCases)
    func mergingIsIdempotentCommutativeAndAssociative(_ resolver: ConflictResolver) {
        for seed in 1...60 as ClosedRange<UInt64> {
            let history = EntryHistory(resolver, seed: seed)
            var random = RandomStream(seed: seed, name: "pick")
            for entry in history.entries {
                #expect(history.merged(entry, entry) == entry, "seed \(seed)")
            }
            for _ in 0..<60 {
                let picked = (0..<3).map { _ in
                    history.entries[random.index(history.entries.count)]
                }
                let (a, b, c) = (picked[0], picked[1], picked[2])
                #expect(history.merged(a, b) == history.merged(b, a), "seed \(seed)")
                #expect(
                    history.merged(history.merged(a, b), c)
                        == history.merged(a, history.merged(b, c)), "seed \(seed)")
            }
        }
    }

    @Test(arguments: ConflictResolver.allCases)
    func allOrdersOfArrivalGiveTheSameState(_ resolver: ConflictResolver) {
        for seed in 1...30 as ClosedRange<UInt64> {
            let history = EntryHistory(resolver, seed: seed, steps: 12)
            guard let first = history.entries.first else { continue }
            let expected = history.entries.reduce(first, history.merged)
            var random = RandomStream(seed: seed, name: "orders")
            for _ in 0..<20 {
                let order = random.shuffled(history.entries + history.entries.prefix(3))
                #expect(order.dropFirst().reduce(order[0], history.merged) == expected)
            }
        }
    }

    @Test(arguments: ConflictResolver.allCases)
    func whatIsKeptIsWhatTheRuleSays(_ resolver: ConflictResolver) {
        for seed in 1...60 as ClosedRange<UInt64> {
            let history = EntryHistory(resolver, seed: seed)
            guard let first = history.entries.first else { continue }
            let final = history.entries.reduce(first, history.merged)
            for write in history.writes { #expect(final.knows(write.dot)) }
            let maximal = history.writes.filter { write in
                !history.writes.contains { $0.context.contains(write.dot) }
            }.sorted { $0.dot < $1.dot }
            let latest = history.writes.max { $1.isLater(than: $0) }
            switch resolver {
            case .lastWriterWins: #expect(final.siblings == [latest])
            case .versionVector:
                #expect(final.siblings == maximal)
                #expect(resolver.shown(final).first == maximal.max { $1.isLater(than: $0) })
            case .siblings:
                #expect(final.siblings == maximal)
                #expect(resolver.shown(final) == maximal)
            case .merge: Issue.record("merges have laws of their own")
            }
        }
    }

    @Test(arguments: ConflictResolver.allCases)
    func onlyConcurrentWritesAreReported(_ resolver: ConflictResolver) {
        var reported = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            let history = EntryHistory(resolver, seed: seed)
            var random = RandomStream(seed: seed, name: "pick")
            for _ in 0..<60 {
                var met: [ConflictResolver.Meeting] = []
                let left = history.entries[random.index(history.entries.count)]
                let right = history.entries[random.index(history.entries.count)]
                _ = resolver.merge(left, right, met: &met)
                reported += met.count
                for meeting in met {
                    #expect(meeting.winner.isConcurrent(to: meeting.loser))
                    #expect(meeting.winner.isLater(than: meeting.loser))
                }
            }
        }
        #expect(reported > 0)
    }

    @Test func entriesSurviveEncoding() throws {
        for resolver in ConflictResolver.allCases {
            for seed in 1...20 as ClosedRange<UInt64> {
                for entry in EntryHistory(resolver, seed: seed).entries {
                    #expect(entry.encoded.count == entry.encodedSize)
                    #expect(try VersionedEntry.decoded(entry.encoded) == entry)
                }
            }
        }
    }
}
