import Determinism
import Recording

/// The work of ``SetFull``: one pass over the reads in the order of their invocation.
///
/// Of each element the reads that show it are remembered. The last that does not is looked for from
/// the end, and nobody looks further back than where all reads had ended before the addition began.
struct SetFullSearch {
    private struct Addition {
        var value: HistoryValue
        var index: Int
        var invoked: Instant
        /// When it was known first.
        var known: Instant?
        /// The reads that show it, by their place.
        var shown: ContiguousArray<Int32> = []
    }

    private struct Read {
        var index: Int
        var invoked: Instant
        var completed: Instant
        var values: [HistoryValue]
    }

    private var additions: [Addition] = []
    // Looked up by value only; its order never shows.
    private var places: [HistoryValue: Int] = [:]
    private var reads: [Read] = []
    private(set) var duplicates: [SetFull.Duplicate] = []
    private(set) var checked = 0

    mutating func take(_ operation: HistoryOperation) {
        guard let invoked = operation.invoked, operation.outcome != .fail else { return }
        switch operation.function {
        case .add, .append:
            checked += 1
            guard places[operation.value] == nil else { return }
            places[operation.value] = additions.count
            additions.append(
                Addition(
                    value: operation.value, index: operation.index, invoked: invoked,
                    known: operation.outcome == .ok ? operation.completed : nil))
        case .read:
            guard operation.outcome == .ok, let completed = operation.completed else { return }
            checked += 1
            var values: [HistoryValue] = []
            if case .list(let elements) = operation.value { values = elements }
            reads.append(
                Read(
                    index: operation.index, invoked: invoked, completed: completed,
                    values: values))
        case .write, .delete, .cas, .increment, .remove, .enqueue, .dequeue, .acquire, .release,
            .txn, .service:
            return
        }
    }

    mutating func elements() -> [SetFull.Element] {
        reads.sort { ($0.invoked, $0.index) < ($1.invoked, $1.index) }
        for (place, read) in reads.enumerated() {
            var seen = Set<Int>()
            for value in read.values {
                guard let number = places[value] else { continue }
                guard seen.insert(number).inserted else {
                    duplicates.append(SetFull.Duplicate(value: value, read: read.index))
                    continue
                }
                note(number, place, read)
            }
        }
        var latest = Instant(nanoseconds: .min)
        let ends = reads.map { read in
            latest = max(latest, read.completed)
            return latest
        }
        return additions.map { element($0, ends) }
    }

    private mutating func note(_ number: Int, _ place: Int, _ read: Read) {
        let known = additions[number].known
        additions[number].known = min(known ?? read.completed, read.completed)
        additions[number].shown.append(Int32(place))
    }

    /// `ends` says of each read by when it and all before it had ended.
    private func element(_ addition: Addition, _ ends: [Instant]) -> SetFull.Element {
        let lastPresent = addition.shown.last.map(Int.init)
        let lastAbsent = lastAbsent(addition, ends)
        let absent = lastAbsent.map { reads[$0] }
        var element = SetFull.Element(
            value: addition.value, addition: addition.index, outcome: .neverRead,
            lastAbsent: absent?.index)
        guard let known = addition.known else { return element }
        if let lastPresent, lastAbsent ?? -1 < lastPresent {
            let late = absent.map { $0.invoked - known } ?? .zero
            element.outcome = .stable(after: max(late, .zero))
        } else if let absent, absent.invoked > known {
            let since = lastPresent.map { reads[$0].invoked - known } ?? .zero
            element.outcome = .lost(after: max(since, .zero))
        }
        return element
    }

    /// The last read that does not show the element, of those that had not ended before its
    /// addition began.
    private func lastAbsent(_ addition: Addition, _ ends: [Instant]) -> Int? {
        var place = reads.count - 1
        var shown = addition.shown.count - 1
        while place >= 0, ends[place] > addition.invoked {
            if shown >= 0, addition.shown[shown] == Int32(place) {
                shown -= 1
            } else if reads[place].completed > addition.invoked {
                return place
            }
            place -= 1
        }
        return nil
    }
}
