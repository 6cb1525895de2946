import Determinism
import Testing

@testable import Replication

/// Where two logs agree, by epochs against entry by entry.
struct EpochHistoryTests {
    /// A log as the epochs of its entries, by the rules: one primary an epoch, which goes on from
    /// some log that was there.
    private struct Line {
        var epochs: [UInt64] = []
        var history: EpochHistory {
            var history = EpochHistory()
            for (place, epoch) in epochs.enumerated() {
                history.note(Term(epoch), at: LogIndex(UInt64(place + 1)))
            }
            return history
        }
        var last: LogIndex { LogIndex(UInt64(epochs.count)) }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func agreementIsWhereEntriesAgree(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "lines")
        var lines = Array(repeating: Line(), count: 4)
        for epoch in 1...UInt64(2 + random.index(12)) {
            let primary = random.index(lines.count)
            for _ in 0...random.index(4) { lines[primary].epochs.append(epoch) }
            for other in lines.indices where other != primary && random.chance(0.6) {
                // In line up to somewhere in the epoch.
                let first = lines[primary].epochs.firstIndex(of: epoch) ?? 0
                let count = lines[primary].epochs.count - first
                let taken = first + 1 + random.index(count)
                lines[other].epochs = Array(lines[primary].epochs.prefix(taken))
            }
            for one in lines {
                for other in lines {
                    let entries = zip(one.epochs, other.epochs).prefix { $0 == $1 }.count
                    let agreed = one.history.agreement(
                        endingAt: one.last, with: other.history, endingAt: other.last)
                    #expect(agreed == LogIndex(UInt64(entries)), "\(one) \(other)")
                }
            }
        }
    }

    @Test func aHistoryIsCutWithItsLog() {
        var history = Line(epochs: [1, 1, 2, 2, 5]).history
        history.truncate(after: LogIndex(4))
        #expect(history == Line(epochs: [1, 1, 2, 2]).history)
        #expect(history.through(LogIndex(2)) == Line(epochs: [1, 1]).history)
        #expect(history.lastEpoch == Term(2))
    }
}
