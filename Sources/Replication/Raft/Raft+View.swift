import Determinism

/// How the group looks from one member.
extension Raft {
    /// The group as this member sees it; ready once it has caught up with a leader.
    public var view: GroupView {
        let applied = machine.appliedIndex
        let membership = self.membership
        return GroupView(
            role: visibleRole, leader: leader, term: durableTerm.rawValue,
            commitIndex: commitIndex.rawValue, lastIndex: log.lastIndex.rawValue,
            applied: .index(applied.rawValue), appliedTerm: machine.appliedTerm.rawValue,
            lag: UInt64(knownCommit - applied),
            digest: machine.values.digest, keyCount: UInt64(machine.values.count),
            voters: membership.voters, learners: membership.learners, isReady: isReady)
    }

    /// Every key with its value; deleted keys are not remembered.
    public func finalState() -> [FinalEntry] { machine.values.sorted() }

    /// How often each of the ``StrategyDescription/transitions`` happened since the start.
    public var transitionCounts: [UInt64] { transitions.counts }

    /// Counts a change of the part in elections. Why a leader stops leading is counted where it
    /// does.
    func countChange(of old: Role, to new: Role) {
        switch (old, new) {
        case (.follower, .preCandidate): transitions.count(.followerToPreCandidate)
        case (.follower, .candidate):
            transitions.count(
                campaign.isTransfer ? .followerToCandidateByTransfer : .followerToCandidate)
        case (.preCandidate, .preCandidate): transitions.count(.preCandidateToPreCandidate)
        case (.preCandidate, .candidate): transitions.count(.preCandidateToCandidate)
        case (.preCandidate, .follower): transitions.count(.preCandidateToFollower)
        case (.candidate, .preCandidate): transitions.count(.candidateToPreCandidate)
        case (.candidate, .candidate): transitions.count(.candidateToCandidate)
        case (.candidate, .leader): transitions.count(.candidateToLeader)
        case (.candidate, .follower): transitions.count(.candidateToFollower)
        case (.follower, .follower), (.follower, .leader), (.preCandidate, .leader),
            (.leader, .follower), (.leader, .preCandidate), (.leader, .candidate),
            (.leader, .leader):
            break
        }
    }

    private var visibleRole: GroupView.Role {
        switch role {
        case .leader: .leader
        case .preCandidate, .candidate: .candidate
        case .follower: isVoter ? .follower : .learner
        }
    }

    private var isReady: Bool {
        guard isStarted, membership.contains(me), leader != nil else { return false }
        return isLeader ? commitIndex >= termStart : hasCaughtUp
    }
}
