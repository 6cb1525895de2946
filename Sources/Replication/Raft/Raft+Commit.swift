import DequeModule
import Determinism

/// Deciding what is committed, applying it, and answering who waits for it.
extension Raft {
    func becameDurable(
        _ position: JournalPosition, _ now: NodeTime, _ output: inout Output
    ) {
        durability.confirm(position)
        if termPosition.map({ $0 <= position }) ?? true {
            durableTerm = term
            termPosition = nil
        }
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
        #if !PlantedBugs
            guard isCommitDue else { return }
        #endif
        let (counted, quorum) = commitElectorate
        var matches: [LogIndex] = []
        matches.reserveCapacity(counted.count)
        for voter in counted { matches.append(acceptedIndex(of: voter)) }
        guard matches.count >= quorum else { return }
        matches.sort()
        let majority = matches[matches.count - quorum]
        guard majority > commitIndex, isCommittedByCounting(majority) else { return }
        commit(through: majority, now, &output)
    }

    /// Whether a majority of the voters has something durably that is not committed: asked far
    /// more often than it is so.
    private var isCommitDue: Bool {
        let commitIndex = commitIndex
        let count = countVoters(includingMe: durability.durableIndex > commitIndex) { peer in
            peer.match > commitIndex
        }
        return count >= membership.quorum
    }

    /// Whose acceptance counts for a commit, and how many of them it takes.
    private var commitElectorate: (counted: [MemberID], quorum: Int) {
        #if PlantedBugs
            if let wrong = plantedElectorate { return wrong }
        #endif
        return (membership.voters, membership.quorum)
    }

    /// Whether an entry that a majority has is committed by that alone.
    private func isCommittedByCounting(_ index: LogIndex) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.earlierTermCommitted) { return true }
        #endif
        return log.term(at: index) == term
    }

    /// Up to where a voter has the leader's log durably.
    private func acceptedIndex(of voter: MemberID) -> LogIndex {
        #if PlantedBugs
            if voter == me, PlantedBug.isPlanted(.ownDiskNotAwaited) { return persistedIndex }
        #endif
        if voter == me { return durability.durableIndex }
        return peerIndex(voter).map { peers[$0].match } ?? .zero
    }

    /// The leader has committed something that makes it sure of what is committed.
    func noteEstablished(_ output: inout Output) {
        output.note(
            .leaderEstablished, [.init("term", .number(Int64(clamping: term.rawValue)))])
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
            count(applied)
            if output.logsReplication {
                output.replicated(entry, at: machine.appliedIndex, applied, from: leader ?? me)
            }
            if !proposals.isEmpty {
                answerProposal(at: machine.appliedIndex, entry.term, applied.reply, &output)
            }
            guard isLeader else { continue }
            uncommittedBytes = max(0, uncommittedBytes - entry.cost)
            for session in applied.closedSessions {
                output.note(
                    .sessionExpired, [.init("session", .number(Int64(clamping: session)))])
            }
        }
        takeNoteOfBelonging()
        compactIfDue(&output)
        guard isLeader else { return }
        if before < termStart, commitIndex >= termStart {
            if before.next < termStart { transitions.count(.earlierTermsCommitted) }
            noteEstablished(&output)
        }
        commitNoticeDue = min(
            commitNoticeDue,
            now.monotonic + min(options.heartbeat, RaftOptions.commitNoticeMax))
        if before < termStart, commitIndex >= termStart, reads.hasGathered {
            flushSoon(now, &output)
        }
        let change = memberships.currentIndex
        if change > before, change <= commitIndex { membershipCommitted(now, &output) }
    }

    private func count(_ applied: LogStateMachine.Applied) {
        if applied.isRepeat { transitions.count(.repeatRecognised) }
        if case .sessionOpened = applied.reply?.outcome { transitions.count(.sessionOpened) }
        for _ in applied.closedSessions { transitions.count(.sessionClosed) }
    }

    /// Answers whoever waits for the entry at `index`, also after this member ceased to lead:
    /// the entry committed is either the one proposed, or another in whose favour the one
    /// proposed is gone for good.
    private func answerProposal(
        at index: LogIndex, _ term: Term, _ reply: ClientReply?, _ output: inout Output
    ) {
        while let first = proposals.first, first.index <= index {
            proposals.removeFirst()
            guard first.index == index else { continue }
            if first.term != term {
                let error = ServiceError(
                    .leadershipLost, "another leader's entry took the place of this one",
                    isIndefinite: false)
                answer(.failed(error), to: first.origin, &output)
            } else if let reply {
                #if PlantedBugs
                    let reply = reply.with(first.plantedReads)
                #endif
                answer(reply, to: first.origin, &output)
            }
        }
    }

    /// Answers what has waited too long for a majority. It may be committed yet.
    func expireProposals(_ now: NodeTime, _ output: inout Output) {
        while let first = proposals.first, first.deadline <= now.monotonic {
            proposals.removeFirst()
            guard first.origin != .internal else { continue }
            transitions.count(.writeExpired)
            let message = first.lastTally ?? tally(of: first.index)
            let error = ServiceError(.consensusNotAchieved, message, isIndefinite: true)
            answer(.failed(error), to: first.origin, &output)
        }
    }

    /// Answers everything proposed, because no majority can be reached.
    func failProposals(_ why: String, _ output: inout Output) {
        let ending = proposals
        proposals.removeAll(keepingCapacity: true)
        for proposal in ending where proposal.origin != .internal {
            let error = ServiceError(
                .consensusNotAchieved, "\(tally(of: proposal.index)); \(why)",
                isIndefinite: proposal.index <= persistedIndex)
            answer(.failed(error), to: proposal.origin, &output)
        }
    }

    /// This member ceases to lead. What others may have can still be committed by the next
    /// leader, and is answered then; the rest was sent to nobody and cannot take effect.
    func releaseProposals(_ why: String, _ output: inout Output) {
        while let last = proposals.last, last.index > persistedIndex {
            proposals.removeLast()
            let error = ServiceError(
                .noLeader, "the leader gave up leading: \(why)", isIndefinite: false)
            answer(.failed(error), to: last.origin, &output)
        }
        for number in proposals.indices where proposals[number].origin != .internal {
            proposals[number].lastTally =
                "\(tally(of: proposals[number].index)); then the leader gave up leading: \(why)"
        }
    }

    /// Entries after `index` are gone from the own log; other members may have them yet.
    func dropProposals(after index: LogIndex, _ output: inout Output) {
        while let last = proposals.last, last.index > index {
            proposals.removeLast()
            transitions.count(.writeDropped)
            let error = ServiceError(
                .leadershipLost,
                "leadership was lost before the request was committed; it may take effect yet",
                isIndefinite: true)
            answer(.failed(error), to: last.origin, &output)
        }
    }

    /// How many voters have accepted an entry: "consensus not achieved: 2/5 regions accepted".
    private func tally(of index: LogIndex) -> String {
        let voters = membership.voters
        let count = voters.filter { acceptedIndex(of: $0) >= index }.count
        return "consensus not achieved: \(count)/\(voters.count) \(membership.countedNoun) "
            + "accepted"
    }
}
