import Replication
import Scenarios

/// Taking a data type out of a scenario. A group is a position in the list of data types, so
/// everything that names a later one is numbered anew.
extension ShrinkCandidate {
    /// Without the data type listed at `index`; `nil` if a leader of it is struck, or an action or
    /// all of the workload goes to it.
    func removingDataType(_ index: Int) -> ShrinkCandidate? {
        func moved(_ group: GroupID) -> GroupID? {
            let position = Int(group.index)
            if position == index { return nil }
            return position > index ? GroupID(index: group.index - 1) : group
        }
        func moved(_ selector: NodeSelector) -> NodeSelector? {
            switch selector {
            case .leader(let group?): return moved(group).map { .leader($0) }
            case .primary(let group?): return moved(group).map { .primary($0) }
            case .leader(nil), .primary(nil): return selector
            case .list(let parts):
                let kept = parts.compactMap(moved)
                return kept.count == parts.count ? .list(kept) : nil
            case .place, .random, .minority, .majority, .all, .continent, .provider:
                return selector
            }
        }
        let kinds = scenario.faults.compactMap { fault -> FaultKind? in
            guard case .partition(let sides) = fault.kind else {
                return fault.kind.replacingSelector(moved)
            }
            let kept = sides.compactMap(moved)
            return kept.count == sides.count ? .partition(kept) : nil
        }
        let actions = scenario.actions.compactMap { action -> ActionSpec? in
            guard let group = action.group else { return action }
            guard let moved = moved(group) else { return nil }
            var action = action
            action.group = moved
            return action
        }
        let shares = scenario.workload.dataTypes.compactMap { share in
            moved(share.item).map { Share($0, share.weight) }
        }
        guard kinds.count == scenario.faults.count, actions.count == scenario.actions.count,
            !shares.isEmpty
        else { return nil }
        var services = scenario.services
        if let keeper = services.sessions?.dataType {
            guard let moved = moved(keeper) else { return nil }
            services.sessions?.dataType = moved
        }
        let result = mappingExpectations { expectation in
            expectation.mapping(group: moved)
        }
        return result.with { scenario in
            scenario.dataTypes.remove(at: index)
            for (position, kind) in kinds.enumerated() { scenario.faults[position].kind = kind }
            scenario.actions = actions
            scenario.services = services
            scenario.workload.dataTypes = evenShares(of: shares.map(\.item))
        }
    }

    /// The only data type that is listed, as the default of all: no list is needed.
    var foldingDataTypes: ShrinkCandidate? {
        guard scenario.groups.count == 1, let only = scenario.dataTypes.first,
            only.value == .register
        else { return nil }
        return with { scenario in
            scenario.replication = only.replication
            scenario.dataTypes = []
        }
    }
}

/// Shares for `items` that are alike and, in whole percent, add up to a hundred.
func evenShares<Item>(of items: [Item]) -> [Share<Item>] {
    guard items.count <= 100, !items.isEmpty else { return [] }
    let each = 100 / items.count
    return items.enumerated().map { position, item in
        let percent = position == 0 ? 100 - each * (items.count - 1) : each
        return Share(item, Double(percent) / 100)
    }
}
