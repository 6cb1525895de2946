/// A list that appends extend. Every list that occurs is a node of a tree, and the node's number
/// is the state: equal lists are the same node. Node 0 is the empty list, which is also absence.
///
/// Where nothing is ever deleted lists only grow, so the longest list that was seen says what
/// every list up to its length was; and a list that must still be seen may not be left.
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
    private var depths: [Int] = [0]
    private var readers: [Int] = [0]
    /// The elements of the longest list seen, when nothing is ever deleted.
    private var longest: [Int64] = []
    private var onlyGrows = false

    /// The number of the list with these elements.
    mutating func node(of elements: [Int64]) -> Int64 {
        elements.reduce(0) { child(of: $0, by: $1) }
    }

    private mutating func child(of parent: Int64, by element: Int64) -> Int64 {
        let edge = Edge(parent: parent, element: element)
        if let known = children[edge] { return known }
        let number = Int64(depths.count)
        depths.append(depths[Int(parent)] + 1)
        readers.append(0)
        children[edge] = number
        return number
    }

    /// Makes ready for a search over `calls`; `longest` is the longest list that definite reads
    /// among them saw.
    mutating func prepare(_ calls: [ObjectCall<Call>], longest: [Int64]) {
        onlyGrows = !calls.contains { $0.call == .delete }
        self.longest = longest
        for call in calls where call.returned != nil {
            if case .read(let node) = call.call { readers[Int(node)] += 1 }
        }
    }

    mutating func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .read(let node): return node == state ? state : nil
        case .append(let element):
            let depth = depths[Int(state)]
            if onlyGrows, depth < longest.count, longest[depth] != element { return nil }
            return child(of: state, by: element)
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
        if isDefinite, case .read(let node) = call { readers[Int(node)] -= 1 }
    }
    mutating func leave(_ call: Call, isDefinite: Bool) {
        if isDefinite, case .read(let node) = call { readers[Int(node)] += 1 }
    }

    func isDeadEnd(from state: Int64, to next: Int64) -> Bool {
        onlyGrows && state != next && readers[Int(state)] > 0
    }
}
