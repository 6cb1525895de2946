import Consistency
import Determinism
import Recording
import Replication
import Testing

/// The search against a dumb one: all small histories, and many random ones.
@Suite struct LinearizabilityExhaustionTests {
    private func token(_ number: Int) -> String? { number == 0 ? nil : "v\(number)" }

    private func history(
        _ calls: [ObjectCall<BruteForce.Call>], _ type: ValueType
    ) -> [HistoryOperation] {
        var builder = HistoryBuilder()
        for call in calls {
            let outcome: HistoryOperation.Outcome = call.returned == nil ? .info : .ok
            func add(_ function: HistoryFunction, _ value: HistoryValue) {
                builder.add(function, value, from: call.invoked, to: call.returned, outcome)
            }
            switch call.call {
            case .read(let seen):
                if type == .counter {
                    add(.read, .integer(Int64(seen)))
                } else {
                    add(.read, token(seen).map(HistoryValue.text) ?? .null)
                }
            case .write(0): add(.delete, .null)
            case .write(let value): add(.write, .text("v\(value)"))
            case .cas(let from, let to):
                add(
                    .cas,
                    .pair(from: token(from).map(HistoryValue.text) ?? .null, to: .text("v\(to)")))
            case .increment(let amount): add(.increment, .integer(Int64(amount)))
            }
        }
        return builder.operations
    }

    private func check(_ history: [HistoryOperation], _ type: ValueType) -> CheckVerdict {
        Linearizability.check(history, dataType: "default", kind: ObjectKind(type)).verdict
    }

    private func step(_ state: Int, _ call: BruteForce.Call) -> Int? {
        switch call {
        case .read(let seen): seen == state ? state : nil
        case .write(let value): value
        case .cas(let from, let to): from == state ? to : nil
        case .increment(let amount): state + amount
        }
    }

    /// Compares the verdicts, under each of the draws of `versions`.
    private func compare(
        _ calls: [ObjectCall<BruteForce.Call>], _ type: ValueType,
        _ random: inout RandomStream, versions: [VersionDraw] = [.absent]
    ) -> Bool {
        // An indefinite read tells nothing: the checker leaves it out, and so does this.
        let told = calls.filter { call in
            if case .read = call.call { return call.returned != nil }
            return true
        }
        let expected: CheckVerdict =
            BruteForce.isLinearizable(told, step: step) ? .valid : .invalid
        let history = history(calls, type)
        for draw in versions {
            let actual = check(draw.applied(to: history, &random), type)
            if actual != expected {
                Issue.record("\(calls): \(actual) with versions \(draw), expected \(expected)")
            }
        }
        return expected == .valid
    }

    /// Every interleaving of three operations, each of a few kinds, each also indefinite.
    @Test func allHistoriesOfThreeOperations() {
        var random = RandomStream(seed: 1, name: "three")
        let kinds: [BruteForce.Call] = [
            .read(0), .read(1), .write(1), .write(0), .cas(0, 1), .cas(1, 2), .read(2),
        ]
        var verdicts = [0, 0]
        // Positions of invocation and return: all ways to order six events, returns after
        // invocations, up to the names of operations.
        var orders: [[Int]] = []
        func arrange(_ order: [Int], _ opened: Int, _ closed: Set<Int>) {
            if order.count == 6 { return orders.append(order) }
            if opened < 3 { arrange(order + [opened], opened + 1, closed) }
            for index in 0..<opened where !closed.contains(index) {
                arrange(order + [index], opened, closed.union([index]))
            }
        }
        arrange([], 0, [])
        for order in orders {
            for first in kinds {
                for second in kinds {
                    for third in kinds {
                        for indefinite in 0..<8 {
                            let calls = [first, second, third].enumerated().map { index, call in
                                let places = order.indices.filter { order[$0] == index }
                                return ObjectCall(
                                    identity: index, invoked: Int64(places[0]),
                                    returned: indefinite >> index & 1 == 1
                                        ? nil : Int64(places[1]),
                                    call: call)
                            }
                            let isValid = compare(
                                calls, .register, &random, versions: [.absent, .scattered])
                            verdicts[isValid ? 1 : 0] += 1
                        }
                    }
                }
            }
        }
        #expect(orders.count == 15)
        #expect(verdicts[0] > 1000)
        #expect(verdicts[1] > 1000)
    }

    /// Random small histories, with few values so that many collide, and with unique ones, and
    /// with whatever versions.
    @Test(arguments: 0..<40)
    func randomHistories(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "linearizability")
        for _ in 0..<60 {
            let count = 3 + random.index(5)
            let isCounter = random.chance(0.2)
            let isUnique = random.chance(0.5)
            var writes = 0
            let calls = (0..<count).map { index -> ObjectCall<BruteForce.Call> in
                let invoked = Int64(random.index(12))
                let returned = invoked + Int64(random.index(8))
                func fresh() -> Int {
                    writes += 1
                    return isUnique ? writes : 1 + random.index(3)
                }
                let call: BruteForce.Call
                if isCounter {
                    call = random.chance(0.5) ? .read(random.index(5)) : .increment(1)
                } else {
                    switch random.index(6) {
                    case 0, 1, 2: call = .read(random.index(4))
                    case 3, 4: call = random.chance(0.1) ? .write(0) : .write(fresh())
                    case _: call = .cas(random.index(4), fresh())
                    }
                }
                return ObjectCall(
                    identity: index, invoked: invoked,
                    returned: random.chance(0.25) ? nil : returned, call: call)
            }
            _ = compare(
                calls, isCounter ? .counter : .register, &random, versions: VersionDraw.allCases)
        }
    }

    /// Lists: histories made by running them, some then spoiled.
    @Test(arguments: 0..<20)
    func randomLists(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "lists")
        for _ in 0..<40 {
            var builder = HistoryBuilder()
            var states: [[String]: Int] = [[]: 0]
            var calls:
                [(
                    invoked: Int64, returned: Int64?, append: String?, isDelete: Bool,
                    seen: [String]
                )] = []
            let tokens = (0..<4).map { "t\($0)" }
            for index in 0..<(3 + random.index(4)) {
                let invoked = Int64(random.index(12))
                let isAppend = random.chance(0.5) && index < tokens.count
                let isDelete = !isAppend && random.chance(0.25)
                let seen = random.shuffled(tokens).prefix(random.index(4))
                let returned =
                    (isAppend || isDelete) && random.chance(0.3)
                    ? nil : invoked + Int64(random.index(8))
                calls.append(
                    (invoked, returned, isAppend ? tokens[index] : nil, isDelete, Array(seen)))
            }
            for call in calls {
                let outcome: HistoryOperation.Outcome = call.returned == nil ? .info : .ok
                if let token = call.append {
                    builder.add(
                        .append, .text(token), from: call.invoked, to: call.returned, outcome)
                } else if call.isDelete {
                    builder.add(.delete, .null, from: call.invoked, to: call.returned, outcome)
                } else {
                    builder.add(
                        .read, call.seen.isEmpty ? .null : .list(tokens: call.seen),
                        from: call.invoked,
                        to: call.returned, outcome)
                }
            }
            var lists: [[String]] = [[]]
            func number(_ list: [String]) -> Int {
                if let known = states[list] { return known }
                states[list] = lists.count
                lists.append(list)
                return lists.count - 1
            }
            // Writes stand for appends and deletes: their number is the position of the call.
            let dumb = calls.enumerated().map { index, call in
                ObjectCall<BruteForce.Call>(
                    identity: index, invoked: call.invoked, returned: call.returned,
                    call: call.append == nil && !call.isDelete
                        ? .read(number(call.seen)) : .write(index))
            }
            let expected = BruteForce.isLinearizable(dumb) { state, call in
                switch call {
                case .read(let seen): return seen == state ? state : nil
                case .write(let index):
                    return calls[index].append.map { number(lists[state] + [$0]) } ?? 0
                case .cas, .increment: return nil
                }
            }
            for draw in VersionDraw.allCases {
                let history = draw.applied(to: builder.operations, &random)
                #expect(
                    check(history, .list) == (expected ? .valid : .invalid),
                    "seed \(seed): \(history)")
            }
        }
    }
}
