/// Linearizability straight from its definition (Herlihy and Wing, 1990): some order of all that
/// returned, and of some of what may have happened, keeps the order of real time, and every
/// operation answers in it as its object would. For sequential consistency (Lamport, 1979) the
/// order of each process is enough.
package enum ReferenceObject {
    /// What an object of `kind` holds at the beginning.
    package static func initial(_ kind: ObjectKind) -> [Int] { kind == .counter ? [0] : [] }

    /// The letters of a text by its number.
    package static func letters(_ value: Int) -> [Int] {
        switch value {
        case 0: []
        case 1, 2: [value]
        case 3: [1, 2]
        case _: Array(repeating: 1, count: value - 2)
        }
    }

    /// What the object holds after `call`; `nil` if it would not have answered so. Of a call that
    /// is not `isAnswered` nobody knows the answer.
    package static func step(
        _ kind: ObjectKind, _ state: [Int], _ call: ReferenceOperation.Call,
        isAnswered: Bool = true
    ) -> [Int]? {
        switch call {
        case .read(let seen): return !isAnswered || seen == state ? state : nil
        case .write(let value): return kind == .keyValue ? letters(value) : [value]
        case .delete: return initial(kind)
        case .cas(let from, let to, let found):
            let value = state.first ?? 0
            if let found { return found == value && found != from ? state : nil }
            return value == from ? (to == 0 ? [] : [to]) : nil
        case .increment(let amount, let reading):
            let sum = state[0] + amount
            return reading == nil || !isAnswered || reading == sum ? [sum] : nil
        case .add(let value): return Array(Set(state + [value])).sorted()
        case .remove(let value): return state.filter { $0 != value }
        case .append(let value): return state + (kind == .keyValue ? letters(value) : [value])
        case .enqueue(let value): return state + [value]
        case .dequeue(let value):
            if !isAnswered { return Array(state.dropFirst()) }
            return state.first ?? 0 == value ? Array(state.dropFirst()) : nil
        case .acquire: return state.isEmpty ? [1] : nil
        case .release: return state.isEmpty ? nil : []
        }
    }

    private struct Configuration: Hashable {
        var placed: UInt32
        var states: [[Int]]
    }

    /// Whether `operations` on objects of `kind` are linearizable.
    package static func isLinearizable(
        _ operations: [ReferenceOperation], _ kind: ObjectKind
    ) -> Bool {
        hasOrder(operations, kind) { one, other in
            one.returned.map { $0 < other.invoked } ?? false
        }
    }

    /// Whether `operations` on objects of `kind` are sequentially consistent.
    package static func isSequential(
        _ operations: [ReferenceOperation], _ kind: ObjectKind
    ) -> Bool {
        hasOrder(operations, kind) { $0.process == $1.process && $0.invoked < $1.invoked }
    }

    /// Tries every order. Of more than six operations those that place the same ones and leave
    /// the same are tried once.
    private static func hasOrder(
        _ operations: [ReferenceOperation], _ kind: ObjectKind,
        _ precedes: (ReferenceOperation, ReferenceOperation) -> Bool
    ) -> Bool {
        // What failed did not happen; it may have seen something.
        let all = operations.filter { operation in
            guard operation.isFailed else { return true }
            if case .cas(_, _, let found) = operation.call { return found != nil }
            return false
        }
        var definite: UInt32 = 0
        for (index, operation) in all.enumerated() where operation.returned != nil {
            definite |= 1 << UInt32(index)
        }
        let before = all.map { operation in
            all.indices.reduce(UInt32(0)) { mask, other in
                precedes(all[other], operation) ? mask | 1 << UInt32(other) : mask
            }
        }
        var tried = Set<Configuration>()
        var states = Array(repeating: initial(kind), count: 2)
        func extend(_ placed: UInt32) -> Bool {
            if definite & ~placed == 0 { return true }
            if all.count > 6, !tried.insert(Configuration(placed: placed, states: states)).inserted
            {
                return false
            }
            for (index, operation) in all.enumerated() where placed >> UInt32(index) & 1 == 0 {
                guard before[index] & ~placed == 0 else { continue }
                let state = states[operation.key]
                guard
                    let next = step(
                        kind, state, operation.call, isAnswered: operation.returned != nil)
                else { continue }
                states[operation.key] = next
                if extend(placed | 1 << UInt32(index)) { return true }
                states[operation.key] = state
            }
            return false
        }
        return extend(0)
    }
}
