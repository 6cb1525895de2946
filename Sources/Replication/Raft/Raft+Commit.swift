import DequeModule
import Determinism

/// Deciding what is committed, applying it, and answering who waits for it.
extension Raft {
    func becameDurable(
        _ position: JournalPosition, _ now: NodeTime, _ output: inout Output
    ) {
        durability.confirm(position)
        if isLeader {
            advanceCommit(now, &output)
        } else if role == .candidate, let ownVote = campaign.ownVote, ownVote <= position {
            campaign.ownVote = nil
            campaign.granted.append(me)
            tally(now, &output)
        }
    }

    /// Commits what a majority of the voters has durably, if it is of the leader's own term:
    /// an entry of an earlier term is only committed along with one of this (3.6.2).
    func advanceCommit(_ now: NodeTime, _ output: inout Output) {
        let membership = self.membership
        var matches: [LogIndex] = []
        matches.reserveCapacity(membership.voters.count)
        for voter in membership.voters { matches.append(acceptedIndex(of: voter)) }
        guard matches.count >= membership.quorum else { return }
        matches.sort()
        let majority = matches[matches.count - membership.quorum]
        guard majority > commitIndex, log.term(at: majority) == term else { return }
        commit(through: majority, now, &output)
    }

    /// Up to where a voter has the leader's log durably.
    private func acceptedIndex(of voter: MemberID) -> LogIndex {
        if voter == me { return durability.durableIndex }
        return peerIndex(voter).map { peers[$0].match } ?? .zero
    }

    /// Applies everything up to `index`, as far as it is in the log.
    func commit(through index: LogIndex, _ now: NodeTime, _ output: inout Output) {
        let target = min(index, log.lastIndex)
        guard target > commitIndex else { return }
        let before = commitIndex
        commitIndex = target
        knownCommit = max(knownCommit, target)
        while machine.appliedIndex < target,
            let entry = log.entry(at: machine.appliedIndex.next)
        {
            let applied = machine.apply(entry)
            guard isLeader else { continue }
            uncommittedBytes = max(0, uncommittedBytes - entry.cost)
            for session in applied.closedSessions {
                output.note(
                    .sessionExpired, [.init("session", .number(Int64(clamping: session)))])
            }
            answerProposal(at: machine.appliedIndex, applied.reply, &output)
        }
        compactIfDue(&output)
        guard isLeader else { return }
        commitNoticeDue = min(
            commitNoticeDue,
            now.monotonic + min(options.heartbeat, RaftOptions.commitNoticeMax))
        if before < termStart, commitIndex >= termStart, reads.hasGathered {
            flushSoon(now, &output)
        }
        let change = memberships.currentIndex
        if change > before, change <= commitIndex { membershipCommitted(now, &output) }
    }

    private func answerProposal(
        at index: LogIndex, _ reply: ClientReply?, _ output: inout Output
    ) {
        while let first = proposals.first, first.index <= index {
            proposals.removeFirst()
            if first.index == index, let reply { answer(reply, to: first.origin, &output) }
        }
    }

    /// Answers what has waited too long for a majority. It may be committed yet.
    func expireProposals(_ now: NodeTime, _ output: inout Output) {
        while let first = proposals.first, first.deadline <= now.monotonic {
            proposals.removeFirst()
            guard first.origin != .internal else { continue }
            let error = ServiceError(
                .consensusNotAchieved, tally(of: first.index), isIndefinite: true)
            answer(.failed(error), to: first.origin, &output)
        }
    }

    /// Answers everything proposed, because this member no longer leads.
    func failProposals(
        _ code: ServiceError.Code, _ why: String, _ now: NodeTime, _ output: inout Output
    ) {
        for proposal in proposals where proposal.origin != .internal {
            // What was not even handed to the disk was sent to nobody: it cannot take effect.
            let isGone = proposal.index > persistedIndex
            let error = ServiceError(
                isGone ? .noLeader : code,
                isGone
                    ? "the leader gave up leading: \(why)"
                    : "\(tally(of: proposal.index)); the leader gave up leading: \(why)",
                isIndefinite: !isGone)
            answer(.failed(error), to: proposal.origin, &output)
        }
        proposals.removeAll(keepingCapacity: true)
    }

    /// How many voters have accepted an entry: "consensus not achieved: 2/5 regions accepted".
    private func tally(of index: LogIndex) -> String {
        let voters = membership.voters
        let count = voters.filter { acceptedIndex(of: $0) >= index }.count
        return "consensus not achieved: \(count)/\(voters.count) \(membership.countedNoun) "
            + "accepted"
    }
}
