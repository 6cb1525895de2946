import Determinism
import Recording
import RegionCore
import Replication
import Scenarios

/// An operator's command that waits for its group's answer.
struct PendingCommand {
    var action: String
    var target: String
    var group: GroupID
    var command: Administration
    /// What is to follow when it succeeded.
    var then: Administration?
    var attempts: Int
}

/// A node's part in a group.
struct Membership: Hashable {
    var node: NodeID
    var group: GroupID
}

/// What an operator does.
extension Director {
    func carryOut(_ action: ActionSpec, _ actions: inout [ConductAction]) {
        switch action.kind {
        case .stop(let selector):
            for node in plan.nodes(selectedBy: selector, leader: leader(of:)) {
                guard let record = nodes[node] else { continue }
                nodes[node]?.isStoppedByOperator = true
                let runs = record.state == .up || record.state == .starting
                if runs {
                    nodes[node]?.state = .ending
                    actions.append(.stop(node))
                }
                note(action, plan.name(of: node), error: runs ? nil : "not running", &actions)
            }
        case .start(let selector):
            for node in plan.nodes(selectedBy: selector, leader: leader(of:)) {
                guard let record = nodes[node] else { continue }
                nodes[node]?.isStoppedByOperator = false
                let isDown = record.state == .down || record.state == .ending
                relaunchIfWanted(node, &actions)
                note(action, plan.name(of: node), error: isDown ? nil : "running", &actions)
            }
        case .transferLeader(let place):
            for group in groups(of: action) {
                command(
                    action, group, .transferLeader(to: place.region),
                    plan.name(of: place.region), &actions)
            }
        case .addMember(let place):
            for (group, member) in members(in: place, action) {
                removedMembers.remove(Membership(node: member.node, group: group))
                command(
                    action, group, .addLearner(member), plan.name(of: member.node),
                    then: .promote(member), &actions)
            }
        case .removeMember(let place):
            for (group, member) in members(in: place, action) {
                removedMembers.insert(Membership(node: member.node, group: group))
                command(action, group, .remove(member), plan.name(of: member.node), &actions)
            }
        case .promote(let place):
            for (group, member) in members(in: place, action) {
                command(action, group, .promote(member), plan.name(of: member.node), &actions)
            }
        case .failover(let place):
            note(
                action, plan.name(of: place.region), error: "no strategy of the run has it",
                &actions)
        }
    }

    private func groups(of action: ActionSpec) -> [GroupID] {
        if let group = action.group { return [group] }
        return plan.groups.filter { group in
            strategies.first { $0.name == group.strategy }?.hasLeader ?? false
        }.map(\.id)
    }

    private func members(in place: Place, _ action: ActionSpec) -> [(GroupID, MemberID)] {
        let affected = action.group.map { [$0] } ?? plan.groups.map(\.id)
        return affected.flatMap { group in
            plan.nodes.filter { place.contains($0.id) }.map { node in
                (group, nodes[node.id]?.status?.member ?? MemberID(node.id))
            }
        }
    }

    private func command(
        _ action: ActionSpec, _ group: GroupID, _ command: Administration, _ target: String,
        then next: Administration? = nil, _ actions: inout [ConductAction]
    ) {
        send(
            PendingCommand(
                action: action.kind.name, target: target, group: group, command: command,
                then: next, attempts: 1), &actions)
    }

    private func send(_ pending: PendingCommand, _ actions: inout [ConductAction]) {
        let members = plan.groups[Int(pending.group.index)].voters
        guard
            let node = leaders[Int(pending.group.index)]?.node
                ?? members.first(where: { nodes[$0]?.isLive == true })
        else {
            record(pending, error: "nobody is there to take it", &actions)
            return
        }
        let id = nextToken
        nextToken += 1
        commands[id] = pending
        actions.append(.administer(id, node, pending.group, pending.command))
    }

    func administered(_ id: UInt64, _ reply: ClientReply, _ actions: inout [ConductAction]) {
        guard let pending = commands.removeValue(forKey: id) else { return }
        if case .failed(let error) = reply.outcome {
            record(pending, error: error.message, &actions)
            return
        }
        record(pending, error: nil, &actions)
        if let next = pending.then {
            var following = pending
            following.command = next
            following.then = nil
            send(following, &actions)
        }
    }

    private func record(
        _ pending: PendingCommand, error: String?, _ actions: inout [ConductAction]
    ) {
        event(
            .action, group: pending.group,
            [
                .init("action", .text(pending.action)), .init("target", .text(pending.target)),
                .init("command", .text("\(pending.command.name)")),
                .init("ok", .flag(error == nil)), .init("error", .optional(error)),
            ], &actions)
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

extension Administration {
    /// The command in a word, for events.
    fileprivate var name: String {
        switch self {
        case .transferLeader: "transfer-leader"
        case .addLearner: "add-learner"
        case .promote: "promote"
        case .remove: "remove"
        }
    }
}
