import Determinism

/// Some operations of a ``History``, in order, as they stood at some moment.
public struct HistorySelection: RandomAccessCollection, Sendable {
    private let history: History
    private let positions: [Int]
    /// What completed after this had not completed.
    private let end: Instant?

    /// The operations of `history` at `positions`.
    public init(_ history: History, _ positions: [Int]) {
        self.init(history, positions, until: nil)
    }

    private init(_ history: History, _ positions: [Int], until end: Instant?) {
        self.history = history
        self.positions = positions
        self.end = end
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// As many as there are operations.
    public var endIndex: Int { positions.count }

    /// The operation at `index` of the selection.
    public subscript(index: Int) -> HistoryOperation {
        var operation = history[positions[index]]
        if let end, let completed = operation.completed, completed > end {
            operation.completed = nil
            operation.outcome = .info
            operation.result = nil
            switch operation.function {
            case .read, .dequeue: operation.value = .null
            case .write, .delete, .cas, .append, .increment, .add, .remove, .enqueue, .acquire,
                .release, .txn, .service:
                break
            }
        }
        return operation
    }

    /// The history that they are from.
    package var whole: History { history }

    /// The operation at `index` of the selection, if a ``RegisterGlance`` says all of it.
    package func registerGlance(_ index: Int) -> RegisterGlance? {
        let glance = history.row(positions[index]).registerGlance(history.tables)
        if let end, let completed = glance?.completed, completed > end { return nil }
        return glance
    }

    /// The history as it stood at `end`: what was invoked by then, and of that what had completed
    /// by then.
    package func prefix(until end: Instant) -> HistorySelection {
        let begun = positions.filter { position in
            history.row(position).invoked <= end.nanoseconds
        }
        return HistorySelection(history, begun, until: end)
    }
}
