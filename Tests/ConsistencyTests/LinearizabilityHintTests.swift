import Consistency
import Determinism
import Recording
import Replication
import Testing

/// Versions show the search where to go: with those of a log it goes straight through histories
/// that are hard without. Wrong ones cost time and change no verdict.
@Suite struct LinearizabilityHintTests {
    private static let types: [ValueType] = [.register, .counter, .list]

    /// A run on one hot key, linearizable by construction, with the versions that a log gives.
    ///
    /// In the middle the service stands still: what was invoked meanwhile takes effect afterwards,
    /// in any order. Some updates have an unknown outcome, and half of those happened. Of counters
    /// they are fewer: which of many unknown amounts make up a sum is hard whatever one knows.
    private static func run(seed: UInt64, _ type: ValueType, count: Int) -> [HistoryOperation] {
        var random = RandomStream(seed: seed, name: "hot key")
        let stall = Int64(count * 4)..<Int64(count * 7)
        var builder = HistoryBuilder()
        var effects: [(at: Int64, index: Int)] = []
        for index in 0..<count {
            let invoked = Int64(index * 10)
            let start = stall.contains(invoked) ? stall.upperBound : invoked
            let at = start + Int64(random.index(40))
            let roll = random.unit()
            let function: HistoryFunction =
                if roll < 0.25 { .read } else if roll < 0.4 { .delete } else {
                    switch type {
                    case .register: random.chance(0.5) ? .write : .cas
                    case .counter: .increment
                    case .list: .append
                    case .set, .map: .add
                    }
                }
            let isUnknown =
                function != .read && random.chance(type == .counter ? 0.04 : 0.1)
            let value: HistoryValue =
                switch function {
                case .write, .append: .text("w\(index)")
                case .cas: .pair(from: "wrong", to: .text("w\(index)"))
                case .increment: .integer(Int64(1 + random.index(3)))
                default: .null
                }
            builder.add(
                function, value, from: invoked,
                to: isUnknown ? nil : at + Int64(random.index(20)), isUnknown ? .info : .ok)
            if !isUnknown || random.chance(0.5) { effects.append((at, index)) }
        }
        effects.sort { ($0.at, $0.index) < ($1.at, $1.index) }
        takeEffect(&builder.operations, effects.map(\.index), type, &random)
        return builder.operations
    }

    /// Carries out the operations in the order of `effects`.
    private static func takeEffect(
        _ operations: inout [HistoryOperation], _ effects: [Int], _ type: ValueType,
        _ random: inout RandomStream
    ) {
        var state = HistoryValue.null
        var stored: Version?
        for (place, index) in effects.enumerated() {
            let version = Version.sequence(epoch: 1, index: UInt64(place + 1))
            let value = operations[index].value
            switch (operations[index].function, value) {
            case (.read, _):
                operations[index].value = state
                operations[index].version = stored
                continue
            case (.cas, .pair(_, let to)):
                guard random.chance(0.7) else {
                    if operations[index].outcome == .ok {
                        operations[index].outcome = .fail
                        operations[index].result = state
                        operations[index].version = stored
                    }
                    continue
                }
                let from: HistoryValue = if case .text = state { state } else { .null }
                operations[index].value = .pair(from: from, to: to)
                state = to
            case (.increment, .integer(let amount)):
                let reading: Int64 = if case .integer(let number) = state { number } else { 0 }
                state = .integer(reading + amount)
                if operations[index].outcome == .ok { operations[index].result = state }
            case (.append, .text(let token)):
                let elements: [HistoryValue] = if case .list(let list) = state { list } else { [] }
                state = .list(elements + [.text(token)])
            case (.delete, _): state = .null
            default: state = value
            }
            stored = state == .null ? nil : version
            if operations[index].outcome == .ok { operations[index].version = version }
        }
    }

    private func check(
        _ history: [HistoryOperation], _ type: ValueType, statesMax: Int
    ) -> CheckResult {
        Linearizability.check(
            history, dataType: "default", kind: ObjectKind(type),
            budget: CheckBudget(statesMax: statesMax))
    }

    @Test(arguments: types, 0..<20)
    func trueVersionsLeadStraightThrough(type: ValueType, seed: UInt64) {
        let history = Self.run(seed: seed, type, count: 300)
        let result = check(history, type, statesMax: 300_000)
        #expect(result.verdict == .valid, "seed \(seed): \(result)")
        #expect(result.states < 3000, "seed \(seed)")
    }

    @Test(arguments: types, 0..<4)
    func noVersionsRefuteWhatIsLinearizable(type: ValueType, seed: UInt64) {
        var random = RandomStream(seed: seed, name: "draw")
        let history = Self.run(seed: seed, type, count: 120)
        for draw in VersionDraw.allCases {
            let drawn = draw.applied(to: history, &random)
            let result = check(drawn, type, statesMax: 3000)
            #expect(result.verdict != .invalid, "seed \(seed), versions \(draw)")
        }
    }

    /// A read that saw what was invoked after it had returned.
    @Test(arguments: types, 0..<10)
    func noVersionsHideAViolation(type: ValueType, seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "draw")
        var history = Self.run(seed: seed, type, count: 60)
        let target = try #require(history.firstIndex { $0.function == .read })
        let end = try #require(history[target].completed)
        let later = try #require(
            history.first { operation in
                guard let invoked = operation.invoked, case .text = operation.value else {
                    return type == .counter
                }
                return invoked > end && operation.function != .read
            })
        history[target].value =
            switch type {
            case .register: later.value
            case .list:
                if case .text(let token) = later.value { .list(tokens: [token]) } else { .null }
            case .counter: .integer(1000)
            case .set, .map: .null
            }
        history[target].version = history.compactMap(\.version).last
        #expect(check(history, type, statesMax: 200_000).verdict != .valid, "seed \(seed)")
        for draw in VersionDraw.allCases {
            let drawn = draw.applied(to: history, &random)
            #expect(
                check(drawn, type, statesMax: 20_000).verdict != .valid,
                "seed \(seed), versions \(draw)")
        }
    }
}
