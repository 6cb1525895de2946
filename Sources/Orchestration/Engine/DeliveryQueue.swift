import Determinism
import HeapModule
import Workloads

/// What clients will learn, in the order in which it reaches them.
struct DeliveryQueue {
    private struct Entry: Comparable {
        var due: Instant
        var number: UInt64
        var event: ClientEvent

        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
        static func < (left: Self, right: Self) -> Bool {
            (left.due, left.number) < (right.due, right.number)
        }
    }

    private var heap = Heap<Entry>()
    private var count: UInt64 = 0

    /// When the first is due; ``Instant/distantFuture`` if there is none.
    var nextDue: Instant { heap.min?.due ?? .distantFuture }

    mutating func add(_ event: ClientEvent, due: Instant) {
        count += 1
        heap.insert(Entry(due: due, number: count, event: event))
    }

    /// Takes the first if it is due.
    mutating func take(at now: Instant) -> ClientEvent? {
        guard nextDue <= now else { return nil }
        return heap.popMin()?.event
    }
}
