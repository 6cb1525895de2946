import Determinism
import Recording
import RegionCore
import Replication
import Scenarios

/// What an operator does.
extension Director {
    func carryOut(_ action: ActionSpec, _ actions: inout [ConductAction]) {
        switch action.kind {
        case .stop(let selector):
            for node in plan.nodes(selectedBy: selector, leader: leader(of:)) {
                guard nodes[node]?.hasProcess == true else {
                    note(action, plan.name(of: node), error: "not running", &actions)
                    continue
                }
                nodes[node]?.isStoppedByOperator = true
                nodes[node]?.state = .ending
                actions.append(.stop(node))
                isLeaving(node)
                note(action, plan.name(of: node), error: nil, &actions)
            }
        case .start(let selector):
            for node in plan.nodes(selectedBy: selector, leader: leader(of:)) {
                start(node, action, &actions)
            }
        case .transferLeader(let place), .failover(let place):
            for group in groups(of: action) {
                command(
                    action, group, .transferLeader(to: place.region),
                    plan.name(of: place.region), &actions)
            }
        case .addMember(let place):
            for (group, member) in members(in: place, action) {
                command(
                    action, group, .addLearner(member), plan.name(of: member.node),
                    then: .promote(member), &actions)
            }
        case .removeMember(let place):
            for (group, member) in lives(in: place, action) {
                command(action, group, .remove(member), plan.name(of: member.node), &actions)
            }
        case .promote(let place):
            for (group, member) in members(in: place, action) {
                command(action, group, .promote(member), plan.name(of: member.node), &actions)
            }
        }
    }

    private func start(
        _ node: NodeID, _ action: ActionSpec, _ actions: inout [ConductAction]
    ) {
        guard nodes[node]?.hasProcess == false else {
            return note(action, plan.name(of: node), error: "running", &actions)
        }
        // Where a fault holds it down, it starts when that heals.
        nodes[node]?.isStoppedByOperator = false
        // A fault that never heals leaves the node to the operator.
        for fault in board.active {
            guard case .kill = fault.kind, plan.faults[fault.number - 1].end == nil else {
                continue
            }
            board.release(node, from: fault.number)
        }
        guard !board.nodesKilled.contains(node) else {
            return note(
                action, plan.name(of: node), error: "killed by a fault that has yet to heal",
                &actions)
        }
        guard !board.nodesWithoutDisk.contains(node) else {
            return note(
                action, plan.name(of: node),
                error: "without a disk by a fault that has yet to heal",
                &actions)
        }
        applyBoard(&actions)
        note(action, plan.name(of: node), error: nil, &actions)
    }

    private func groups(of action: ActionSpec) -> [GroupID] {
        if let group = action.group { return [group] }
        return plan.groups.filter { group in
            strategies.first { $0.name == group.strategy }?.hasLeader ?? false
        }.map(\.id)
    }

    private func members(in place: Place, _ action: ActionSpec) -> [(GroupID, MemberID)] {
        groups(of: action).flatMap { group in
            plan.nodes.filter { place.contains($0.id) }.map { node in
                (group, nodes[node.id]?.status?.member ?? MemberID(node.id))
            }
        }
    }

    /// The same, with every life of the nodes that still belongs: of a node that lost its disk the
    /// earlier one counts as long as the new one has not taken its place.
    private func lives(in place: Place, _ action: ActionSpec) -> [(GroupID, MemberID)] {
        let current = members(in: place, action)
        let others = groups(of: action).flatMap { group -> [(GroupID, MemberID)] in
            guard let leader = leader(of: group), let view = nodes[leader]?.view(of: group) else {
                return []
            }
            return (view.voters + view.learners).filter { life in
                place.contains(life.node) && !current.contains { $0 == (group, life) }
            }.map { (group, $0) }
        }
        return others + current
    }

    private func command(
        _ action: ActionSpec, _ group: GroupID, _ command: Administration, _ target: String,
        then next: Administration? = nil, _ actions: inout [ConductAction]
    ) {
        send(
            PendingCommand(
                action: action.kind.name, target: target, group: group, command: command,
                then: next, began: now), &actions)
    }

    private func note(
        _ action: ActionSpec, _ target: String, error: String?, _ actions: inout [ConductAction]
    ) {
        event(
            .action,
            [
                .init("action", .text(action.kind.name)), .init("target", .text(target)),
                .init("ok", .flag(error == nil)), .init("error", .optional(error)),
            ], &actions)
    }
}
