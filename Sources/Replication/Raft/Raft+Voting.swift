import Determinism

/// Giving votes: at most one per term, only to a candidate whose log holds everything that may be
/// committed (3.4, 3.6.1), and not while a leader is heard (4.2.3).
extension Raft {
    func answerVote(
        _ request: VoteRequest, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        // A member that was never taken in has nothing to vote with, and a life that was replaced
        // must not come back through a vote. A learner votes if asked: the candidate may know
        // that it was promoted.
        guard hasBelonged || membership.contains(me), !membership.isSuperseded(sender) else {
            return
        }
        if request.isPreVote {
            answerPreVote(request, sender, now, &output)
            return
        }
        if request.term > term {
            if protectsLeader(now), !request.isTransfer {
                transitions.count(.voteRefusedForLeader)
                refuse(isPreVote: false, sender, &output)
                return
            }
            if isEmbargoed(now), !request.isTransfer {
                transitions.count(.voteRefusedForLease)
                refuse(isPreVote: false, sender, &output)
                return
            }
            becomeFollower(request.term, leader: nil, now, &output)
        }
        let isGranted =
            request.term == term && !isLeader && (leader == nil || leader == sender)
            && hasVote(for: sender) && isUpToDate(request)
            && (!isEmbargoed(now) || request.isTransfer)
        guard isGranted else {
            transitions.count(.voteRefused)
            refuse(isPreVote: false, sender, &output)
            return
        }
        transitions.count(.voteGranted)
        role = .follower
        if hardState.vote == nil {
            hardState.vote = sender
            persistVote(&output)
            restartElectionTimer(now)
        }
        send(
            .voteReply(VoteReply(term: term, isPreVote: false, isGranted: true)), to: sender,
            &output, .onceDurable)
    }

    /// Whether the vote of the term is free, or the candidate's already.
    private func hasVote(for candidate: MemberID) -> Bool {
        #if PlantedBugs
            if role == .follower, PlantedBug.isPlanted(.twoVotesInATerm) { return true }
        #endif
        return hardState.vote == nil || hardState.vote == candidate
    }

    private func persistVote(_ output: inout Output) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.voteNotPersisted) { return }
        #endif
        output.persist(RaftRecord(.hardState(hardState)))
    }

    private func answerPreVote(
        _ request: VoteRequest, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        let isGranted =
            request.term > term && isUpToDate(request) && !isLeader && !hearsLeader(now)
            && !isEmbargoed(now)
        guard isGranted else {
            transitions.count(.preVoteRefused)
            refuse(isPreVote: true, sender, &output)
            return
        }
        transitions.count(.preVoteGranted)
        send(
            .voteReply(VoteReply(term: request.term, isPreVote: true, isGranted: true)),
            to: sender, &output)
    }

    private func refuse(isPreVote: Bool, _ sender: MemberID, _ output: inout Output) {
        // The term may have been adopted just now; it is told only once it is durable.
        send(
            .voteReply(VoteReply(term: term, isPreVote: isPreVote, isGranted: false)),
            to: sender, &output, .onceDurable)
    }

    /// Whether the candidate's log is at least as complete as the own (3.6.1).
    private func isUpToDate(_ request: VoteRequest) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.electionRestrictionMissing) { return true }
        #endif
        return (request.lastTerm, request.lastIndex) >= (log.lastTerm, log.lastIndex)
    }

    /// Whether a leader was heard within the shortest election timeout.
    private func hearsLeader(_ now: NodeTime) -> Bool {
        guard let contact = lastLeaderContact else { return false }
        return now.monotonic - contact < options.electionTimeout.lowerBound
    }

    /// Whether a candidate with a later term is ignored for the sake of the current leader.
    /// Without pre-vote a later term always wins, as in chapter 3, except that leases rest on it.
    private func protectsLeader(_ now: NodeTime) -> Bool {
        guard options.preVote || options.reads == .lease else { return false }
        return isLeader || hearsLeader(now)
    }

    private func isEmbargoed(_ now: NodeTime) -> Bool {
        guard let embargo = voteEmbargo else { return false }
        return now.monotonic < embargo
    }
}
