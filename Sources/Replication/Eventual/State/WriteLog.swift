import DequeModule
import Determinism

/// A member's own writes that others may still lack, in order, shared by all links.
///
/// It holds keys, not values: what is sent of a write is its key's entry at that time. It is
/// bounded; a member that lacks older writes is served by anti-entropy.
struct WriteLog: Sendable {
    /// The number of the oldest write in the log; one above the last write when it is empty.
    private(set) var first: UInt64
    private var items: Deque<Item> = []

    /// A write.
    struct Item: Sendable {
        var key: Key
        /// When it may be sent.
        var due: Instant
    }

    /// The most writes in the log; the oldest make room.
    private let capacity: Int

    /// An empty log after write `last`.
    init(after last: UInt64, capacity: Int = EventualOptions.backlogMax) {
        first = last + 1
        self.capacity = capacity
    }

    /// One above the number of the newest write.
    var end: UInt64 { first + UInt64(items.count) }
    var isEmpty: Bool { items.isEmpty }

    /// The write numbered `number`, which must be in the log.
    subscript(number: UInt64) -> Item { items[Int(number - first)] }

    /// Adds write `number`. Only writes in a row can be in the log: others empty it first.
    mutating func append(_ number: UInt64, _ key: Key, due: Instant) {
        if number != end {
            items.removeAll()
            first = number
        }
        items.append(Item(key: key, due: due))
        if items.count > capacity { dropFirst(1) }
    }

    /// Forgets the writes below `number`.
    mutating func forget(below number: UInt64) {
        if number > first { dropFirst(Int(min(number - first, UInt64(items.count)))) }
    }

    /// Forgets the writes that were due more than `age` before `now`.
    mutating func forget(dueBefore now: Instant, minus age: TimeSpan) {
        while let oldest = items.first, oldest.due + age < now { dropFirst(1) }
    }

    private mutating func dropFirst(_ count: Int) {
        items.removeFirst(count)
        first += UInt64(count)
    }
}
