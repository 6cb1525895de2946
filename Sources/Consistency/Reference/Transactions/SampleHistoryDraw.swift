import Determinism

/// Draws histories of transactions that are carried out in some order, each on a state that may be
/// old, with some of what they saw changed.
package enum SampleHistoryDraw {
    /// Times such that some transactions overlap and some do not, ties included.
    private static func times(
        _ count: Int, _ random: inout RandomStream
    ) -> [SampleTransaction] {
        (0..<count).map { _ in
            let invoked = Int64(random.index(6))
            return SampleTransaction(
                operations: [], process: Int32(random.index(3)), invoked: invoked,
                returned: invoked + Int64(random.index(4)))
        }
    }

    /// A history of lists. If it is complete, two reads at the end show all that was appended.
    package static func lists(
        _ random: inout RandomStream, count: Int, isComplete: Bool
    ) -> SampleHistory {
        var sample = SampleHistory(kind: .listAppend)
        sample.transactions = times(count, &random)
        var states: [[[Int32]]] = [[[], []]]
        var element: Int32 = 0
        let staleness = random.index(3)
        for number in sample.transactions.indices {
            let state = states[max(0, states.count - 1 - random.index(staleness + 1))]
            var own: [[Int32]] = [[], []]
            for _ in 0...random.index(2) {
                let key = random.index(2)
                if random.chance(0.5) {
                    element += 1
                    own[key].append(element)
                    sample.transactions[number].operations.append(.append(key, element))
                } else {
                    var list = state[key] + own[key]
                    if random.chance(0.08) { list = random.shuffled(list) }
                    if random.chance(0.08), !list.isEmpty { list.removeLast() }
                    if random.chance(0.02) { list.append(element + 1) }
                    sample.transactions[number].operations.append(.readList(key, list))
                }
            }
            guard takesEffect(&sample.transactions[number], &random) else { continue }
            let last = states[states.count - 1]
            states.append([0, 1].map { last[$0] + own[$0] })
        }
        sample.transactions = random.shuffled(sample.transactions)
        guard isComplete else { return sample }
        separateProcesses(&sample)
        addReads(of: states[states.count - 1], to: &sample, &random)
        return sample
    }

    /// A history of registers.
    package static func registers(
        _ random: inout RandomStream, count: Int
    ) -> SampleHistory {
        var sample = SampleHistory(kind: .readWriteRegister)
        sample.transactions = times(count, &random)
        var states: [[Int32]] = [[0, 0]]
        var value: Int32 = 0
        let staleness = random.index(3)
        for number in sample.transactions.indices {
            var state = states[max(0, states.count - 1 - random.index(staleness + 1))]
            var following = states[states.count - 1]
            for _ in 0...random.index(3) {
                let key = random.index(2)
                if random.chance(0.5) {
                    value += 1
                    state[key] = value
                    following[key] = value
                    sample.transactions[number].operations.append(.write(key, value))
                } else {
                    let seen = random.chance(0.05) ? Int32(random.index(4)) : state[key]
                    sample.transactions[number].operations.append(.readValue(key, seen))
                }
            }
            if takesEffect(&sample.transactions[number], &random) { states.append(following) }
        }
        sample.transactions = random.shuffled(sample.transactions)
        return sample
    }

    /// Gives a transaction an outcome, and says whether it takes effect: what failed does too
    /// now and then.
    private static func takesEffect(
        _ one: inout SampleTransaction, _ random: inout RandomStream
    ) -> Bool {
        let outcome = random.index(12)
        if outcome == 0 { one.outcome = .fail }
        if outcome == 1 || outcome == 2 {
            one.outcome = .info
            one.returned = nil
        }
        return outcome > 1 || random.chance(0.1)
    }

    /// Gives transactions that overlap in one process another one: the order of a process is only
    /// told exactly if it does one thing at a time.
    private static func separateProcesses(_ sample: inout SampleHistory) {
        let order = sample.transactions.indices.sorted {
            (sample.transactions[$0].invoked, $0) < (sample.transactions[$1].invoked, $1)
        }
        var free: [Int32: Int64] = [:]
        for number in order {
            let one = sample.transactions[number]
            if free[one.process, default: 0] > one.invoked {
                sample.transactions[number].process = Int32(10 + number)
            }
            free[sample.transactions[number].process] = one.returned ?? .max
        }
    }

    /// What a reader at the end sees is the order in which appends took effect; those that it may
    /// not see are only those that may not have happened.
    private static func addReads(
        of state: [[Int32]], to sample: inout SampleHistory, _ random: inout RandomStream
    ) {
        for (key, shown) in state.enumerated() {
            var list = shown
            for one in sample.transactions where one.outcome == .ok {
                for case .append(key, let element) in one.operations
                where !list.contains(element) {
                    list.append(element)
                }
            }
            if random.chance(0.1), list.count > 1 { list.swapAt(list.count - 1, list.count - 2) }
            sample.transactions.append(
                SampleTransaction(
                    operations: [.readList(key, list)], process: 50, invoked: 20 + Int64(key),
                    returned: 20 + Int64(key)))
        }
    }
}
