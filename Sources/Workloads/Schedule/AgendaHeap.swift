import Determinism

/// What is due when, in no particular order of coming in: a binary heap. Entries for the same
/// instant come out in the order in which they went in.
struct AgendaHeap<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var at: Instant
        var ordinal: UInt64
        var item: Item

        func isBefore(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : ordinal < other.ordinal
        }
    }

    private var entries: [Entry] = []
    private var inserted: UInt64 = 0

    /// What comes first.
    var first: (at: Instant, item: Item)? { entries.first.map { ($0.at, $0.item) } }

    /// Adds an item.
    mutating func insert(_ item: Item, at instant: Instant) {
        inserted += 1
        entries.append(Entry(at: instant, ordinal: inserted, item: item))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes what comes first, if there is anything.
    mutating func removeFirst() {
        guard let last = entries.popLast() else { return }
        if entries.isEmpty { return }
        entries[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) {
                child += 1
            }
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
