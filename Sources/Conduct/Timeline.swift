import Determinism
import Scenarios

/// What a Plan wants to happen, and when: faults striking and healing, and an operator's actions,
/// in order. At one moment heals come first, then strikes, then actions.
struct Timeline {
    enum Item: Equatable {
        case heal(fault: Int)
        case strike(fault: Int)
        case action(Int)

        fileprivate var rank: Int {
            switch self {
            case .heal: 0
            case .strike: 1
            case .action: 2
            }
        }
    }

    struct Entry: Equatable {
        var at: TimeSpan
        var item: Item
    }

    private let entries: [Entry]
    private var next = 0

    /// The timeline of `plan`; faults and actions are told by their position in the Plan.
    init(_ plan: Plan) {
        var entries: [Entry] = []
        for (index, fault) in plan.faults.enumerated() {
            entries.append(Entry(at: fault.at, item: .strike(fault: index)))
            if let end = fault.end {
                entries.append(Entry(at: end, item: .heal(fault: index)))
            }
        }
        for (index, action) in plan.actions.enumerated() {
            entries.append(Entry(at: action.at, item: .action(index)))
        }
        // Sorting by position as well keeps the order of the file.
        self.entries = entries.enumerated().sorted { left, right in
            let one = (left.element.at, left.element.item.rank, left.offset)
            let other = (right.element.at, right.element.item.rank, right.offset)
            return one < other
        }.map(\.element)
    }

    /// When the next entry is due; `nil` after the last.
    var nextTime: TimeSpan? { next < entries.count ? entries[next].at : nil }

    /// Whether everything has happened.
    var isOver: Bool { next == entries.count }

    /// Forgets everything that is still to come.
    mutating func end() { next = entries.count }

    /// Takes the next entry if it is due at `time`.
    mutating func take(at time: TimeSpan) -> Entry? {
        guard let due = nextTime, due <= time else { return nil }
        defer { next += 1 }
        return entries[next]
    }
}
