import DequeModule
import Determinism

/// When time alone makes a member act.
extension Raft {
    /// When the earliest of the timers that are set is due.
    private var earliestTimer: Instant {
        guard isStarted else { return .distantFuture }
        var due = min(electionDeadline, joinDue)
        due = min(due, forwards.nextDeadline)
        if !waiting.isEmpty { due = min(due, waiting[0].deadline) }
        if let transfer { due = min(due, transfer.deadline) }
        if !proposals.isEmpty { due = min(due, proposals[0].deadline) }
        guard isLeader else { return due }
        due = min(due, flushDue)
        due = min(due, heartbeatDue)
        due = min(due, commitNoticeDue)
        due = min(due, reads.nextDeadline)
        return due
    }

    /// Does everything that is due; returns when the next timer is.
    func runTimers(_ now: NodeTime, _ output: inout Output) -> Instant {
        let earliest = earliestTimer
        if now.monotonic < earliest { return earliest }
        timersFired(now, &output)
        return earliestTimer
    }

    /// Does everything that is due. Each timer that fires is set anew or put out.
    private func timersFired(_ now: NodeTime, _ output: inout Output) {
        let time = now.monotonic
        if time >= electionDeadline { electionTimeoutPassed(now, &output) }
        if time >= joinDue { askToJoin(now, &output) }
        expireForwards(now, &output)
        expireWaiting(now, &output)
        if let transfer, time >= transfer.deadline { abandonTransfer(now, &output) }
        expireProposals(now, &output)
        guard isLeader else { return }
        expireReads(now, &output)
        if time >= flushDue { flush(now, &output) }
        if time >= heartbeatDue {
            heartbeatDue = time + options.heartbeat
            superviseFollowers(now, &output)
            guard isLeader else { return }
            beginRound(now, &output)
        }
        if time >= commitNoticeDue { tellCommit(now, &output) }
    }

    /// Sets the time at which silence of the leader is taken for its loss.
    func restartElectionTimer(_ now: NodeTime) {
        electionDeadline = now.monotonic + random.span(in: options.electionTimeout)
    }

    func start(_ now: NodeTime, _ output: inout Output) {
        isStarted = true
        forwards.begin(at: now, &random)
        let wasActive = term > .zero
        if options.reads == .lease, wasActive { voteEmbargo = embargoEnd(now) }
        restartElectionTimer(now)
        if isFirstCandidate, !wasActive || (options.preVote && voteEmbargo == nil) {
            electionDeadline = now.monotonic
        } else if !wasActive {
            electionDeadline = electionDeadline + RaftOptions.startSpread
        }
        if !hasBelonged { joinDue = now.monotonic }
    }

    /// When every lease has ended that an earlier life may have granted.
    private func embargoEnd(_ now: NodeTime) -> Instant? {
        #if PlantedBugs
            if PlantedBug.isPlanted(.leaseForgottenByVoter) { return nil }
        #endif
        return now.monotonic + options.leaseWait
    }

    /// Whether the member should seek election first in a fresh group, so that it need not wait
    /// for a timeout: the first voter of the preferred region, else the first of all.
    private var isFirstCandidate: Bool {
        let voters = membership.voters
        let preferred = voters.first { $0.node.region == options.preferredLeader }
        return (preferred ?? voters.first) == me
    }

    func connected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        if isLeader {
            reconnected(member, now, &output)
        } else {
            askAgain(member, &output)
            if !hasBelonged {
                meet(member)
                send(.join(me), to: member, &output)
            }
        }
        failForwards(to: member, now, &output)
    }

    func disconnected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        if isLeader, let index = peerIndex(member), case .replicate = peers[index].mode {
            peers[index].startProbing(from: peers[index].match.next)
        }
        failForwards(to: member, now, &output)
    }
}
