/// All small histories of objects of one kind, up to names: of operations and clients, of times,
/// and of values where the kind does not tell them apart.
///
/// What is asked is chosen first. Answers then are all those that some of the updates in some
/// order could give, whatever the times say, and one that none could give: other wrong ones
/// differ in name only.
package struct SmallObjectHistories {
    private typealias Call = ReferenceOperation.Call

    /// What an operation asks, before it is answered.
    private enum Request: Hashable {
        /// Without an answer.
        case update(Call)
        case read
        case dequeue
        case incrementAndGet(Int)
        /// A compare-and-set that fails and says what it found.
        case failedCas(from: Int)
    }

    private let kind: ObjectKind
    private let isWide: Bool
    private let keys: Int
    private let requests: [Request]
    private let unanswered: [Call]
    /// For each of ``requests``, and of ``unanswered``, the one with the values exchanged.
    private let mirrored: [Int]
    private let mirroredUnanswered: [Int]
    private var answers: [[Call]: [[Int]]] = [:]

    /// Those of `kind`. Without `isWide` functions that other kinds have too are left out where
    /// they would be too many.
    package init(_ kind: ObjectKind, isWide: Bool) {
        self.kind = kind
        self.isWide = isWide
        keys = kind == .multiRegister ? 2 : 1
        var updates: [Call] = []
        var requests: [Request] = [.read]
        switch kind {
        case .register: updates = [.write(1), .write(2), .delete]
        case .casRegister, .multiRegister:
            updates = [.write(1), .write(2)]
            if isWide || kind == .casRegister {
                updates += [(0, 1), (0, 2), (1, 2), (2, 1)].map { .cas(from: $0.0, to: $0.1) }
            }
            if isWide, kind == .casRegister {
                updates += [.delete, .cas(from: 1, to: 1), .cas(from: 2, to: 2)]
                requests += (0...2).map { .failedCas(from: $0) }
            }
        case .counter:
            updates = [.increment(1), .increment(-1), .delete]
            if isWide {
                updates.append(.increment(2))
                requests.append(.incrementAndGet(1))
            }
        case .set: updates = [.add(1), .add(2), .remove(1), .remove(2), .delete]
        case .listAppend: updates = [.append(1), .append(2), .delete]
        case .queue:
            updates = [.enqueue(1), .enqueue(2)]
            requests = [.dequeue]
        case .mutex:
            updates = [.acquire, .release]
            requests = []
        case .keyValue:
            updates = [.write(1), .write(2), .append(1), .append(2)]
            if isWide { updates += [.delete, .append(3), .append(4)] }
        }
        let unanswered = updates + (kind == .queue ? [.dequeue(0)] : [])
        let all = updates.map(Request.update) + requests
        self.requests = all
        self.unanswered = unanswered
        mirrored = all.map { one in all.firstIndex(of: Self.mirrored(one, kind)) ?? 0 }
        mirroredUnanswered = unanswered.map { one in
            unanswered.firstIndex(of: Self.mirrored(one, kind)) ?? 0
        }
    }

    private static func mirrored(_ value: Int) -> Int {
        value == 1 ? 2 : value == 2 ? 1 : value
    }

    private static func mirrored(_ call: Call, _ kind: ObjectKind) -> Call {
        // The texts 3 and 4 are made of letter 1.
        if kind == .keyValue { return call }
        switch call {
        case .write(let value): return .write(mirrored(value))
        case .cas(let from, let to, _): return .cas(from: mirrored(from), to: mirrored(to))
        case .add(let value): return .add(mirrored(value))
        case .remove(let value): return .remove(mirrored(value))
        case .append(let value): return .append(mirrored(value))
        case .enqueue(let value): return .enqueue(mirrored(value))
        case .read, .delete, .increment, .dequeue, .acquire, .release: return call
        }
    }

    private static func mirrored(_ request: Request, _ kind: ObjectKind) -> Request {
        switch request {
        case .update(let call): .update(mirrored(call, kind))
        case .failedCas(let from): .failedCas(from: mirrored(from))
        case .read, .dequeue, .incrementAndGet: request
        }
    }

    /// One operation of a history that is being made.
    private struct Choice: Comparable {
        var key: Int
        var request: Int
        static func < (one: Choice, other: Choice) -> Bool {
            (one.key, one.request) < (other.key, other.request)
        }
    }

    /// Gives every history of `count` operations to `body`, which says whether to go on. An
    /// indefinite read is not among them: it tells nothing.
    package mutating func forEach(
        count: Int, clients: Int = 3, _ body: ([ReferenceOperation]) -> Bool
    ) {
        for shape in SmallIntervals.all(count: count, clients: clients) {
            var complete: [[Choice]] = []
            var choices: [Choice] = []
            func extend() {
                guard choices.count < shape.count else {
                    if isFirstOfItsNames(choices, shape) { complete.append(choices) }
                    return
                }
                let place = choices.count
                let number = shape[place].last == nil ? unanswered.count : requests.count
                for key in 0..<keys {
                    for request in 0..<number {
                        let choice = Choice(key: key, request: request)
                        // Operations with equal intervals have no order.
                        if place > 0, shape[place - 1] == shape[place], choice < choices[place - 1]
                        {
                            continue
                        }
                        choices.append(choice)
                        extend()
                        choices.removeLast()
                    }
                }
            }
            extend()
            for choices in complete where !forEachAnswering(choices, shape, body) { return }
        }
    }

    /// Whether no other names of values and keys make it a history that is met earlier.
    private func isFirstOfItsNames(
        _ choices: [Choice], _ shape: [SmallIntervals.Interval]
    ) -> Bool {
        func isLater(_ rename: (Choice, Bool) -> Choice) -> Bool {
            var renamed = choices.indices.map { rename(choices[$0], shape[$0].last == nil) }
            var start = 0
            for place in 1...renamed.count
            where place == renamed.count || shape[place] != shape[start] {
                if place - start > 1 { renamed[start..<place].sort() }
                start = place
            }
            return renamed.lexicographicallyPrecedes(choices)
        }
        func mirror(_ choice: Choice, _ isUnanswered: Bool) -> Choice {
            Choice(
                key: choice.key,
                request: (isUnanswered ? mirroredUnanswered : mirrored)[choice.request])
        }
        if isLater(mirror) { return false }
        guard keys == 2 else { return true }
        func exchange(_ choice: Choice) -> Choice {
            Choice(key: 1 - choice.key, request: choice.request)
        }
        return !isLater { choice, _ in exchange(choice) }
            && !isLater { exchange(mirror($0, $1)) }
    }

    private mutating func forEachAnswering(
        _ choices: [Choice], _ shape: [SmallIntervals.Interval],
        _ body: ([ReferenceOperation]) -> Bool
    ) -> Bool {
        var updates: [[Call]] = Array(repeating: [], count: keys)
        for (place, choice) in choices.enumerated() {
            if shape[place].last == nil {
                updates[choice.key].append(unanswered[choice.request])
                continue
            }
            switch requests[choice.request] {
            case .update(let call): updates[choice.key].append(call)
            case .incrementAndGet(let amount): updates[choice.key].append(.increment(amount))
            case .read, .dequeue, .failedCas: break
            }
        }
        let possible = updates.map { answers(to: $0) }
        var operations: [ReferenceOperation] = []
        func extend() -> Bool {
            guard operations.count < choices.count else { return body(operations) }
            let place = operations.count
            let (invoked, returned) = shape[place].times(place)
            let choice = choices[place]
            func add(_ call: Call, isFailed: Bool = false) -> Bool {
                var operation = ReferenceOperation(
                    call, key: choice.key, invoked: invoked, returned: returned)
                operation.isFailed = isFailed
                operations.append(operation)
                defer { operations.removeLast() }
                return extend()
            }
            guard returned != nil else { return add(unanswered[choice.request]) }
            let known = possible[choice.key]
            switch requests[choice.request] {
            case .update(let call): return add(call)
            case .read: return known.allSatisfy { add(.read($0)) }
            case .dequeue:
                let firsts = Set(known.map { $0.first ?? 0 }).sorted()
                return firsts.allSatisfy { add(.dequeue($0)) }
            case .incrementAndGet(let amount):
                return known.allSatisfy { add(.increment(amount, reading: $0[0])) }
            case .failedCas(let from):
                return known.allSatisfy {
                    add(.cas(from: from, to: 1, found: $0.first ?? 0), isFailed: true)
                }
            }
        }
        return extend()
    }

    /// What the object can hold after some of `updates` in some order, and one thing that it
    /// cannot, or a few.
    private mutating func answers(to updates: [Call]) -> [[Int]] {
        let sorted = updates.sorted { "\($0)" < "\($1)" }
        if let known = answers[sorted] { return known }
        let initial = ReferenceObject.initial(kind)
        var states: Set<[Int]> = [initial]
        func extend(_ state: [Int], _ used: Int) {
            states.insert(state)
            for place in sorted.indices where used >> place & 1 == 0 {
                let next = ReferenceObject.step(kind, state, sorted[place], isAnswered: false)
                if let next { extend(next, used | 1 << place) }
            }
        }
        extend(initial, 0)
        if let wrong = (1...20).first(where: { !states.contains([$0]) }) { states.insert([wrong]) }
        if isWide {
            // Wrong in one of two elements.
            switch kind {
            case .listAppend, .keyValue: states.formUnion([[1, 1], [1, 3]])
            case .set: states.insert([1, 3])
            case .register, .casRegister, .multiRegister, .counter, .queue, .mutex: break
            }
        }
        let found = states.sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
        }
        answers[sorted] = found
        return found
    }
}
