/// How far the history of a register is from linearizable: the least time Δ by which every read
/// would have to have been invoked earlier for there to be an order (Δ-atomicity; Golab, Li and
/// Shah, "Analyzing Consistency Properties for Fun and Profit", 2011). 0 for a linearizable one.
///
/// Moving reads back never takes an order away, so halving finds it; each step is a sort.
package enum AtomicityDelta: Hashable, Sendable {
    /// In nanoseconds.
    case finite(Int64)
    /// No shift of reads helps: a value was read before it was written, or never was.
    case infinite
    /// Values are written more than once or with unknown outcome: times do not decide.
    case unknown

    /// That of `calls`, whose values are small numbers.
    package init(_ calls: [ObjectCall<RegisterModel.Call>]) {
        if Self.showsWhatNobodyWrote(calls) {
            self = .infinite
            return
        }
        let zones = RegisterZones(calls)
        guard zones.isDecisive else {
            self = .unknown
            return
        }
        guard zones.contradiction != nil else {
            self = .finite(0)
            return
        }
        var latest = Int64.min
        var earliest = Int64.max
        for call in calls {
            latest = max(latest, call.invoked)
            earliest = min(earliest, call.invoked)
        }
        var low: Int64 = 0
        var high = latest - earliest + 1
        guard Self.isLinearizable(calls, readsEarlierBy: high) else {
            self = .infinite
            return
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if Self.isLinearizable(calls, readsEarlierBy: middle) {
                high = middle
            } else {
                low = middle
            }
        }
        self = .finite(high)
    }

    private static func showsWhatNobodyWrote(_ calls: [ObjectCall<RegisterModel.Call>]) -> Bool {
        var written: Set<Int64> = [0]
        for call in calls {
            switch call.call {
            case .write(let value), .replace(_, let value): written.insert(value)
            case .read, .impossible: break
            }
        }
        return calls.contains { call in
            guard call.returned != nil, case .read(let value) = call.call else { return false }
            return !written.contains(value)
        }
    }

    private static func isLinearizable(
        _ calls: [ObjectCall<RegisterModel.Call>], readsEarlierBy delta: Int64
    ) -> Bool {
        let moved = calls.map { call in
            guard case .read = call.call else { return call }
            var call = call
            call.invoked -= delta
            return call
        }
        return RegisterZones(moved).contradiction == nil
    }
}
