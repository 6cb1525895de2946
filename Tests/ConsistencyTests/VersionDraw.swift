import Determinism
import Recording
import Replication

/// Versions for the operations of a history that may be quite wrong.
enum VersionDraw: CaseIterable {
    /// None at all.
    case absent
    /// In the order in which operations were invoked.
    case ascending
    /// Against it.
    case descending
    /// Any, many of them equal, some missing.
    case scattered
    /// Those that are there, each with another operation.
    case shuffled

    func applied(
        to history: [HistoryOperation], _ random: inout RandomStream
    ) -> [HistoryOperation] {
        var history = history
        let shuffled = random.shuffled(history.map(\.version))
        for index in history.indices {
            let number: Int?
            switch self {
            case .absent: number = nil
            case .ascending: number = index
            case .descending: number = history.count - index
            case .scattered:
                number = random.chance(0.3) ? nil : random.index(history.count / 2 + 1)
            case .shuffled:
                history[index].version = shuffled[index]
                continue
            }
            history[index].version = number.map { .sequence(epoch: 1, index: UInt64($0)) }
        }
        return history
    }
}
