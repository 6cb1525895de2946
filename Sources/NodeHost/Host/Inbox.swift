import Determinism
import Replication

/// What has arrived at a node and is not due yet: the emulated way through the world is still
/// ahead of it. It survives the end of the connection that it came in on.
struct Inbox {
    /// What a frame asks of the node.
    enum Content {
        case message([UInt8], group: GroupID, from: MemberID)
        case request(ClientRequest, group: GroupID, RequestHandle)
        case probe(sent: Instant, from: NodeID)
    }

    struct Item {
        var due: Instant
        var number: UInt64
        /// What the item weighs against its connection's share of the node's memory.
        var bytes: Int
        var connection: Connection
        var content: Content

        func precedes(_ other: Item) -> Bool {
            due != other.due ? due < other.due : number < other.number
        }
    }

    // A binary heap: no item precedes its parent, at half its index.
    private var heap: [Item] = []
    private var arrivals: UInt64 = 0

    /// When the first item is due; never if there is none.
    var nextDue: Instant { heap.first?.due ?? .distantFuture }
    var count: Int { heap.count }

    mutating func push(
        _ content: Content, due: Instant, bytes: Int, from connection: Connection
    ) {
        arrivals += 1
        heap.append(
            Item(
                due: due, number: arrivals, bytes: bytes, connection: connection,
                content: content))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first item if it is due at `now`. Items that are due at the same time come in
    /// the order of their arrival.
    mutating func pop(dueAt now: Instant) -> Item? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return last }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left].precedes(heap[smallest]) { smallest = left }
            let right = left + 1
            if right < heap.count, heap[right].precedes(heap[smallest]) { smallest = right }
            if smallest == parent { return first }
            heap.swapAt(smallest, parent)
            parent = smallest
        }
    }
}
