/// A queue, first in, first out. A state is the list of what is in it, the next to go first.
///
/// Knows a dead end: the next to go is one that nothing takes any more, and something behind it
/// must still be taken.
struct QueueModel: ObjectModel {
    enum Call: Hashable {
        case enqueue(Int64)
        /// Took this element; 0: found nothing there.
        case dequeue(Int64)
        /// May have taken the next element, or have found nothing.
        case dequeueUnknown
        /// Took something that a queue never holds.
        case impossible
    }

    let initial: Int64 = 0
    private var states = StateTable<Int64>()
    /// For each element how many operations not yet in the order must take it.
    private var takers: [Int] = []
    private var unknownTakers = 0

    /// Makes ready for a search over `calls`, whose elements are all below `valueCount`.
    mutating func prepare(_ calls: [ObjectCall<Call>], valueCount: Int) {
        takers = Array(repeating: 0, count: valueCount)
        for call in calls { count(call.call, isDefinite: call.returned != nil, by: 1) }
    }

    private mutating func count(_ call: Call, isDefinite: Bool, by amount: Int) {
        switch call {
        case .dequeue(let element): takers[Int(element)] += amount
        case .dequeueUnknown: unknownTakers += amount
        case .enqueue, .impossible: break
        }
    }

    mutating func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .enqueue(let element):
            return states.step(from: state, by: element) { $0 + [element] }
        case .dequeue(0): return state == 0 ? state : nil
        case .dequeue(let element):
            guard states.content(state).first == element else { return nil }
            return states.step(from: state, by: 0) { Array($0.dropFirst()) }
        case .dequeueUnknown:
            return state == 0 ? state : states.step(from: state, by: 0) { Array($0.dropFirst()) }
        case .impossible: return nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .dequeue(let element): element == 0
        case .enqueue, .dequeueUnknown, .impossible: false
        }
    }

    func isDeadEnd(from state: Int64, to next: Int64) -> Bool {
        guard unknownTakers == 0 else { return false }
        let content = states.content(next)
        guard let first = content.first, takers[Int(first)] == 0 else { return false }
        return content.contains { takers[Int($0)] > 0 }
    }

    mutating func enter(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: -1)
    }
    mutating func leave(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: 1)
    }
}
