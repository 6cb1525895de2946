import Determinism

/// How the group looks from one member.
extension Raft {
    /// The group as this member sees it; ready once it has caught up with a leader.
    public var view: GroupView {
        let applied = machine.appliedIndex
        let membership = self.membership
        return GroupView(
            role: visibleRole, leader: leader, term: term.rawValue,
            commitIndex: commitIndex.rawValue, lastIndex: log.lastIndex.rawValue,
            applied: .index(applied.rawValue), lag: UInt64(knownCommit - applied),
            digest: machine.values.digest, keyCount: UInt64(machine.values.count),
            voters: membership.voters, learners: membership.learners, isReady: isReady)
    }

    /// Every key with its value; deleted keys are not remembered.
    public func finalState() -> [FinalEntry] { machine.values.sorted() }

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
