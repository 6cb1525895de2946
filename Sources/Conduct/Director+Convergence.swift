import Determinism
import Recording
import RegionCore
import Replication
import Scenarios

/// A healed fault whose acknowledged writes are not yet known to be everywhere.
struct PendingConvergence {
    var id: String
    var healed: Instant
    /// What was acknowledged before the heal, by group.
    var frontier: [AppliedPosition?]
}

/// Convergence: after each fault, and at the end.
extension Director {
    /// Takes note of an acknowledged write's version.
    func acknowledge(_ version: Version, in group: GroupID) {
        let index = Int(group.index)
        guard acknowledged.indices.contains(index) else { return }
        switch (version, acknowledged[index]) {
        case (.sequence(_, let position), .index(let earlier)):
            acknowledged[index] = .index(max(position, earlier))
        case (.sequence(_, let position), nil): acknowledged[index] = .index(position)
        case (.causal(let dot, _, _), let earlier):
            var vector = VersionVector()
            if case .vector(let known) = earlier { vector = known }
            vector[dot.member] = max(vector[dot.member], dot.counter)
            acknowledged[index] = .vector(vector)
        case (.sequence, .vector): break
        }
    }

    func checkConvergences(_ actions: inout [ConductAction]) {
        convergences.removeAll { pending in
            guard isEverywhere(pending) else { return false }
            actions.append(
                .record(
                    .event(
                        FaultConverged(
                            time: recordTime, id: pending.id, after: now - pending.healed
                        ).event)))
            return true
        }
    }

    private func isEverywhere(_ pending: PendingConvergence) -> Bool {
        plan.groups.allSatisfy { group in
            guard let frontier = pending.frontier[Int(group.id.index)] else { return true }
            return liveMembers(of: group).allSatisfy { node in
                guard let status = nodes[node]?.status, status.time.monotonic >= pending.healed,
                    let view = nodes[node]?.view(of: group.id)
                else { return false }
                return view.applied.covers(frontier)
            }
        }
    }

    /// The members of `group` that take part or are on their way to.
    func liveMembers(of group: PlannedGroup) -> [NodeID] {
        members[Int(group.id.index)].filter { !isLeftOut($0) }
    }

    /// Whether nobody can expect the node to take part: it was killed, stopped or made to stand
    /// still for good, or ended for want of a disk.
    private func isLeftOut(_ node: NodeID) -> Bool {
        guard let record = nodes[node] else { return true }
        // What is asked of a core at the end does not wait for the rest.
        if let liveness, liveness.began != nil, !liveness.core.contains(node) { return true }
        return record.isPaused || record.isStoppedByOperator || board.nodesKilled.contains(node)
            || !record.hasProcess && board.nodesWithoutDisk.contains(node)
    }

    func beginConverging(_ actions: inout [ConductAction]) {
        for index in strikes.indices
        where strikes[index].ended == nil && strikes[index].closing == nil {
            beginClosing(index, &actions)
        }
        lastHealOrStop = max(lastHealOrStop, clientsEnd)
        enter(.converging)
        nextPoll = now
    }

    /// Ends the wait when all live members agree, or after too long.
    func awaitConvergence(_ actions: inout [ConductAction]) {
        let agree = plan.groups.allSatisfy(membersAgree)
        agreedSince = agree ? agreedSince ?? now : nil
        let isHopeless = plan.groups.contains { liveMembers(of: $0).isEmpty }
        // Evidence that is still to come does not count as time to agree.
        guard strikes.allSatisfy(\.isClosed),
            agree || isHopeless || now - phaseBegan > convergenceMax
        else { return }
        var digests: [Convergence.Digest] = []
        for group in plan.groups {
            for node in liveMembers(of: group) {
                guard let view = nodes[node]?.view(of: group.id) else { continue }
                digests.append(
                    Convergence.Digest(
                        group: group.name, node: plan.name(of: node),
                        digest: view.digest.description))
            }
        }
        let leftOut = plan.nodes.filter { isLeftOut($0.id) }.map(\.name)
        let finding = Convergence(
            time: recordTime, converged: agree, after: (agreedSince ?? now) - lastHealOrStop,
            digests: digests, leftOut: leftOut)
        record(finding.event, &actions)
        concludeLiveness(agreed: agree ? finding.after : nil, &actions)
        recordTotals(&actions)
        enter(.collecting)
        collect(&actions)
    }

    private var convergenceMax: TimeSpan {
        let longest = max(timing.convergenceMax, plan.liveness?.within ?? .zero)
        return plan.expectations.reduce(longest) { longest, expectation in
            if case .converged(let within, _) = expectation { return max(longest, within) }
            return longest
        }
    }

    private func membersAgree(on group: PlannedGroup) -> Bool {
        let live = liveMembers(of: group)
        // Where nobody is left, nobody agrees.
        if live.isEmpty { return false }
        var first: (applied: AppliedPosition, digest: StateDigest)?
        for node in live {
            guard nodes[node]?.state == .up, let status = nodes[node]?.status,
                status.time.monotonic >= phaseBegan, let view = nodes[node]?.view(of: group.id),
                view.isReady
            else { return false }
            if let first, first.applied != view.applied || first.digest != view.digest {
                return false
            }
            first = (view.applied, view.digest)
        }
        return true
    }
}
