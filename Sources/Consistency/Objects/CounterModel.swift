/// A counter that increments change; absent it counts from 0.
struct CounterModel: ObjectModel {
    enum Call: Hashable {
        /// Saw this reading.
        case read(Int64)
        /// Added this much; `reading` is the answer, if there was one.
        case increment(Int64, reading: Int64?)
        /// Went back to absence.
        case delete
        /// Saw something that a counter never holds.
        case impossible
    }

    let initial: Int64 = 0

    func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .read(let reading): return reading == state ? state : nil
        case .increment(let amount, let reading):
            let following = state &+ amount
            return reading == nil || reading == following ? following : nil
        case .delete: return 0
        case .impossible: return nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .read: true
        case .increment, .delete, .impossible: false
        }
    }
}
