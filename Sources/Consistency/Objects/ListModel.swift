/// A list that appends extend. Every list that occurs is a node of a tree, and the node's number
/// is the state: equal lists are the same node. Node 0 is the empty list, which is also absence.
///
/// Knows dead ends. A list is reached through its beginnings alone, and one that was left does not
/// come back where lists only grow, or where each element is appended once: what must still be seen
/// has to go on from there. Nor is an element that is appended once seen behind another beginning.
struct ListModel: ObjectModel {
    enum Call: Hashable {
        /// Saw the list with this number.
        case read(Int64)
        /// Added the element with this number.
        case append(Int64)
        /// Went back to absence.
        case delete
        /// Saw something that a list never holds.
        case impossible
    }

    private struct Edge: Hashable {
        var parent: Int64
        var element: Int64
    }

    let initial: Int64 = 0
    private var children: [Edge: Int64] = [:]
    /// For each node that without its last element.
    private var parents: [Int64] = [0]
    /// For each node how many operations not yet in the order must see it or a longer list that
    /// begins so.
    private var readers: [Int] = [0]
    /// The last element of each node.
    private var elements: [Int64] = [0]
    /// For each element how many operations not yet in the order must see it.
    private var watchers: [Int] = [0]
    private var onlyGrows = false
    private var hasUniqueElements = false

    /// The number of the list with these elements.
    mutating func node(of elements: [Int64]) -> Int64 {
        elements.reduce(0) { child(of: $0, by: $1) }
    }

    private mutating func child(of parent: Int64, by element: Int64) -> Int64 {
        let edge = Edge(parent: parent, element: element)
        if let known = children[edge] { return known }
        let number = Int64(parents.count)
        parents.append(parent)
        readers.append(0)
        elements.append(element)
        while watchers.count <= element { watchers.append(0) }
        children[edge] = number
        return number
    }

    /// Makes ready for a search over `calls`.
    mutating func prepare(_ calls: [ObjectCall<Call>]) {
        onlyGrows = true
        hasUniqueElements = true
        var appended = Set<Int64>()
        for call in calls {
            switch call.call {
            case .append(let element):
                if !appended.insert(element).inserted { hasUniqueElements = false }
            case .delete: onlyGrows = false
            case .read, .impossible: break
            }
            count(call.call, isDefinite: call.returned != nil, by: 1)
        }
    }

    private mutating func count(_ call: Call, isDefinite: Bool, by amount: Int) {
        guard isDefinite, case .read(var node) = call else { return }
        while node > 0 {
            readers[Int(node)] += amount
            watchers[Int(elements[Int(node)])] += amount
            node = parents[Int(node)]
        }
        readers[0] += amount
    }

    mutating func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .read(let node): return node == state ? state : nil
        case .append(let element): return child(of: state, by: element)
        case .delete: return 0
        case .impossible: return nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .read: true
        case .append, .delete, .impossible: false
        }
    }

    mutating func enter(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: -1)
    }
    mutating func leave(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: 1)
    }

    func isDeadEnd(from state: Int64, to next: Int64) -> Bool {
        guard state != next else { return false }
        let following = next == initial ? 0 : readers[Int(next)]
        if hasUniqueElements, watchers[Int(elements[Int(next)])] > following { return true }
        return (onlyGrows || hasUniqueElements && state != initial)
            && readers[Int(state)] > following
    }
}
