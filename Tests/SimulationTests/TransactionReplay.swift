import Determinism
import Recording
import Replication

/// Whether one order of all transactions explains what each of them read, by the positions in the
/// log that they were told.
///
/// A transaction that wrote stands at its position. For each of its reads, what it saw must have
/// been written before that and what it did not see after it. One that only read may stand
/// anywhere, at one place for all of its reads, but after all that was answered before it began.
struct TransactionReplay {
    private struct Write {
        var index: UInt64
        var completed: Instant
        var token: String
    }

    /// The acknowledged writes of each key, in the order of the log.
    private var writes: [String: [Write]] = [:]
    /// What transactions wrote of which nobody knows whether they took effect.
    private var unknown = Set<String>()
    /// What each list holds at the end.
    private var lists: [String: [String]] = [:]
    private let answered: [HistoryOperation]

    init(_ record: RecordContents) {
        let transactions = record.history.filter { $0.function == .txn }
        answered = transactions.filter { $0.outcome == .ok }
        for row in record.final {
            if case .list = row.value { lists[row.key] = row.value.tokens }
        }
        for operation in transactions where operation.outcome == .info {
            for step in operation.steps where step.function != .read {
                if case .text(let token) = step.value { unknown.insert(token) }
            }
        }
        for operation in answered {
            guard case .sequence(_, let index)? = operation.version,
                let completed = operation.completed
            else { continue }
            for step in operation.steps where step.function != .read {
                guard case .text(let token) = step.value else { continue }
                writes[step.key, default: []].append(
                    Write(index: index, completed: completed, token: token))
            }
        }
        for key in writes.keys { writes[key]?.sort { $0.index < $1.index } }
    }

    /// How many transactions were answered.
    var count: Int { answered.count }

    /// What no order explains.
    var problems: [String] {
        var result: [String] = []
        for (key, writes) in writes.sorted(by: { $0.key < $1.key }) where lists[key] != nil {
            for write in writes {
                let times = lists[key]?.count { $0 == write.token } ?? 0
                if times != 1 { result.append("\(write.token) is there \(times) times") }
            }
        }
        return result + answered.flatMap(problems(of:))
    }

    private func problems(of operation: HistoryOperation) -> [String] {
        var own: [String: [String]] = [:]
        // It must stand after the one and before the other.
        var after: UInt64 = 0
        var before = UInt64.max
        for step in operation.steps {
            if step.function != .read {
                if case .text(let token) = step.value { own[step.key, default: []].append(token) }
                continue
            }
            let mine = own[step.key] ?? []
            let others = (writes[step.key] ?? []).filter { write in
                !operation.steps.contains {
                    $0.function != .read && $0.value == .text(write.token)
                }
            }
            var seen: Set<String>
            switch step.value {
            case .list:
                let tokens = step.value.tokens
                guard Array(tokens.suffix(mine.count)) == mine else {
                    return ["\(operation.index) read \(step.key) without its own appends"]
                }
                let theirs = Array(tokens.dropLast(mine.count))
                guard Array((lists[step.key] ?? []).prefix(theirs.count)) == theirs else {
                    return ["\(operation.index) read \(step.key) as it never was"]
                }
                seen = Set(theirs)
            case .text(let token):
                if let last = mine.last {
                    if token != last { return ["\(operation.index) missed its own write"] }
                    continue
                }
                if unknown.contains(token) { continue }
                guard let write = others.first(where: { $0.token == token }) else {
                    return ["\(operation.index) read \(token), which nobody wrote there"]
                }
                if others.last(where: { $0.index == write.index })?.token != token {
                    return ["\(operation.index) read \(token), which its writer replaced at once"]
                }
                // It saw that write and with it all before it.
                seen = Set(others.filter { $0.index <= write.index }.map(\.token))
            case .null:
                if !mine.isEmpty { return ["\(operation.index) missed its own write"] }
                seen = []
            case .integer, .pair, .transaction: return ["\(operation.index) read \(step.value)"]
            }
            for write in others {
                if seen.contains(write.token) {
                    after = max(after, write.index)
                } else {
                    before = min(before, write.index)
                    if let invoked = operation.invoked, write.completed < invoked {
                        return ["\(operation.index) missed \(write.token), acknowledged before"]
                    }
                }
            }
        }
        if case .sequence(_, let index)? = operation.version {
            return after < index && index < before
                ? [] : ["\(operation.index) at \(index) saw \(after) and not \(before)"]
        }
        return after < before ? [] : ["\(operation.index) saw \(after) and not \(before)"]
    }
}

extension HistoryValue {
    /// The elements of a list; of anything else none.
    var tokens: [String] {
        if case .list = self { return json.elements?.compactMap(\.text) ?? [] }
        return []
    }
}

extension HistoryOperation {
    /// The steps of a transaction.
    var steps: [MicroOperation] {
        if case .transaction(let steps) = value { steps } else { [] }
    }
}
