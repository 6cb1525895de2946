import Determinism

/// Draws histories of eight to fourteen operations of a few clients: an object is carried out, each
/// operation at one instant between its invocation and its return, and about half of the histories
/// are then spoiled. Some of those are right all the same.
package enum ObjectHistoryDraw {
    private typealias Call = ReferenceOperation.Call

    /// A history of objects of `kind`.
    package static func history(
        _ kind: ObjectKind, _ random: inout RandomStream
    ) -> [ReferenceOperation] {
        var operations = run(kind, 8 + random.index(7), &random)
        if random.chance(0.55) {
            for _ in 0...random.index(2) { spoil(&operations, kind, &random) }
        }
        return operations
    }

    private static func run(
        _ kind: ObjectKind, _ count: Int, _ random: inout RandomStream
    ) -> [ReferenceOperation] {
        let clients = 2 + random.index(3)
        // Few values collide, many are unique.
        let values = random.chance(0.5) ? 2 : 20
        let unknown = random.chance(0.3) ? 0 : 0.2
        var free = Array(repeating: Int64(0), count: clients)
        var processes = Array(0..<clients)
        var operations: [ReferenceOperation] = []
        var effects: [(at: Int64, index: Int)] = []
        for index in 0..<count {
            let client = random.index(clients)
            let invoked = free[client] + Int64(random.index(4))
            let at = invoked + Int64(random.index(6))
            let returned = at + Int64(random.index(6))
            free[client] = returned + 1
            let call = request(kind, value: 1 + (values == 2 ? random.index(2) : index), &random)
            var operation = ReferenceOperation(
                call, key: kind == .multiRegister ? random.index(2) : 0, invoked: invoked,
                returned: random.chance(unknown) ? nil : returned)
            operation.process = processes[client]
            let isUnknown = operation.returned == nil
            if isUnknown { processes[client] = clients + index }
            if !isUnknown, random.chance(0.04) { operation.isFailed = true }
            operations.append(operation)
            if operation.isFailed || isUnknown && random.chance(0.5) { continue }
            effects.append((at + (isUnknown ? Int64(random.index(30)) : 0), index))
        }
        effects.sort { ($0.at, $0.index) < ($1.at, $1.index) }
        var states = Array(repeating: ReferenceObject.initial(kind), count: 2)
        var impossible: Set<Int> = []
        for (_, index) in effects {
            let key = operations[index].key
            answer(&operations[index], kind, states[key], &random)
            if operations[index].isFailed { continue }
            let next = ReferenceObject.step(kind, states[key], operations[index].call)
            if let next {
                states[key] = next
            } else if operations[index].returned != nil {
                impossible.insert(index)
            }
        }
        return operations.indices.filter { !impossible.contains($0) }.map { operations[$0] }
    }

    private static func request(
        _ kind: ObjectKind, value: Int, _ random: inout RandomStream
    ) -> Call {
        let roll = random.index(20)
        switch kind {
        case .register: return roll < 10 ? .read([]) : roll < 18 ? .write(value) : .delete
        case .casRegister, .multiRegister:
            if roll < 8 { return .read([]) }
            if roll < 13 { return .write(value) }
            return roll < 19 ? .cas(from: 0, to: value) : .delete
        case .counter:
            if roll < 8 { return .read([0]) }
            if roll < 16 { return .increment([-1, 1, 2, 3][random.index(4)]) }
            return roll < 19 ? .increment(1, reading: 0) : .delete
        case .set:
            if roll < 8 { return .read([]) }
            return roll < 15 ? .add(value) : roll < 19 ? .remove(value) : .delete
        case .listAppend: return roll < 9 ? .read([]) : roll < 18 ? .append(value) : .delete
        case .queue: return roll < 10 ? .enqueue(value) : .dequeue(0)
        case .mutex: return roll < 10 ? .acquire : .release
        case .keyValue:
            let piece = 1 + random.index(4)
            if roll < 9 { return .read([]) }
            return roll < 12 ? .write(piece) : roll < 19 ? .append(piece) : .delete
        }
    }

    /// Lets an operation answer what it finds.
    private static func answer(
        _ operation: inout ReferenceOperation, _ kind: ObjectKind, _ state: [Int],
        _ random: inout RandomStream
    ) {
        switch operation.call {
        case .read: operation.call = .read(state)
        case .dequeue: operation.call = .dequeue(state.first ?? 0)
        case .increment(let amount, .some):
            operation.call = .increment(amount, reading: state[0] + amount)
        case .cas(_, let to, _):
            let found = state.first ?? 0
            let from = random.chance(0.75) ? found : random.index(3)
            if operation.returned != nil, from != found {
                operation.isFailed = true
                operation.call = .cas(from: from, to: to, found: random.chance(0.7) ? found : nil)
            } else {
                operation.call = .cas(from: from, to: to)
            }
        case .write, .delete, .increment, .add, .remove, .append, .enqueue, .acquire, .release:
            break
        }
    }

    private static func spoil(
        _ operations: inout [ReferenceOperation], _ kind: ObjectKind,
        _ random: inout RandomStream
    ) {
        guard !operations.isEmpty else { return }
        let one = random.index(operations.count)
        let other = random.index(operations.count)
        switch random.index(6) {
        case 0: operations.remove(at: one)
        case 1:
            let span = operations[one].returned.map { $0 - operations[one].invoked }
            operations[one].invoked = Int64(random.index(30))
            operations[one].returned = span.map { operations[one].invoked + $0 }
            operations[one].process = 100 + one
        case 2:
            let call = operations[one].call
            guard !operations[one].isFailed, !operations[other].isFailed else { return }
            operations[one].call = operations[other].call
            operations[other].call = call
        case _:
            // An answer of another, or one a little off.
            let answered = operations.indices.filter { isAnswer(operations[$0].call) }
            guard !answered.isEmpty else { return }
            let place = answered[random.index(answered.count)]
            let source = operations[answered[random.index(answered.count)]].call
            operations[place].call = spoiled(operations[place].call, by: source, kind, &random)
        }
    }

    private static func isAnswer(_ call: Call) -> Bool {
        switch call {
        case .read, .dequeue, .increment(_, .some), .cas(_, _, .some): true
        case .write, .delete, .cas, .increment, .add, .remove, .append, .enqueue, .acquire,
            .release:
            false
        }
    }

    private static func spoiled(
        _ call: Call, by source: Call, _ kind: ObjectKind, _ random: inout RandomStream
    ) -> Call {
        switch (call, source) {
        case (.read, .read(let other)) where random.chance(0.6): return .read(other)
        case (.read(let seen), _):
            if kind.isRegister { return .read([1 + random.index(4)]) }
            if kind == .counter { return .read([seen[0] + random.index(3) - 1]) }
            var seen = seen
            if !seen.isEmpty, random.chance(0.6) {
                seen.remove(at: random.index(seen.count))
            } else {
                seen.append(1 + random.index(4))
            }
            return .read(kind == .set ? Set(seen).sorted() : seen)
        case (.dequeue, .dequeue(let other)) where random.chance(0.6): return .dequeue(other)
        case (.dequeue, _): return .dequeue(random.index(5))
        case (.increment(let amount, let reading?), _):
            return .increment(amount, reading: reading + random.index(3) - 1)
        case (.cas(let from, let to, _), _):
            return .cas(from: from, to: to, found: random.index(4))
        case _: return call
        }
    }
}
