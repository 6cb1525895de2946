import Determinism

/// Who voted how for this member.
struct Campaign: Sendable {
    var granted: [MemberID] = []
    var refused: [MemberID] = []
    /// Whether the leader itself asked for the election.
    var isTransfer = false
    /// Where the own vote is in the journal: it counts once it is durable.
    var ownVote: JournalPosition?
}

/// Seeking election (3.4), asking first whether it could be won (9.6).
extension Raft {
    func electionTimeoutPassed(_ now: NodeTime, _ output: inout Output) {
        guard !isLeader else {
            electionDeadline = .distantFuture
            return
        }
        restartElectionTimer(now)
        loseLeader(now, &output)
        if let embargo = voteEmbargo, now.monotonic < embargo { return }
        guard maySeekElection else { return }
        if options.preVote, term > .zero {
            seekPreVotes(now, &output)
        } else {
            // In a group that never had a leader there is none to disturb.
            seekVotes(isTransfer: false, now, &output)
        }
    }

    /// Whether this member counts, or did by what is committed: then it may be the only one that
    /// has the entry that removes it, and nobody else can be elected (4.2.2). Without pre-vote a
    /// member that was removed for good would disturb the others so.
    private var maySeekElection: Bool {
        isVoter || (options.preVote && memberships.membership(at: commitIndex).isVoter(me))
    }

    /// The leader is not heard any more: what depended on it must be answered.
    func loseLeader(_ now: NodeTime, _ output: inout Output) {
        guard let lost = leader, lost != me else { return }
        leader = nil
        transitions.count(.leaderLost)
        output.note(
            .leaderLost,
            [
                .init("term", .number(Int64(clamping: term.rawValue))),
                .init("leader", .member(lost)),
            ])
        failForwards(to: lost, now, &output)
    }

    private func seekPreVotes(_ now: NodeTime, _ output: inout Output) {
        role = .preCandidate
        campaign = Campaign()
        campaign.granted = [me]
        noteElection(isPreVote: true, term.next, &output)
        askVoters(&output)
        if isVoter, membership.quorum == 1 {
            seekVotes(isTransfer: false, now, &output)
        }
    }

    func seekVotes(isTransfer: Bool, _ now: NodeTime, _ output: inout Output) {
        campaign = Campaign()
        campaign.isTransfer = isTransfer
        role = .candidate
        leader = nil
        hardState = HardState(term: term.next, vote: me)
        verifiedIndex = .zero
        // The requests need not wait for the disk: only the own vote does, before it counts.
        campaign.ownVote = output.persist(RaftRecord(.hardState(hardState)))
        termPosition = campaign.ownVote
        restartElectionTimer(now)
        noteElection(isPreVote: false, term, &output)
        askVoters(&output)
    }

    private func noteElection(isPreVote: Bool, _ term: Term, _ output: inout Output) {
        output.note(
            .electionStarted,
            [
                .init("term", .number(Int64(clamping: term.rawValue))),
                .init("prevote", .flag(isPreVote)),
            ])
    }

    private func askVoters(_ output: inout Output) {
        for voter in membership.voters where voter != me { askVoter(voter, &output) }
    }

    private func askVoter(_ voter: MemberID, _ output: inout Output) {
        let isPreVote = role == .preCandidate
        send(
            .vote(
                VoteRequest(
                    term: isPreVote ? term.next : term, lastIndex: log.lastIndex,
                    lastTerm: log.lastTerm, isPreVote: isPreVote,
                    isTransfer: campaign.isTransfer)),
            to: voter, &output)
    }

    /// A request may have been lost with an earlier connection.
    func askAgain(_ voter: MemberID, _ output: inout Output) {
        guard role == .preCandidate || role == .candidate, membership.isVoter(voter),
            !campaign.granted.contains(voter), !campaign.refused.contains(voter)
        else { return }
        askVoter(voter, &output)
    }

    func countVote(
        _ reply: VoteReply, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        let asked = reply.isPreVote ? term.next : term
        if reply.term > asked || (reply.isPreVote && !reply.isGranted && reply.term > term) {
            becomeFollower(reply.term, leader: nil, now, &output)
            return
        }
        guard role == (reply.isPreVote ? .preCandidate : .candidate), membership.isVoter(sender)
        else { return }
        if reply.isGranted {
            guard reply.term == asked else { return }
            if !campaign.granted.contains(sender) { campaign.granted.append(sender) }
            tally(now, &output)
        } else if !campaign.refused.contains(sender) {
            campaign.refused.append(sender)
            let refusals = campaign.refused.filter(membership.isVoter).count
            if membership.voters.count - refusals < membership.quorum {
                // It cannot be won any more; wait for the next timeout.
                role = .follower
            }
        }
    }

    /// Counts the votes of those who are voters by the own log.
    func tally(_ now: NodeTime, _ output: inout Output) {
        let votes = campaign.granted.filter(membership.isVoter).count
        guard votes >= membership.quorum else { return }
        switch role {
        case .preCandidate: seekVotes(isTransfer: false, now, &output)
        case .candidate:
            // Others may have given enough votes before the own one is on disk. Who leads without
            // it could be elected in the same term again after a crash, and give one place in the
            // log to two entries.
            if campaign.ownVote == nil { becomeLeader(now, &output) }
        case .follower, .leader: break
        }
    }

    /// Follows the leader of a term, or nobody yet; gives up whatever part it had.
    func becomeFollower(
        _ newTerm: Term, leader newLeader: MemberID?, _ now: NodeTime, _ output: inout Output
    ) {
        let wasLeader = isLeader
        let isNewTerm = newTerm > term
        if isNewTerm {
            hardState = HardState(term: newTerm, vote: nil)
            persistTerm(of: newLeader, &output)
            verifiedIndex = .zero
            incoming = nil
        }
        role = .follower
        if wasLeader {
            transitions.count(
                transfer?.isHandedOver ?? false
                    ? .leaderToFollowerByTransfer : .leaderToFollowerByTerm)
            leader = nil
            stopLeading("term \(newTerm.rawValue) has begun", now, &output)
        }
        if newLeader != leader {
            if let lost = leader, newLeader == nil || isNewTerm {
                leader = nil
                failForwards(to: lost, isSuperseded: true, now, &output)
            }
            leader = newLeader
            if newLeader != nil { leaderIsKnown(now, &output) }
        }
        if electionDeadline == .distantFuture { restartElectionTimer(now) }
    }

    private func persistTerm(of leader: MemberID?, _ output: inout Output) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.termNotPersisted) { return }
            if PlantedBug.isPlanted(.voteNotPersisted), leader == nil { return }
        #endif
        termPosition = output.persist(RaftRecord(.hardState(hardState)))
    }

    func becomeLeader(_ now: NodeTime, _ output: inout Output) {
        role = .leader
        leader = me
        electionDeadline = .distantFuture
        lastLeaderContact = nil
        incoming = nil
        hasCaughtUp = true
        reads = ReadQueue()
        outgoing = nil
        peers = []
        adoptPeers(now)
        // Whatever is in the log is with the disk already.
        persistedIndex = log.lastIndex
        unpersistedBytes = 0
        uncommittedBytes = 0
        heartbeatDue = now.monotonic + options.heartbeat
        commitNoticeDue = .distantFuture
        preferredTransferDue = now.monotonic + options.electionTimeout.lowerBound
        output.note(.leaderElected, [.init("term", .number(Int64(clamping: term.rawValue)))])
        beginTerm(now, &output)
        leaderIsKnown(now, &output)
    }

    /// An entry of its own term lets the leader find out what is committed (3.6.2, 6.4).
    private func beginTerm(_ now: NodeTime, _ output: inout Output) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.earlierTermCommitted) {
                // Who commits entries of earlier terms by themselves needs none of its own.
                termStart = log.lastIndex
                if commitIndex >= termStart { noteEstablished(&output) }
                return flush(now, &output)
            }
        #endif
        termStart = log.lastIndex.next
        append(.noOperation, from: .internal, now)
        flush(now, &output)
    }

    /// Gives up everything that only a leader does.
    func stopLeading(_ why: String, _ now: NodeTime, _ output: inout Output) {
        var fields: [Note.Field] = [
            .init("term", .number(Int64(clamping: term.rawValue))), .init("why", .text(why)),
        ]
        if let last = lastRelianceOnLease(now) {
            fields.append(.init("lease-ago", .number((now.monotonic - last).nanoseconds)))
        }
        output.note(.leaderSteppedDown, fields)
        // What was not handed to the disk was sent to nobody either.
        log.truncate(after: persistedIndex)
        memberships.truncate(after: persistedIndex)
        releaseProposals(why, &output)
        handBackReads(now, &output)
        peers = []
        outgoing = nil
        flushDue = .distantFuture
        heartbeatDue = .distantFuture
        commitNoticeDue = .distantFuture
        restartElectionTimer(now)
    }
}
