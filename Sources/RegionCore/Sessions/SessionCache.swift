import Determinism

/// Sessions that other regions told of, the oldest forgotten first. Memory alone: a restart forgets
/// them.
struct SessionCache {
    struct Entry {
        var record: SessionRecord
        var isRevoked: Bool
    }

    private let isOn: Bool
    /// Looked up by key only; its order never shows.
    private var entries: [String: Entry] = [:]
    private var order: [String] = []
    private var oldest = 0

    init(isOn: Bool) { self.isOn = isOn }

    subscript(session: String) -> Entry? { entries[session] }

    /// Keeps what a region told of `session`. That it was ended is never taken back.
    mutating func keep(_ session: String, _ record: SessionRecord, isRevoked: Bool) {
        guard isOn else { return }
        if let known = entries[session] {
            let latest = known.record.generation > record.generation ? known.record : record
            entries[session] = Entry(record: latest, isRevoked: known.isRevoked || isRevoked)
            return
        }
        entries[session] = Entry(record: record, isRevoked: isRevoked)
        order.append(session)
        guard order.count - oldest > Limits.sessionsCachedMax else { return }
        entries[order[oldest]] = nil
        oldest += 1
        if oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// Takes note that `session`, if it is kept, was ended.
    mutating func revoke(_ session: String) { entries[session]?.isRevoked = true }
}
