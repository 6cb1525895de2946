import Determinism
import Replication

extension Validator {
    mutating func checkActions() {
        for (index, action) in scenario.actions.enumerated() {
            let path = top.key("actions").index(index)
            checkMoment(action.at, path.key("at"), what: "an action")
            let target = path.key(action.kind.name)
            switch action.kind {
            case .transferLeader(let place):
                checkMember(place, action.group, target)
                checkHasLeader(action, target)
            case .failover(let place):
                checkMember(place, action.group, target)
                checkHasLeader(action, target)
            case .removeMember(let place), .promote(let place):
                checkKnown(place, target)
                checkHasLeader(action, target)
                checkMembersChange(action, target)
            case .addMember(let place):
                checkKnown(place, target)
                checkHasLeader(action, target)
                checkMembersChange(action, target)
                checkNotMember(place, action, target)
            case .stop(let selector):
                checkSelector(selector, target)
            case .start(let selector):
                checkSelector(selector, target)
                checkStopped(selector, before: action.at, target)
            }
        }
    }

    private mutating func checkKnown(_ place: Place, _ path: ScenarioPath) {
        if !nodes.contains(where: place.contains) { report(path, "no node is there") }
    }

    private mutating func checkHasLeader(_ action: ActionSpec, _ path: ScenarioPath) {
        let concerned = action.group.flatMap { group($0) }.map { [$0] } ?? groups
        if !concerned.contains(where: { description(of: $0)?.hasLeader ?? true }) {
            report(
                path, "\(action.kind.name), but no data type that it concerns has a leader",
                expected: "a strategy with a leader")
        }
    }

    private mutating func checkMembersChange(_ action: ActionSpec, _ path: ScenarioPath) {
        let concerned = (action.group.flatMap { group($0) }.map { [$0] } ?? groups)
            .filter { description(of: $0)?.hasLeader ?? true }
        if !concerned.isEmpty,
            concerned.allSatisfy({ description(of: $0)?.hasFixedMembers ?? false })
        {
            report(
                path,
                "\(action.kind.name), but the members of \(concerned[0].replication.strategy) groups are fixed",
                expected: "a strategy whose groups change, such as raft")
        }
    }

    /// Reports a place without members: founding ones, or such as an action adds.
    private mutating func checkMember(_ place: Place, _ id: GroupID?, _ path: ScenarioPath) {
        checkKnown(place, path)
        let isAdded = scenario.actions.contains { action in
            if case .addMember(let added) = action.kind {
                added.region == place.region
            } else {
                false
            }
        }
        if isAdded { return }
        let concerned = id.flatMap { group($0) }.map { [$0] } ?? groups
        if !concerned.contains(where: { members(of: $0).contains(place.region) }) {
            report(
                path, "\(name(place.region)) is not a member of the group",
                expected: "the region of a member")
        }
    }

    private mutating func checkNotMember(
        _ place: Place, _ action: ActionSpec, _ path: ScenarioPath
    ) {
        let wasRemoved = scenario.actions.contains { other in
            guard case .removeMember(let removed) = other.kind else { return false }
            return other.at < action.at && removed.region == place.region
        }
        let concerned = (action.group.flatMap { group($0) }.map { [$0] } ?? groups)
            .filter { description(of: $0)?.hasLeader ?? true }
        let isMember = concerned.allSatisfy { members(of: $0).contains(place.region) }
        if isMember, !wasRemoved, !concerned.isEmpty {
            report(
                path, "\(name(place.region)) is a member from the start",
                expected: "a region that is not, or was removed before")
        }
    }

    private mutating func checkStopped(
        _ selector: NodeSelector, before moment: TimeSpan, _ path: ScenarioPath
    ) {
        let isStopped = scenario.actions.contains { other in
            guard case .stop(let stopped) = other.kind, other.at < moment else { return false }
            guard let these = staticNodes(selector), let those = staticNodes(stopped) else {
                return true
            }
            return !these.isDisjoint(with: those)
        }
        let isKilled = scenario.faults.contains { fault in
            guard case .kill = fault.kind, let first = fault.timing.moments.first else {
                return false
            }
            return first < moment
        }
        if !isStopped && !isKilled {
            report(
                path, "a start of nodes that nothing has stopped before",
                expected: "an earlier stop or kill")
        }
    }
}
