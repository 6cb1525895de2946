import DequeModule

/// The part of the log that is in memory: every entry after the base, which is the last entry
/// that a snapshot has replaced.
///
/// Indices from messages are not trusted: whatever is outside answers `nil` or is clipped.
struct ReplicatedLog: Sendable {
    /// The last index that is no longer here.
    private(set) var baseIndex: LogIndex = .zero
    /// Its term.
    private(set) var baseTerm: Term = .zero
    /// What the entries cost together, in bytes.
    private(set) var byteCount = 0
    private var entries: Deque<LogEntry> = []

    /// A log that holds nothing after the entry at `baseIndex`.
    init(baseIndex: LogIndex = .zero, baseTerm: Term = .zero) {
        self.baseIndex = baseIndex
        self.baseTerm = baseTerm
    }

    /// The index of the last entry, or of the base.
    var lastIndex: LogIndex { baseIndex + entries.count }
    /// The term of the last entry, or of the base.
    var lastTerm: Term { entries.last?.term ?? baseTerm }

    /// The term of the entry at `index`, or `nil` if it is neither here nor the base.
    func term(at index: LogIndex) -> Term? {
        if index == baseIndex { return baseTerm }
        guard index > baseIndex, index <= lastIndex else { return nil }
        return entries[index - baseIndex - 1].term
    }

    /// The entry at `index`, or `nil` if it is not here.
    func entry(at index: LogIndex) -> LogEntry? {
        guard index > baseIndex, index <= lastIndex else { return nil }
        return entries[index - baseIndex - 1]
    }

    /// Adds an entry at the end.
    mutating func append(_ entry: LogEntry) {
        entries.append(entry)
        byteCount += entry.cost
    }

    /// Removes every entry after `index`.
    mutating func truncate(after index: LogIndex) {
        guard index < lastIndex else { return }
        let count = min(entries.count, lastIndex - index)
        for entry in entries.suffix(count) { byteCount -= entry.cost }
        entries.removeLast(count)
    }

    /// Forgets every entry up to and including `index`, which becomes the base.
    mutating func compact(through index: LogIndex) {
        guard let term = term(at: index), index > baseIndex else { return }
        let count = index - baseIndex
        for entry in entries.prefix(count) { byteCount -= entry.cost }
        entries.removeFirst(count)
        baseIndex = index
        baseTerm = term
    }

    /// The entries from `first` on, as many as fit `bytesMax` and `countMax`, at least one if
    /// there is one.
    func batch(
        from first: LogIndex, through last: LogIndex, bytesMax: Int, countMax: Int
    ) -> (entries: [LogEntry], bytes: Int) {
        guard first > baseIndex, first <= last, last <= lastIndex else { return ([], 0) }
        let start = first - baseIndex - 1
        let bound = start + min(last - baseIndex - start, max(1, countMax))
        var end = start
        var bytes = 0
        while end < bound {
            let cost = entries[end].cost
            if end > start, bytes + cost > bytesMax { break }
            bytes += cost
            end += 1
        }
        return (Array(entries[start..<end]), bytes)
    }

    #if PlantedBugs
        /// Makes `index` the base without a look at what follows.
        mutating func moveBase(to index: LogIndex, _ term: Term) {
            let kept = entries(after: index)
            self = ReplicatedLog(baseIndex: index, baseTerm: term)
            for entry in kept { append(entry) }
        }
    #endif

    /// Every entry after `index`.
    func entries(after index: LogIndex) -> [LogEntry] {
        Array(entries.dropFirst(index - baseIndex))
    }

    /// The last index up to `index` whose term is at most `term`: where two logs may still agree
    /// (the fast backtracking of the dissertation's 3.5, by terms instead of single entries).
    func lastIndex(upTo index: LogIndex, termAtMost term: Term) -> LogIndex {
        var candidate = min(index, lastIndex)
        while candidate > baseIndex, let found = self.term(at: candidate), found > term {
            candidate = candidate.previous
        }
        return candidate
    }

    /// The index to compact through so that entries of about `bytesMax` bytes before `index`
    /// stay for members that are a little behind.
    func compactionPoint(before index: LogIndex, keeping bytesMax: Int) -> LogIndex {
        var point = min(index, lastIndex)
        var bytes = 0
        while point > baseIndex, let entry = entry(at: point) {
            bytes += entry.cost
            if bytes > bytesMax { break }
            point = point.previous
        }
        return point
    }
}
