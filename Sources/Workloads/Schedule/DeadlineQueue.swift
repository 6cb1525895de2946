import Determinism

/// Deadlines that are set in the order in which they come due: a queue, where a heap would sort
/// what is sorted already.
struct DeadlineQueue<Item: Sendable>: Sendable {
    private var entries: [(at: Instant, item: Item)] = []
    private var head = 0

    /// The deadline that comes first.
    var first: (at: Instant, item: Item)? { head < entries.count ? entries[head] : nil }

    /// Adds a deadline; one before the last one comes due together with it.
    mutating func append(_ item: Item, at instant: Instant) {
        let last = entries.count > head ? entries[entries.count - 1].at : instant
        entries.append((max(instant, last), item))
    }

    /// Removes the first deadline, if there is one.
    mutating func removeFirst() {
        guard head < entries.count else { return }
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }
}
