import Determinism
import Recording
import Replication

/// What the versions of operations tell of the order in which they took effect. A service may well
/// give wrong ones, so that they are only what a search tries first.
extension KeyHistory {
    /// The hint of an operation with this version.
    func hint(_ version: Version?) -> UInt64? {
        guard method == .fast else { return nil }
        switch version {
        case .sequence(_, let index): return index
        case .causal(_, _, let timestamp):
            return UInt64(max(0, timestamp.wall.nanosecondsSince1970))
        case nil: return nil
        }
    }

    /// With a hint for each indefinite update of a register whose value was seen: that of the
    /// operations that saw it.
    static func hinted(
        _ calls: [ObjectCall<RegisterModel.Call>]
    ) -> [ObjectCall<RegisterModel.Call>] {
        var seen: [Int64: UInt64] = [:]
        for call in calls {
            if let hint = call.hint, case .read(let value) = call.call { seen[value] = hint }
        }
        return calls.map { call in
            guard call.hint == nil else { return call }
            var call = call
            switch call.call {
            case .write(let value) where value != 0: call.hint = seen[value]
            case .replace(_, let value): call.hint = seen[value]
            case .write, .read, .impossible: break
            }
            return call
        }
    }

    /// The hint of an append whose `element` is in a `list` that was seen with `hint`: below those
    /// of the elements after it.
    static func hint(
        of element: Int64, in list: [Int64], seenWith hint: UInt64, known: [Int64: UInt64]
    ) -> UInt64 {
        var bound = hint
        for later in list.reversed() {
            if later == element { break }
            bound = min(bound, known[later] ?? .max)
            bound = bound > 0 ? bound - 1 : 0
        }
        return bound
    }
}
