import Conduct
import Dispatch
import Recording
import Synchronization

/// Hands what is recorded to another receiver, in a thread of its own and in the same order.
///
/// The virtual engine makes a line of the record every few microseconds and would wait for each to
/// be written. Entries are handed over by the hundreds, and only so many may be under way: a run
/// must not outrun its record. An error of the receiver is thrown by one of the next calls, by
/// ``close()`` at the latest.
final class BackgroundRecord: RecordReceiver {
    private static let batchSize = 512
    private static let batchesMax = 32

    private let receiver: Receiver
    private let thread = DispatchQueue(label: "record")
    private let room = DispatchSemaphore(value: batchesMax)
    private var batch: [RecordEntry] = []

    /// The receiver, which only the thread touches until it is closed.
    private final class Receiver: @unchecked Sendable {
        let receiver: any RecordReceiver
        let failure = Mutex<RecordError?>(nil)

        init(_ receiver: any RecordReceiver) { self.receiver = receiver }

        func add(_ entries: [RecordEntry]) {
            guard failure.withLock({ $0 == nil }) else { return }
            do throws(RecordError) {
                for entry in entries { try receiver.add(entry) }
            } catch {
                failure.withLock { $0 = error }
            }
        }
    }

    /// Hands everything to `receiver`, which nobody else may use before ``close()``.
    init(_ receiver: any RecordReceiver) { self.receiver = Receiver(receiver) }

    func add(_ entry: RecordEntry) throws(RecordError) {
        batch.append(entry)
        if batch.count >= Self.batchSize { try handOver() }
    }

    func close() throws(RecordError) {
        try handOver()
        thread.sync {}
        if let failure = receiver.failure.withLock({ $0 }) { throw failure }
        try receiver.receiver.close()
    }

    private func handOver() throws(RecordError) {
        if let failure = receiver.failure.withLock({ $0 }) { throw failure }
        let entries = batch
        batch = []
        batch.reserveCapacity(Self.batchSize)
        room.wait()
        thread.async { [receiver, room] in
            receiver.add(entries)
            room.signal()
        }
    }
}
