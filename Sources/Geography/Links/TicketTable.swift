/// What a host keeps for a link: messages under tickets that ascend as they are added and are
/// mostly, but not always, taken out in that order.
///
/// The room is at most a small multiple of what is kept.
public struct TicketTable<Message> {
    private var entries: [(ticket: LinkTicket, message: Message?)] = []
    private var first = 0
    /// The number of messages.
    public private(set) var count = 0

    /// A table without messages.
    public init() {}

    /// Keeps `message` under `ticket`, which is later than all before.
    public mutating func insert(_ message: Message, under ticket: LinkTicket) {
        entries.append((ticket, message))
        count += 1
    }

    /// Takes out the message under `ticket`; `nil` if there is none.
    public mutating func remove(_ ticket: LinkTicket) -> Message? {
        var low = first
        var high = entries.count
        // Mostly it is the first.
        if low < high, entries[low].ticket == ticket { high = low }
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].ticket == ticket,
            let message = entries[low].message
        else { return nil }
        entries[low].message = nil
        count -= 1
        dropEmptyFront()
        return message
    }

    private mutating func dropEmptyFront() {
        while first < entries.count, entries[first].message == nil { first += 1 }
        if first == entries.count {
            removeAll()
        } else if first > 256, first * 2 > entries.count {
            entries.removeFirst(first)
            first = 0
        } else if entries.count - first > 1024, count * 4 < entries.count - first {
            entries.removeAll { $0.message == nil }
            first = 0
        }
    }

    /// Forgets all messages.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: entries.count <= 1024)
        first = 0
        count = 0
    }
}
