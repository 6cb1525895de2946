import DequeModule

/// Knows how much of the own log is on disk: a member's own acceptance of an entry counts only
/// from then on.
struct Durability: Sendable {
    /// The last index that is on disk.
    private(set) var durableIndex: LogIndex = .zero
    /// Writes under way, each with the log's end once it is done.
    private var pending: Deque<Write> = []

    private struct Write {
        var position: JournalPosition
        var end: LogIndex
    }

    /// Everything up to `index` is on disk, and nothing is under way.
    init(durableIndex: LogIndex = .zero) { self.durableIndex = durableIndex }

    /// A record at `position` that ends the log at `end` was handed to the disk.
    mutating func wrote(_ position: JournalPosition, end: LogIndex) {
        pending.append(Write(position: position, end: end))
    }

    /// The log was cut after `index`: what was on disk or under way beyond it no longer counts.
    mutating func truncate(after index: LogIndex) {
        durableIndex = min(durableIndex, index)
        for number in pending.indices where pending[number].end > index {
            pending[number].end = index
        }
    }

    /// Everything up to `position` is on disk.
    mutating func confirm(_ position: JournalPosition) {
        while let first = pending.first, first.position <= position {
            durableIndex = first.end
            pending.removeFirst()
        }
    }
}
