import Conduct
import Determinism
import Recording
import Testing

@testable import Meridian

/// A record written in a thread of its own.
struct BackgroundRecordTests {
    /// Keeps what it is given, and fails at one of it.
    private final class Keeper: RecordReceiver {
        var times: [Instant] = []
        var isClosed = false
        let failsAt: Int?

        init(failsAt: Int? = nil) { self.failsAt = failsAt }

        func add(_ entry: RecordEntry) throws(RecordError) {
            guard case .event(let event) = entry else { return }
            if times.count == failsAt {
                throw .inaccessible(path: "history.jsonl", reason: "no room")
            }
            times.append(event.time)
        }

        func close() throws(RecordError) { isClosed = true }
    }

    private func entry(_ number: Int) -> RecordEntry {
        .event(
            RecordedEvent(
                time: Instant(nanoseconds: Int64(number)), kind: .action, fields: []))
    }

    @Test(arguments: [0, 1, 511, 512, 513, 100_000])
    func everythingArrivesInOrderBeforeTheEnd(count: Int) throws {
        let keeper = Keeper()
        let record = BackgroundRecord(keeper)
        for number in 0..<count { try record.add(entry(number)) }
        try record.close()
        #expect(keeper.times == (0..<count).map { Instant(nanoseconds: Int64($0)) })
        #expect(keeper.isClosed)
    }

    @Test(arguments: [0, 600, 99_999])
    func anErrorComesOutByTheEnd(place: Int) {
        let keeper = Keeper(failsAt: place)
        let record = BackgroundRecord(keeper)
        #expect(throws: RecordError.inaccessible(path: "history.jsonl", reason: "no room")) {
            for number in 0..<100_000 { try record.add(entry(number)) }
            try record.close()
        }
        #expect(keeper.times.count == place)
        #expect(!keeper.isClosed)
    }
}
