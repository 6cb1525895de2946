/// A set that additions extend and removals reduce. A state is a sorted list of numbers.
///
/// Knows a dead end where nothing is ever removed: an element that some operation must still see
/// missing cannot be added yet.
struct SetModel: ObjectModel {
    enum Call: Hashable {
        /// Saw the set with this number.
        case read(Int64)
        case add(Int64)
        case remove(Int64)
        /// Went back to absence.
        case delete
        /// Saw something that a set never holds.
        case impossible
    }

    let initial: Int64 = 0
    private var states = StateTable<Int64>()
    private var onlyGrows = false
    /// How many reads are not yet in the order, and how many of them must see each element.
    private var readers = 0
    private var watchers: [Int] = []

    /// The number of the set with these elements, in whatever order.
    mutating func number(of elements: [Int64]) -> Int64 { states.number(Set(elements).sorted()) }

    /// Makes ready for a search over `calls`, whose elements are all below `valueCount`.
    mutating func prepare(_ calls: [ObjectCall<Call>], valueCount: Int) {
        watchers = Array(repeating: 0, count: valueCount)
        onlyGrows = calls.allSatisfy { call in
            switch call.call {
            case .read, .add, .impossible: true
            case .remove, .delete: false
            }
        }
        for call in calls { count(call.call, isDefinite: call.returned != nil, by: 1) }
    }

    private mutating func count(_ call: Call, isDefinite: Bool, by amount: Int) {
        guard onlyGrows, isDefinite, case .read(let state) = call else { return }
        readers += amount
        for element in states.content(state) { watchers[Int(element)] += amount }
    }

    mutating func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .read(let seen): return seen == state ? state : nil
        case .add(let element):
            if onlyGrows, watchers[Int(element)] < readers { return nil }
            return states.step(from: state, by: element) { content in
                let place = content.firstIndex { $0 >= element } ?? content.count
                if place < content.count, content[place] == element { return content }
                var content = content
                content.insert(element, at: place)
                return content
            }
        case .remove(let element):
            return states.step(from: state, by: ~element) { $0.filter { $0 != element } }
        case .delete: return 0
        case .impossible: return nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .read: true
        case .add, .remove, .delete, .impossible: false
        }
    }

    mutating func enter(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: -1)
    }
    mutating func leave(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: 1)
    }
}
