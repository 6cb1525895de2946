import Determinism

/// Changing who belongs to the group, one member at a time (4.1), so that any two majorities of
/// neighbouring memberships have a member in common.
extension Raft {
    func administer(
        _ command: Administration, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        let current = membership
        switch command {
        case .transferLeader(let region):
            transferLeadership(to: region, origin, now, &output)
        case .addLearner(let member):
            if current.contains(member) {
                answer(ClientReply(.done(nil)), to: origin, &output)
            } else if current.members.contains(where: { $0.node == member.node }) {
                refuse(
                    "another life of the node belongs to the group; it must be removed first",
                    origin, &output)
            } else {
                change(to: current.addingLearner(member), origin, now, &output)
            }
        case .promote(let member):
            if current.isVoter(member) {
                answer(ClientReply(.done(nil)), to: origin, &output)
            } else if !current.contains(member) {
                refuse("\(member) does not belong to the group", origin, &output)
            } else if !isCaughtUp(member, now) {
                refuse("\(member) has not caught up yet", origin, &output)
            } else {
                change(to: current.promoting(member), origin, now, &output)
            }
        case .remove(let member):
            if !current.contains(member) {
                answer(ClientReply(.done(nil)), to: origin, &output)
            } else if current.voters == [member] {
                refuse("\(member) is the only voter", origin, &output)
            } else {
                change(to: current.removing(member), origin, now, &output)
            }
        }
    }

    private func refuse(_ why: String, _ origin: Origin, _ output: inout Output) {
        answer(
            .failed(ServiceError(.refused, why, isIndefinite: false)), to: origin, &output)
    }

    /// Why the membership cannot be changed now. The leader must have committed an entry of its
    /// own term, or it might not know of a change that is committed (Ongaro's correction of
    /// 2015), and the last change must be committed.
    private var obstacleToChange: String? {
        if !hasCommittedOfItsTerm {
            return "the leader has not committed an entry of its term yet"
        }
        if memberships.currentIndex > commitIndex {
            return "another change of membership is under way"
        }
        return nil
    }

    private var hasCommittedOfItsTerm: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.membershipBeforeNoOp) { return true }
        #endif
        return commitIndex >= termStart
    }

    private func change(
        to membership: Membership, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        if let obstacle = obstacleToChange {
            transitions.count(.membershipRefused)
            refuse(obstacle, origin, &output)
            return
        }
        if membership.voters.count > self.membership.voters.count {
            transitions.count(.memberPromoted)
        } else if membership.members.count < self.membership.members.count {
            transitions.count(.memberRemoved)
        } else {
            transitions.count(.memberAdded)
        }
        output.note(
            .membershipProposed, [.init("term", .number(Int64(clamping: term.rawValue)))])
        append(.membership(membership), from: origin, now)
        adopt(membership, at: log.lastIndex)
        adoptPeers(now)
        flush(now, &output)
    }

    /// A membership came into the log; it is in effect at once.
    func adopt(_ membership: Membership, at index: LogIndex) {
        memberships.append(membership, at: index)
    }

    /// Stops asking to be taken in once that is committed.
    func takeNoteOfBelonging() {
        guard !hasBelonged, memberships.membership(at: commitIndex).contains(me) else { return }
        hasBelonged = true
        joinDue = .distantFuture
        acquaintances = []
    }

    /// The latest change is committed: a leader that removed itself steps down (4.2.2).
    func membershipCommitted(_ now: NodeTime, _ output: inout Output) {
        noteMembership(&output)
        guard !isVoter else {
            completeJoining(now, &output)
            return
        }
        let successor = peers.filter { membership.isVoter($0.member) }
            .max { ($0.match, $1.member) < ($1.match, $0.member) }
        for index in peers.indices { sendHeartbeat(to: index, confirmsReads: false, &output) }
        if let successor { send(.timeoutNow(term), to: successor.member, &output) }
        transitions.count(.leaderToFollowerByRemoval)
        role = .follower
        leader = nil
        stopLeading("it was removed from the group", now, &output)
    }

    private func noteMembership(_ output: inout Output) {
        func list(_ members: [MemberID]) -> Note.FieldValue {
            .text(members.map(\.description).joined(separator: " "))
        }
        output.note(
            .membershipChanged,
            [
                .init("index", .number(Int64(clamping: memberships.currentIndex.rawValue))),
                .init("voters", list(membership.voters)),
                .init("learners", list(membership.learners)),
            ])
    }
}

/// Taking in a node that lost its disk: under its new identity, first as a learner, and with a
/// vote only once it has caught up and its old identity is removed. The old identity's promises
/// are thus never acted on by someone who does not remember them.
extension Raft {
    /// Asks every node of the group, again and again, until the log says that it worked.
    func askToJoin(_ now: NodeTime, _ output: inout Output) {
        guard !hasBelonged else {
            joinDue = .distantFuture
            return
        }
        joinDue = now.monotonic + options.heartbeat * 2
        let known = acquaintances.union(membership.members)
        for member in known.sorted() where member.node != me.node {
            send(.join(me), to: member, &output)
        }
    }

    /// Remembers somebody to ask: the latest life of each node.
    func meet(_ member: MemberID) {
        acquaintances = acquaintances.filter { $0.node != member.node }
        acquaintances.insert(member)
    }

    func joinAsked(
        for member: MemberID, by sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        if !isLeader, sender == member, let leader {
            // The member may not know the leader's present identity.
            send(.join(member), to: leader, &output)
            return
        }
        let current = membership
        guard isLeader, transfer == nil, obstacleToChange == nil, !current.contains(member),
            !current.isSuperseded(member), let earlier = current.earlierLife(of: member),
            earlier != me
        else { return }
        transitions.count(.memberReturned)
        if current.isVoter(earlier) {
            change(
                to: current.addingLearner(member, becomesVoter: true), .internal, now, &output)
        } else {
            // Learners do not count, so one can take another's place in a single step.
            let becomesVoter = current.joining.contains(earlier)
            change(
                to: current.removing(earlier).addingLearner(
                    member, becomesVoter: becomesVoter), .internal, now, &output)
        }
    }

    /// Takes the next step for a returned member that has caught up: removes an earlier life,
    /// and when none is left gives the member its vote.
    func completeJoining(_ now: NodeTime, _ output: inout Output) {
        guard isLeader, transfer == nil, obstacleToChange == nil else { return }
        for member in membership.joining where isCaughtUp(member, now) {
            if let earlier = membership.earlierLife(of: member) {
                guard earlier != me, membership.voters != [earlier] else { continue }
                change(to: membership.removing(earlier), .internal, now, &output)
            } else {
                change(to: membership.promoting(member), .internal, now, &output)
            }
            return
        }
    }
}
