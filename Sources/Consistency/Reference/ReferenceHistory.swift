/// Decides by trial whether a small history is consistent with a model: from the definitions, with
/// every order that they say may exist, not from patterns. Tests and `meridian-bench` compare
/// the checkers with it.
///
/// Operations are bits of a mask; up to eight of them, and up to six for models of which every
/// partial order is tried.
package struct ReferenceHistory {
    package let history: SessionHistory
    private let count: Int
    private let all: UInt32
    private let keyCount: Int
    private let keys: [Int]
    private let reads: [Int32]
    private let writes: [Int32]
    /// For each operation those before it in its session.
    private let before: [UInt32]
    /// For each session its operations.
    private let members: [UInt32]

    /// Takes `history`, all of whose operations took effect.
    package init(_ history: SessionHistory) {
        self.history = history
        count = history.count
        all = (1 << UInt32(history.count)) - 1
        keyCount = history.keyCount
        keys = history.keys.map(Int.init)
        reads = Array(history.reads)
        writes = Array(history.writes)
        members = (0..<history.sessionCount).map { session in
            history.operations(of: session).reduce(0) { $0 | 1 << UInt32($1) }
        }
        before = (0..<history.count).map { index in
            history.operations(of: Int(history.sessions[index])).reduce(0) {
                $1 < index ? $0 | 1 << UInt32($1) : $0
            }
        }
    }

    /// Whether some order of the operations in `chosen`, in which each comes after those in
    /// `order`, lets each of `judged` return what it did.
    private func isExplained(
        _ chosen: UInt32, _ order: [UInt32], judged: UInt32
    ) -> Bool {
        var values = [Int32](repeating: SessionHistory.absence, count: keyCount)
        func extend(_ placed: UInt32) -> Bool {
            if placed == chosen { return true }
            var open = chosen & ~placed
            while open != 0 {
                let index = open.trailingZeroBitCount
                open &= open - 1
                if order[index] & chosen & ~placed != 0 { continue }
                let key = keys[index]
                let value = values[key]
                if judged >> UInt32(index) & 1 == 1, reads[index] != SessionHistory.nothing,
                    reads[index] != value
                {
                    continue
                }
                if writes[index] != SessionHistory.nothing { values[key] = writes[index] }
                if extend(placed | 1 << UInt32(index)) { return true }
                values[key] = value
            }
            return false
        }
        return extend(0)
    }

    /// Sequential consistency: one order of all operations.
    package func isSequential() -> Bool { isExplained(all, before, judged: all) }

    /// PRAM: for each session an order of its operations and of all writes.
    package func isPRAM() -> Bool {
        let writing = (0..<count).reduce(UInt32(0)) {
            writes[$1] == SessionHistory.nothing ? $0 : $0 | 1 << UInt32($1)
        }
        return members.allSatisfy { isExplained(writing | $0, before, judged: $0) }
    }

    /// Which of the causal models allow the history.
    package func causalModels(_ orders: inout PartialOrders) -> Set<CausalModel> {
        var allowed = Set<CausalModel>()
        let reading = (0..<count).filter { reads[$0] != SessionHistory.nothing }
        let flat = orders.extending(before)
        var order = [UInt32](repeating: 0, count: count)
        for begin in stride(from: 0, to: flat.count, by: max(count, 1)) {
            for index in 0..<count { order[index] = UInt32(flat[begin + index]) }
            // Each of the other two is a special case.
            let isCausal = reading.allSatisfy { index in
                isExplained(
                    order[index] | 1 << UInt32(index), order, judged: 1 << UInt32(index))
            }
            guard isCausal else { continue }
            allowed.insert(.causal)
            if !allowed.contains(.causalMemory),
                reading.allSatisfy({ index in
                    let past = order[index] | 1 << UInt32(index)
                    return isExplained(
                        past, order, judged: before[index] | 1 << UInt32(index))
                })
            {
                allowed.insert(.causalMemory)
            }
            if !allowed.contains(.causalConvergence), isArbitrated(order) {
                allowed.insert(.causalConvergence)
            }
            if allowed.count == 3 { break }
        }
        if count == 0 { allowed = [.causal, .causalMemory, .causalConvergence] }
        if isPRAM() { allowed.insert(.pram) }
        return allowed
    }

    /// Whether some total order that extends `order` explains every operation by those that are
    /// before it in `order`.
    private func isArbitrated(_ order: [UInt32]) -> Bool {
        var sequence: [Int] = []
        func extend(_ placed: UInt32) -> Bool {
            if placed == all { return true }
            for index in 0..<count where placed >> UInt32(index) & 1 == 0 {
                guard order[index] & ~placed == 0 else { continue }
                if reads[index] != SessionHistory.nothing {
                    let last = sequence.last {
                        order[index] >> UInt32($0) & 1 == 1 && keys[$0] == keys[index]
                            && writes[$0] != SessionHistory.nothing
                    }
                    let value = last.map { writes[$0] } ?? SessionHistory.absence
                    if value != reads[index] { continue }
                }
                sequence.append(index)
                if extend(placed | 1 << UInt32(index)) { return true }
                sequence.removeLast()
            }
            return false
        }
        return extend(0)
    }
}

/// The partial orders of a few elements that extend given ones.
package struct PartialOrders {
    private var known: [[UInt32]: [UInt8]] = [:]

    /// None made yet.
    package init() {}

    /// Every strict partial order that extends `base`, in which elements come after their
    /// predecessors; each as one mask of predecessors per element, one after another.
    mutating func extending(_ base: [UInt32]) -> [UInt8] {
        if let made = known[base] { return made }
        var orders: [[UInt8]] = [[]]
        for element in base.indices {
            var following: [[UInt8]] = []
            for order in orders {
                for down in 0..<(1 << element) {
                    guard base[element] & ~UInt32(down) == 0 else { continue }
                    // What precedes must be closed under predecessors.
                    guard
                        (0..<element).allSatisfy({
                            down >> $0 & 1 == 0 || Int(order[$0]) & ~down == 0
                        })
                    else { continue }
                    for up in 0..<(1 << element) where up & down == 0 {
                        let fits = (0..<element).allSatisfy { other in
                            if up >> other & 1 == 1 {
                                // What follows must follow all that precedes.
                                return down & ~Int(order[other]) == 0
                            }
                            return Int(order[other]) & up == 0
                        }
                        guard fits else { continue }
                        var extended = order
                        for other in 0..<element where up >> other & 1 == 1 {
                            extended[other] |= 1 << UInt8(element)
                        }
                        extended.append(UInt8(down))
                        following.append(extended)
                    }
                }
            }
            orders = following
        }
        let flat = orders.flatMap { $0 }
        known[base] = flat
        return flat
    }
}
