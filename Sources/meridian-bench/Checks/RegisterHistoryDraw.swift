import Determinism
import Recording

/// Draws histories of registers that clients in closed loop made, each operation taking effect at
/// a moment between its invocation and its return: valid ones, and ones with a single wrong read.
struct RegisterHistoryDraw {
    var operations: Int
    var processes: Int
    var keys = 1
    /// Of how many operations the outcome is unknown, 0 to 1.
    var unknownShare = 0.0
    /// How many values there are; `nil`: each write has one of its own.
    var values: Int?
    /// Of how many operations are compare-and-sets, 0 to 1; half of the others are reads.
    var casShare = 0.0
    /// Whether a read shows what was overwritten before it began.
    var isInvalid = false
    var seed: UInt64 = 1

    fileprivate struct Draft {
        var invoked: Int64
        var effect: Int64
        var returned: Int64
        var process: Int
        var key: Int
        var kind: HistoryFunction
        var value = HistoryValue.null
        var outcome = HistoryOperation.Outcome.ok
        var takesEffect = true
    }

    /// The history.
    func drawn() -> History {
        var random = RandomStream(seed: seed, name: "register history")
        var drafts = times(&random)
        let order = drafts.indices.sorted { (drafts[$0].effect, $0) < (drafts[$1].effect, $1) }
        takeEffect(&drafts, order, &random)
        if isInvalid { spoil(&drafts, order, &random) }
        return history(drafts)
    }

    /// When each operation begins, takes effect and ends.
    private func times(_ random: inout RandomStream) -> [Draft] {
        var free = (0..<processes).map { (time: Int64($0), process: $0) }
        var next = processes
        var drafts: [Draft] = []
        drafts.reserveCapacity(operations)
        while drafts.count < operations {
            // All processes go round by round: their times drift apart as they draw.
            for index in free.indices where drafts.count < operations {
                let invoked = free[index].time + Int64(1 + random.index(20))
                let effect = invoked + Int64(1 + random.index(60))
                let returned = effect + Int64(1 + random.index(60))
                let roll = random.unit()
                let kind: HistoryFunction =
                    roll < casShare ? .cas : roll < (1 + casShare) / 2 ? .read : .write
                var draft = Draft(
                    invoked: invoked, effect: effect, returned: returned,
                    process: free[index].process, key: random.index(keys), kind: kind)
                free[index].time = returned
                if kind != .read, random.chance(unknownShare) {
                    draft.outcome = .info
                    draft.takesEffect = random.chance(0.5)
                    free[index].process = next
                    next += 1
                }
                drafts.append(draft)
            }
        }
        return drafts
    }

    private func takeEffect(
        _ drafts: inout [Draft], _ order: [Int], _ random: inout RandomStream
    ) {
        var state = Array(repeating: HistoryValue.null, count: keys)
        var written: Int64 = 0
        func new() -> HistoryValue {
            if let values { return .integer(Int64(random.index(values))) }
            written += 1
            return .integer(written)
        }
        for index in order {
            let key = drafts[index].key
            switch drafts[index].kind {
            case .read: drafts[index].value = state[key]
            case .cas:
                let value = new()
                let isMeant = random.chance(0.5)
                let from = isMeant ? state[key] : new()
                drafts[index].value = .pair(from: from, to: value)
                if from != state[key] {
                    if drafts[index].outcome == .ok { drafts[index].outcome = .fail }
                } else if drafts[index].takesEffect {
                    state[key] = value
                }
            case _:
                drafts[index].value = new()
                if drafts[index].takesEffect { state[key] = drafts[index].value }
            }
        }
    }

    /// Lets a late read see a value that was overwritten before it began.
    private func spoil(
        _ drafts: inout [Draft], _ order: [Int], _ random: inout RandomStream
    ) {
        let late = order.suffix(order.count / 4)
        for reader in late where drafts[reader].kind == .read {
            let earlier = order.prefix { drafts[$0].effect < drafts[reader].invoked }
            let writes = earlier.filter {
                drafts[$0].key == drafts[reader].key && drafts[$0].kind == .write
                    && drafts[$0].outcome == .ok && drafts[$0].returned < drafts[reader].invoked
            }
            guard let last = writes.last, let value = drafts[writes[0]].value.number,
                writes.count > 3, drafts[writes[0]].returned < drafts[last].invoked,
                !drafts.contains(where: {
                    $0.couldBring(value, to: drafts[reader].key, after: drafts[last].invoked)
                })
            else { continue }
            drafts[reader].value = .integer(value)
            return
        }
    }

    private func history(_ drafts: [Draft]) -> History {
        var history = History()
        let order = drafts.indices.sorted { (drafts[$0].invoked, $0) < (drafts[$1].invoked, $1) }
        for (index, place) in order.enumerated() {
            let draft = drafts[place]
            var operation = HistoryOperation(
                index: index, process: draft.process, client: UInt64(draft.process),
                session: UInt64(draft.process), region: "us-east-1", attempts: 1,
                function: draft.kind, dataType: "default", key: "k\(draft.key)",
                value: draft.value, planned: Instant(nanoseconds: draft.invoked * 1000),
                invoked: Instant(nanoseconds: draft.invoked * 1000))
            operation.outcome = draft.outcome
            if draft.outcome != .info {
                operation.completed = Instant(nanoseconds: draft.returned * 1000)
            }
            history.append(operation)
        }
        return history
    }
}

extension RegisterHistoryDraw.Draft {
    /// Whether it may set `key` to `value` at any time after `moment`.
    fileprivate func couldBring(_ value: Int64, to key: Int, after moment: Int64) -> Bool {
        guard self.key == key, kind != .read, outcome == .info || returned > moment else {
            return false
        }
        if case .pair(_, let new) = self.value { return new.number == value }
        return self.value.number == value
    }
}

extension HistoryValue {
    fileprivate var number: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }
}
