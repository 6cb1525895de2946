import Determinism
import Recording

/// Compares ``SetFull``, ``RegisterStaleness`` and ``AtomicityDelta`` with what they mean.
package struct MeasureComparison {
    /// Of ``SetFull``: its verdicts.
    package private(set) var sets = AgreementTally()
    /// Of ``RegisterStaleness``: valid if no read was stale, unknown if some could not be judged.
    package private(set) var staleness = AgreementTally()
    /// Of ``AtomicityDelta``: valid if it is 0.
    package private(set) var delta = AgreementTally()

    /// Nothing compared yet.
    package init() {}

    private mutating func compareSet(_ operations: [ReferenceOperation]) {
        let made = ReferenceOperation.history(operations, .set)
        let history = History(made)
        let found = SetFull(HistorySelection(history, Array(history.indices)))
        let expected = ReferenceSet.outcomes(made)
        let isRight =
            found.elements.map(\.addition) == expected.map(\.addition)
            && found.elements.map(\.outcome) == expected.map(\.outcome)
            && Set(found.duplicates) == ReferenceSet.duplicates(made)
        if isRight { return sets.count(found.verdict) }
        sets.countDifference(
            "set-full: \(found.elements.map(\.outcome)), not \(expected.map(\.outcome))\n"
                + operations.map { "  \($0)" }.joined(separator: "\n"))
    }

    private mutating func compareRegister(_ calls: [ReferenceStaleness.Call]) {
        let found = RegisterStaleness(calls)
        var unjudged = 0
        let expected = calls.compactMap { call -> RegisterStaleness.Read? in
            guard case .read = call.call, call.returned != nil else { return nil }
            let read = ReferenceStaleness.judge(call, calls)
            if read == nil { unjudged += 1 }
            return read
        }
        if found.reads == expected, found.unjudged == unjudged {
            let isStale = expected.contains { $0.age > 0 || $0.versions > 0 }
            staleness.count(isStale ? .invalid : unjudged > 0 ? .unknown : .valid)
        } else {
            staleness.countDifference(
                "staleness: \(found), not \(expected) and \(unjudged)\n\(Self.text(calls))")
        }
        let delta = AtomicityDelta(calls)
        guard ReferenceStaleness.isDecided(calls) else {
            if delta == .unknown { return self.delta.count(.unknown) }
            self.delta.countDifference("delta: \(delta), not unknown\n\(Self.text(calls))")
            return
        }
        let least = ReferenceStaleness.delta(calls)
        if delta == least.map(AtomicityDelta.finite) ?? .infinite {
            self.delta.count(least == 0 ? .valid : .invalid)
        } else {
            let text = least.map(String.init) ?? "infinite"
            self.delta.countDifference("delta: \(delta), not \(text)\n\(Self.text(calls))")
        }
    }

    private static func text(_ calls: [ReferenceStaleness.Call]) -> String {
        calls.map { call in
            "  \(call.invoked)-\(call.returned.map(String.init) ?? "?") \(call.call)"
        }.joined(separator: "\n")
    }
}

extension MeasureComparison {
    /// Compares all histories of up to `count` operations.
    package mutating func compareAll(upTo count: Int) {
        let seen: [[Int]] = [[], [1], [2], [1, 2], [1, 1]]
        let sets = [.add(1), .add(2)] + seen.map { ReferenceOperation.Call.read($0) }
        let registers: [RegisterModel.Call] =
            [.write(1), .write(2), .write(0), .replace(1, 2)] + (0...3).map { .read($0) }
        for size in stride(from: 1, through: count, by: 1) {
            for shape in SmallIntervals.all(count: size) {
                // Of unknown outcome are updates only, which stand first.
                Self.forEachChoice(shape, (sets.count, 2)) { choice in
                    compareSet(
                        choice.enumerated().map { place, chosen in
                            let (invoked, returned) = shape[place].times(place)
                            return ReferenceOperation(
                                sets[chosen], invoked: invoked, returned: returned)
                        })
                }
                Self.forEachChoice(shape, (registers.count, 4)) { choice in
                    compareRegister(
                        choice.enumerated().map { place, chosen in
                            let (invoked, returned) = shape[place].closeTimes
                            return ReferenceStaleness.Call(
                                identity: place, invoked: invoked, returned: returned,
                                call: registers[chosen])
                        })
                }
            }
        }
    }

    /// Every choice of what operations do: of those with a known outcome and those without.
    private static func forEachChoice(
        _ shape: [SmallIntervals.Interval], _ counts: (known: Int, unknown: Int),
        _ body: ([Int]) -> Void
    ) {
        var choice: [Int] = []
        func extend() {
            let place = choice.count
            guard place < shape.count else { return body(choice) }
            let count = shape[place].last == nil ? counts.unknown : counts.known
            // Operations with equal intervals have no order.
            let from = place > 0 && shape[place - 1] == shape[place] ? choice[place - 1] : 0
            for chosen in from..<count {
                choice.append(chosen)
                extend()
                choice.removeLast()
            }
        }
        extend()
    }

    /// Compares a larger history of each kind for each of `seeds`.
    package mutating func compareSeeded(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var stream = RandomStream(seed: seed, name: "measures")
            compareSet(Self.set(&stream))
            compareRegister(seed % 2 == 0 ? Self.register(&stream) : Self.mostlyRight(&stream))
        }
    }

    private static func set(_ random: inout RandomStream) -> [ReferenceOperation] {
        (0..<8 + random.index(7)).map { index in
            let invoked = Int64(random.index(40))
            let returned = invoked + Int64(random.index(9))
            var operation: ReferenceOperation
            if random.chance(0.4) {
                operation = ReferenceOperation(
                    .add(random.chance(0.1) ? 1 : index + 1), invoked: invoked,
                    returned: random.chance(0.2) ? nil : returned)
                operation.isFailed = random.chance(0.05) && operation.returned != nil
            } else {
                var shown = (1...8).filter { _ in random.chance(0.6) }
                if random.chance(0.03), let first = shown.first { shown.append(first) }
                operation = ReferenceOperation(.read(shown), invoked: invoked, returned: returned)
            }
            return operation
        }
    }

    /// Calls of a register that was carried out, and then maybe spoiled.
    private static func mostlyRight(_ random: inout RandomStream) -> [ReferenceStaleness.Call] {
        ObjectHistoryDraw.history(.register, &random).enumerated().compactMap { index, operation in
            let call: RegisterModel.Call
            switch operation.call {
            case .read(let seen) where operation.returned != nil:
                call = .read(Int64(seen.first ?? 0))
            case .write(let value): call = .write(Int64(value))
            case .delete: call = .write(0)
            case _: return nil
            }
            return operation.isFailed
                ? nil
                : ReferenceStaleness.Call(
                    identity: index, invoked: operation.invoked, returned: operation.returned,
                    call: call)
        }
    }

    private static func register(_ random: inout RandomStream) -> [ReferenceStaleness.Call] {
        let isPlain = random.chance(0.7)
        var written: Int64 = 0
        return (0..<8 + random.index(7)).map { index in
            let invoked = Int64(random.index(30))
            let call: RegisterModel.Call
            if random.chance(0.45) {
                written += 1
                call =
                    isPlain || random.chance(0.7)
                    ? .write(written)
                    : random.chance(0.5) ? .replace(written - 1, written) : .write(1)
            } else {
                call = .read(Int64(random.index(6)))
            }
            // An indefinite read tells nothing.
            let isRead = if case .read = call { true } else { false }
            let hasReturned = isPlain || isRead || random.chance(0.8)
            return ReferenceStaleness.Call(
                identity: index, invoked: invoked,
                returned: hasReturned ? invoked + Int64(random.index(9)) : nil, call: call)
        }
    }
}
