import Determinism
import Recording

extension SequentialConsistency {
    /// Whether the history is linearizable, and sequentially consistent therefore: linearizability
    /// is decided key by key (Herlihy and Wing, 1990), which takes moments where a search over all
    /// keys at once does not end.
    ///
    /// It follows only where each operation of a session ends before its next begins. `nil` says
    /// nothing.
    public static func linearizable(
        _ history: History, dataType: String, kind: ObjectKind,
        sessions: SessionHistory.Sessions = .processes, budget: CheckBudget = CheckBudget(),
        loop: KeyLoop = .sequential
    ) -> CheckResult? {
        var history = history
        switch succession(history, dataType, sessions) {
        case .overlapping: return nil
        case .touching: separate(&history, dataType)
        case .apart: break
        }
        let result = Linearizability.check(
            history, dataType: dataType, kind: kind, budget: budget, loop: loop)
        return result.verdict == .valid ? result : nil
    }

    /// How the operations of sessions lie in time.
    private enum Succession {
        /// Each ends before the next begins.
        case apart
        /// Some begin at the very moment at which the last one ended.
        case touching
        /// Some are under way at the same time.
        case overlapping
    }

    private static func succession(
        _ history: History, _ dataType: String, _ sessions: SessionHistory.Sessions
    ) -> Succession {
        var returned: [UInt64: Instant] = [:]
        var isTouching = false
        let wanted = history.number(of: dataType)
        for position in history.indices where history.glance(position).dataType == wanted {
            let operation = history[position]
            guard let invoked = operation.invoked else { continue }
            // What a failed one saw counts for sessions and not for linearizability.
            if operation.outcome == .fail, operation.result != nil { return .overlapping }
            let session = sessions == .clients ? operation.client : UInt64(operation.process)
            if let last = returned[session], last >= invoked {
                guard last == invoked else { return .overlapping }
                isTouching = true
            }
            // One of unknown outcome stands alone, or ends its process.
            if operation.outcome == .info {
                if sessions == .processes { returned[session] = nil }
                continue
            }
            guard let completed = operation.completed, completed > invoked else {
                return .overlapping
            }
            returned[session] = completed
        }
        return isTouching ? .touching : .apart
    }

    /// Lets every operation end a nanosecond earlier: what touched is apart then. That forbids orders
    /// that were allowed, and allows none.
    private static func separate(_ history: inout History, _ dataType: String) {
        for position in history.indices {
            var operation = history[position]
            guard operation.dataType == dataType, let completed = operation.completed else {
                continue
            }
            operation.completed = Instant(nanoseconds: completed.nanoseconds - 1)
            history[position] = operation
        }
    }
}
