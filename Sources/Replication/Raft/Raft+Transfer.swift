import Determinism

/// A transfer of leadership under way.
struct Transfer: Sendable {
    /// Who is to lead.
    var target: MemberID
    /// When it is given up.
    var deadline: Instant
    var origin: Origin
    /// Whether the target was asked to seek election.
    var isHandedOver = false
}

/// Handing leadership to another member (3.10), on demand or to the preferred region.
extension Raft {
    func transferLeadership(
        to region: RegionID, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        if me.node.region == region {
            answer(ClientReply(.done(nil)), to: origin, &output)
            return
        }
        guard let target = bestVoter(in: region, now) else {
            let error = ServiceError(
                .refused, "no voter of that region is connected and caught up",
                isIndefinite: false)
            answer(.failed(error), to: origin, &output)
            return
        }
        beginTransfer(to: target, origin, now, &output)
    }

    /// At a heartbeat: hands over to the preferred region once a node of it has caught up.
    func seekPreferredLeader(_ now: NodeTime, _ output: inout Output) {
        guard let region = options.preferredLeader, region != me.node.region, transfer == nil,
            commitIndex >= termStart, now.monotonic >= preferredTransferDue,
            let target = bestVoter(in: region, now)
        else { return }
        // If it fails, the next attempt waits, so that a poor link does not cost availability.
        preferredTransferDue = now.monotonic + options.electionTimeout.upperBound * 4
        beginTransfer(to: target, .internal, now, &output)
    }

    private func bestVoter(in region: RegionID, _ now: NodeTime) -> MemberID? {
        peers.filter { peer in
            peer.member.node.region == region && membership.isVoter(peer.member)
                && isCaughtUp(peer.member, now)
        }.max { ($0.match, $1.member) < ($1.match, $0.member) }?.member
    }

    private func beginTransfer(
        to target: MemberID, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        transitions.count(.transferBegun)
        // From here on requests wait and the lease is not relied on.
        transfer = Transfer(
            target: target,
            deadline: now.monotonic + options.electionTimeout.lowerBound, origin: origin)
        flush(now, &output)
        continueTransfer(now, &output)
    }

    /// Asks the target to seek election, once it has the whole log.
    func continueTransfer(_ now: NodeTime, _ output: inout Output) {
        guard isLeader, let transfer, !transfer.isHandedOver,
            let index = peerIndex(transfer.target), peers[index].match == log.lastIndex
        else { return }
        self.transfer?.isHandedOver = true
        self.transfer?.deadline = now.monotonic + options.electionTimeout.lowerBound
        reads.leaseForfeited = reads.leaseForfeited ?? now.monotonic
        send(.timeoutNow(term), to: transfer.target, &output)
    }

    /// The target did not come to lead in time: this member goes on, if it still leads.
    func abandonTransfer(_ now: NodeTime, _ output: inout Output) {
        guard let abandoned = transfer else { return }
        transitions.count(.transferAbandoned)
        transfer = nil
        let error = ServiceError(
            .refused, "\(abandoned.target) did not take over in time",
            isIndefinite: abandoned.isHandedOver, hint: leader?.node)
        answer(.failed(error), to: abandoned.origin, &output)
        if isLeader { dispatchWaiting(now, &output) }
    }

    /// A new leader is known: tells whoever asked for a transfer whether it is the wanted one.
    func settleTransfer(_ output: inout Output) {
        guard let settled = transfer, let leader else { return }
        transfer = nil
        if leader == settled.target {
            transitions.count(.transferDone)
            answer(ClientReply(.done(nil)), to: settled.origin, &output)
        } else {
            let error = ServiceError(
                .refused, "\(leader) was elected instead of \(settled.target)",
                isIndefinite: false, hint: leader.node)
            answer(.failed(error), to: settled.origin, &output)
        }
    }

    /// The leader asks this member to seek election at once.
    func timeoutNow(
        _ leaderTerm: Term, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard leaderTerm == term, leader == sender, role == .follower, isVoter else { return }
        seekVotes(isTransfer: true, now, &output)
    }
}
