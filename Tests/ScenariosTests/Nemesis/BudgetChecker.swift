import Determinism
import Replication
import Scenarios

/// Says of a Plan, by trying everything out, whether it keeps within the budget `minority`. It
/// shares no code with what draws: for each moment, each possible leader and each subset of a
/// group's voters it asks whether that subset is a whole majority.
struct BudgetChecker {
    let plan: Plan

    /// Every moment and group of which no majority is whole; empty if the budget is kept.
    var violations: [String] {
        var result = liesThatMatter
        let starts = plan.faults.map(\.at) + plan.actions.map(\.at)
        for moment in Set(starts + plan.faults.compactMap(\.end)).sorted() {
            let inForce = plan.faults.filter { isInForce($0, at: moment) }
            for leaders in assignments(inForce) {
                for group in plan.groups
                where !hasWholeMajority(group, inForce, leaders, at: moment) {
                    result.append(
                        "\(moment): \(group.name), \(inForce.map { "\($0.id) \($0.kind)" })")
                }
            }
        }
        return result
    }

    private func isInForce(_ fault: PlannedFault, at moment: TimeSpan) -> Bool {
        if case .reset = fault.kind { return false }
        guard fault.at <= moment else { return false }
        if let end = fault.end { return moment < end }
        return true
    }

    /// Every way in which the faults that strike a leader can find one.
    private func assignments(_ faults: [PlannedFault]) -> [[Int: NodeID]] {
        faults.reduce([[:]]) { partial, fault in
            guard usesLeader(fault.kind) else { return partial }
            return partial.flatMap { known in
                plan.nodes.map { node in known.merging([fault.number: node.id]) { $1 } }
            }
        }
    }

    private func usesLeader(_ kind: FaultKind) -> Bool {
        switch kind {
        case .isolate(let selector), .refuse(let selector), .kill(let selector, _),
            .pause(let selector), .clock(let selector, _), .disk(let selector, _):
            if case .leader = selector { return true }
            return false
        case .partition, .cut, .degrade, .reset, .slow, .surge, .random: return false
        }
    }

    private func targets(_ selector: NodeSelector, _ leader: NodeID?) -> Set<NodeID> {
        Set(plan.nodes(selectedBy: selector, leader: { _ in leader }))
    }

    private func hasWholeMajority(
        _ group: PlannedGroup, _ inForce: [PlannedFault], _ leaders: [Int: NodeID],
        at moment: TimeSpan
    ) -> Bool {
        var unfit = forgetful(until: moment)
        var cut: Set<[NodeID]> = []
        var offsets: [NodeID: TimeSpan] = [:]
        var drifts: [NodeID: Double] = [:]
        let all = Set(plan.nodes.map(\.id))
        for fault in inForce {
            let leader = leaders[fault.number]
            func cutAll(_ one: Set<NodeID>, _ other: Set<NodeID>) {
                for a in one { for b in other where a != b { cut.formUnion([[a, b], [b, a]]) } }
            }
            switch fault.kind {
            case .partition(let sides):
                for (index, side) in sides.enumerated() {
                    for other in sides[..<index] { cutAll(targets(side, nil), targets(other, nil)) }
                }
            case .isolate(let selector):
                let inside = targets(selector, leader)
                cutAll(inside, all.subtracting(inside))
            case .refuse(let selector): cutAll(targets(selector, leader), all)
            case .cut(let scope, _):
                for link in plan.links(in: scope, leader: { _ in nil }) {
                    cutAll([link.from], [link.to])
                }
            case .kill(let selector, _), .pause(let selector):
                unfit.formUnion(targets(selector, leader))
            case .disk(let selector, let trouble):
                if trouble.extraSync == nil { unfit.formUnion(targets(selector, leader)) }
            case .clock(let selector, let error):
                for node in targets(selector, leader) {
                    offsets[node, default: .zero] += error.offset ?? .zero
                    drifts[node, default: 0] += error.driftPartsPerMillion ?? 0
                }
            case .degrade, .reset, .slow, .surge, .random: break
            }
        }
        for (node, offset) in offsets where offset > .seconds(60) || offset < .seconds(-60) {
            unfit.insert(node)
        }
        let fast = drifts.filter { $0.value.magnitude > 1000 }.map(\.key)
        unfit.formUnion(fast)
        if group.options["reads"] == .choice("lease"), fast.contains(where: group.voters.contains) {
            return false
        }
        for action in plan.actions where action.at <= moment {
            switch action.kind {
            case .removeMember(let place): unfit.formUnion(all.filter(place.contains))
            case .stop(let selector):
                let isOver = plan.actions.contains { other in
                    guard case .start(selector) = other.kind else { return false }
                    return other.at > action.at && other.at <= moment
                }
                if !isOver { unfit.formUnion(targets(selector, nil)) }
            case .transferLeader, .addMember, .promote, .start, .failover: break
            }
        }
        return subsets(of: group.voters.filter { !unfit.contains($0) }).contains { subset in
            subset.count * 2 > group.voters.count
                && subset.allSatisfy { a in subset.allSatisfy { !cut.contains([a, $0]) } }
        }
    }

    private func subsets(of nodes: [NodeID]) -> [[NodeID]] {
        nodes.reduce([[]]) { sets, node in sets + sets.map { $0 + [node] } }
    }

    private func forgetful(until moment: TimeSpan) -> Set<NodeID> {
        plan.faults.reduce(into: []) { result, fault in
            guard fault.at <= moment else { return }
            switch fault.kind {
            case .kill(let selector, .gone): result.formUnion(targets(selector, nil))
            case .disk(let selector, let trouble) where trouble.corrupts:
                result.formUnion(targets(selector, nil))
            case _: break
            }
        }
    }

    /// Nodes whose disk lies and that may be ended later, or while it does.
    private var liesThatMatter: [String] {
        plan.faults.flatMap { lie -> [String] in
            guard case .disk(let selector, let trouble) = lie.kind, trouble.losesUnsynced else {
                return []
            }
            let liars = targets(selector, nil)
            if liars.isEmpty { return ["\(lie.id): nobody knows whose disk lies"] }
            let enders = plan.faults.filter { other in
                guard other.end.map({ $0 >= lie.at }) ?? true else { return false }
                switch other.kind {
                case .kill(.leader, _): return true
                case .kill(let selector, _): return !targets(selector, nil).isDisjoint(with: liars)
                case .disk(let selector, let trouble):
                    return (trouble.fails || trouble.isFull)
                        && !targets(selector, nil).isDisjoint(with: liars)
                case _: return false
                }
            }
            return enders.map { "\(lie.id): lies, and \($0.id) ends it" }
        }
    }
}
