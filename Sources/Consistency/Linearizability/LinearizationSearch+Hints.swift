/// The order in which a guided search tries alternatives. It makes no difference to whether there
/// is an order of the operations, only to how soon one is found; with true hints mostly at once.
///
/// 1. What has no hint and would change nothing.
/// 2. The lowest hint first. But if that does not fit, something is missing before it, which can
///    only be what has no hint: first that after which it fits, then the others.
/// 3. What has no hint, if nothing was missing.
extension LinearizationSearch {
    private enum Rank: Comparable {
        case idle
        case remedy
        case missing
        case hinted(UInt64)
        case unhinted
    }

    /// The invocation to try after that at `entry`, or the first; -1 if there is none any more.
    mutating func hinted(after entry: Int?, _ state: Int64) -> Int {
        let wanted = wanted(state)
        let last = entry.map { rank($0 / 2, state, wanted) }
        var isBehind = false
        var best: (entry: Int, rank: Rank)?
        var candidate = Int(next[head])
        while candidate >= 0, candidate & 1 == 0 {
            if candidate == entry {
                isBehind = true
            } else {
                let rank = rank(candidate / 2, state, wanted)
                // Equal ones come in the order of the list.
                let isLeft = last.map { rank > $0 || rank == $0 && isBehind } ?? true
                if isLeft, best.map({ rank < $0.rank }) ?? true { best = (candidate, rank) }
            }
            candidate = Int(next[candidate])
        }
        return best?.entry ?? -1
    }

    /// The operation that should be next and does not fit: that with the lowest hint, or without
    /// hints the one that returns first.
    private mutating func wanted(_ state: Int64) -> Int? {
        var lowest: UInt64?
        var wanted: Int?
        var candidate = Int(next[head])
        while candidate >= 0, candidate & 1 == 0 {
            let index = candidate / 2
            if let hint = calls[index].hint {
                let isLower = lowest.map { hint < $0 } ?? true
                if isLower || hint == lowest && wanted != nil {
                    lowest = hint
                    wanted = model.step(state, calls[index].call) == nil ? index : nil
                }
            }
            candidate = Int(next[candidate])
        }
        guard lowest == nil, candidate >= 0 else { return wanted }
        return model.step(state, calls[candidate / 2].call) == nil ? candidate / 2 : nil
    }

    private mutating func rank(_ index: Int, _ state: Int64, _ wanted: Int?) -> Rank {
        if let hint = calls[index].hint { return .hinted(hint) }
        let following = model.step(state, calls[index].call)
        if index < definiteCount, following == state { return .idle }
        guard let wanted else { return .unhinted }
        guard let following, model.step(following, calls[wanted].call) != nil else {
            return .missing
        }
        return .remedy
    }
}
