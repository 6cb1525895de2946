import Determinism
import Recording
import RegionCore
import Replication
import Scenarios

/// An operator's command until its group has carried it out.
struct PendingCommand {
    let action: String
    let target: String
    let group: GroupID
    var command: Administration
    /// What is to follow when it succeeded.
    var then: Administration?
    /// When it was first wanted.
    var began: Instant
    var attempts = 0
    /// Who was asked, and when; `nil` between attempts.
    var asked: (node: NodeID, at: Instant)?
    /// When to ask again, between attempts.
    var retryAt = Instant.zero
    /// Why the last attempt came to nothing.
    var error: String?

    init(
        action: String, target: String, group: GroupID, command: Administration,
        then: Administration?, began: Instant
    ) {
        self.action = action
        self.target = target
        self.group = group
        self.command = command
        self.then = then
        self.began = began
    }
}

/// Commands to groups, as an operator gives them: again and again until the group has done it or
/// time is up. A new member has to catch up before it can be promoted, one change of membership
/// has to wait for another, and whoever was asked may die. Every command does nothing if what it
/// asks for is so already.
extension Director {
    func send(_ command: PendingCommand, _ actions: inout [ConductAction]) {
        var pending = command
        pending.command = renewed(command.command)
        let id = nextToken
        nextToken += 1
        pending.attempts += 1
        let index = Int(pending.group.index)
        guard
            let node = leaders[index]?.node
                ?? members[index].first(where: { nodes[$0]?.isLive == true })
        else {
            commands[id] = pending
            return retry(id, error: "nobody is there to take it", &actions)
        }
        pending.asked = (node, now)
        commands[id] = pending
        actions.append(.administer(id, node, pending.group, pending.command))
    }

    /// The same of the life that a node is in now: it may have lost its disk since it was meant.
    private func renewed(_ command: Administration) -> Administration {
        func latest(_ member: MemberID) -> MemberID {
            max(member, nodes[member.node]?.status?.member ?? member)
        }
        return switch command {
        case .addLearner(let member): .addLearner(latest(member))
        case .promote(let member): .promote(latest(member))
        case .remove, .transferLeader: command
        }
    }

    func administered(_ id: UInt64, _ reply: ClientReply, _ actions: inout [ConductAction]) {
        guard let pending = commands[id], pending.asked != nil else { return }
        if case .failed(let error) = reply.outcome {
            switch error.code {
            case .unsupported, .invalid:
                commands[id] = nil
                record(pending, error: error.message, &actions)
            case .notMember, .noLeader, .consensusNotAchieved, .sessionExpired, .overloaded,
                .recovering, .storage, .refused, .leadershipLost, .regionsSilent:
                retry(id, error: error.message, &actions)
            }
            return
        }
        commands[id] = nil
        record(pending, error: nil, &actions)
        if let next = pending.then {
            send(
                PendingCommand(
                    action: pending.action, target: pending.target, group: pending.group,
                    command: next, then: nil, began: now), &actions)
        }
    }

    private func retry(_ id: UInt64, error: String, _ actions: inout [ConductAction]) {
        guard var pending = commands[id] else { return }
        guard now - pending.began < timing.commandMax else {
            commands[id] = nil
            return record(pending, error: error, &actions)
        }
        pending.asked = nil
        pending.error = error
        pending.retryAt = now + timing.commandPause
        commands[id] = pending
    }

    /// Repeats commands that came to nothing or were not answered.
    func repeatCommands(_ actions: inout [ConductAction]) {
        if commands.isEmpty { return }
        for id in commands.keys.sorted() {
            guard let pending = commands[id] else { continue }
            if let asked = pending.asked {
                let name = plan.name(of: asked.node)
                if nodes[asked.node]?.hasProcess != true {
                    retry(id, error: "\(name) ended before it answered", &actions)
                } else if now - asked.at > timing.answerMax {
                    retry(id, error: "\(name) did not answer", &actions)
                }
            } else if now - pending.began >= timing.commandMax {
                retry(id, error: pending.error ?? "not done in time", &actions)
            } else if now >= pending.retryAt {
                commands[id] = nil
                send(pending, &actions)
            }
        }
    }

    private func record(
        _ pending: PendingCommand, error: String?, _ actions: inout [ConductAction]
    ) {
        event(
            .action, group: pending.group,
            [
                .init("action", .text(pending.action)), .init("target", .text(pending.target)),
                .init("command", .text(pending.command.name)),
                .init("attempts", .count(pending.attempts)),
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
