import Determinism

@testable import Replication

/// What clients saw of transactions on lists, and whether one order explains all of it.
///
/// Transactions that wrote carry the position of their entry, so the order is known and only has to
/// be looked at: a transaction must see exactly what stands before it.
struct TransactionHistory {
    typealias Step = Replication.Operation.MicroOperation

    /// A transaction that was answered.
    struct Answered {
        var steps: [Step]
        var reads: [Value?]
        var version: Version?
        var invoked: Instant
        var completed: Instant
    }

    var answered: [Answered] = []

    /// What is wrong, given what each list holds at the end.
    func problems(_ final: [Key: [[UInt8]]]) -> [String] {
        var result: [String] = []
        // By element: the position and the time at which it was acknowledged.
        var known: [[UInt8]: (index: UInt64, completed: Instant)] = [:]
        for one in answered {
            guard case .sequence(_, let index)? = one.version else { continue }
            for step in one.steps {
                guard case .append(let element) = step.action else { continue }
                known[element] = (index, one.completed)
                let count = (final[step.key] ?? []).count { $0 == element }
                if count != 1 { result.append("\(text(element)) is there \(count) times") }
            }
        }
        for one in answered { result += problems(of: one, known, final) }
        return result
    }

    private func problems(
        of one: Answered, _ known: [[UInt8]: (index: UInt64, completed: Instant)],
        _ final: [Key: [[UInt8]]]
    ) -> [String] {
        var result: [String] = []
        var reads = one.reads[...]
        var own: [Key: [[UInt8]]] = [:]
        // It must stand after everything seen and before everything not seen.
        var seenMax: UInt64 = 0
        var unseenMin = UInt64.max
        for step in one.steps {
            if case .append(let element) = step.action {
                own[step.key, default: []].append(element)
            }
            guard step.isRead, let read = reads.popFirst() else { continue }
            var elements: [[UInt8]] = []
            if case .list(let list)? = read { elements = list }
            let mine = own[step.key] ?? []
            guard elements.suffix(mine.count) == mine[...] else {
                result.append("\(step.key.text) read without the transaction's own appends")
                continue
            }
            elements.removeLast(mine.count)
            let all = final[step.key] ?? []
            guard all.prefix(elements.count) == elements[...] else {
                result.append("\(step.key.text) read as what it never was")
                continue
            }
            for element in elements { seenMax = max(seenMax, known[element]?.index ?? 0) }
            for element in all.dropFirst(elements.count) where !mine.contains(element) {
                guard let other = known[element] else { continue }
                if own.values.contains(where: { $0.contains(element) }) { continue }
                unseenMin = min(unseenMin, other.index)
                if other.completed < one.invoked {
                    result.append("\(text(element)) was acknowledged and not read afterwards")
                }
            }
        }
        if case .sequence(_, let index)? = one.version {
            if seenMax >= index || unseenMin < index {
                result.append("the transaction at \(index) saw \(seenMax) and not \(unseenMin)")
            }
        } else if seenMax >= unseenMin {
            result.append("a transaction saw \(seenMax) and not \(unseenMin)")
        }
        return result
    }

    private func text(_ element: [UInt8]) -> String { String(decoding: element, as: UTF8.self) }
}
