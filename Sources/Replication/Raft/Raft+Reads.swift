import DequeModule
import Determinism

/// A read that waits for the leader to be sure that it still leads.
struct PendingRead: Sendable {
    var query: ReadQuery
    var origin: Origin
    var deadline: Instant
}

/// Reads of a leader and its rounds of confirmation.
struct ReadQueue: Sendable {
    /// A round of heartbeats: once a majority has answered it, its reads can be served, and a
    /// lease has begun when it was sent.
    struct Round: Sendable {
        var number: UInt64
        var sentAt: Instant
        var reads: [PendingRead]
        #if PlantedBugs
            /// How many answers came, whoever gave them.
            var answers = 0
        #endif
    }

    /// Reads that wait for the next round.
    var gathered: [PendingRead] = []
    /// Rounds under way, oldest first.
    var rounds: Deque<Round> = []
    /// The number of the last round begun.
    var lastRound: UInt64 = 0
    /// Until when the leader can rely on its lease.
    var leaseEnd: Instant?
    /// When a read was last served by the lease alone.
    var lastByLease: Instant?
    /// When the leader asked another to be elected in its place, after which its lease protects
    /// nothing for the rest of the term.
    var leaseForfeited: Instant?

    var hasGathered: Bool { !gathered.isEmpty }

    var nextDeadline: Instant {
        for index in rounds.indices where !rounds[index].reads.isEmpty {
            return rounds[index].reads[0].deadline
        }
        return gathered.first?.deadline ?? .distantFuture
    }
}

/// Serving reads so that they see everything that was acknowledged before (6.4).
extension Raft {
    func read(_ query: ReadQuery, _ origin: Origin, _ now: NodeTime, _ output: inout Output) {
        if holdsLease(now) {
            transitions.count(.readByLease)
            reads.lastByLease = now.monotonic
            answer(machine.values.answer(query), to: origin, &output)
            return
        }
        if reads.leaseEnd != nil, options.reads == .lease { transitions.count(.readWithoutLease) }
        if commitIndex < termStart { transitions.count(.readBeforeCommit) }
        guard reads.gathered.count < Limits.requestsInFlightMax else {
            let error = ServiceError(
                .overloaded, "too many reads wait for confirmation", isIndefinite: false)
            answer(.failed(error), to: origin, &output)
            return
        }
        reads.gathered.append(
            PendingRead(
                query: query, origin: origin, deadline: now.monotonic + options.commitTimeout))
        if knowsWhatIsCommitted { flushSoon(now, &output) }
    }

    /// Whether everything that earlier leaders committed is applied here: a new leader does not
    /// know how far that goes before an entry of its own is committed.
    private var knowsWhatIsCommitted: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.readBeforeCatchingUp) { return true }
        #endif
        return commitIndex >= termStart
    }

    func readLocally(_ query: ReadQuery, _ origin: Origin, _ output: inout Output) {
        guard hasCaughtUp else {
            let error = ServiceError(
                .recovering, "this member has not caught up with its leader yet",
                isIndefinite: false, hint: leader?.node)
            answer(.failed(error), to: origin, &output)
            return
        }
        transitions.count(.readLocally)
        answer(machine.values.answer(query), to: origin, &output)
    }

    /// Whether no other leader can have been elected, by the clock (6.4.1).
    private func holdsLease(_ now: NodeTime) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.deposedLeaderReads) { return commitIndex >= termStart }
        #endif
        guard options.reads == .lease, !hasForfeitedLease,
            commitIndex >= termStart, let end = reads.leaseEnd
        else { return false }
        return now.monotonic < end
    }

    private var hasForfeitedLease: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.leaseAfterHandover) { return false }
        #endif
        return transfer != nil || reads.leaseForfeited != nil
    }

    /// When this leader last relied on its lease, or could have; `nil` if never.
    func lastRelianceOnLease(_ now: NodeTime) -> Instant? {
        guard options.reads == .lease, commitIndex >= termStart, let end = reads.leaseEnd else {
            return reads.lastByLease
        }
        var held = min(end, now.monotonic)
        if hasForfeitedLease, let forfeited = reads.leaseForfeited { held = min(held, forfeited) }
        return max(held, reads.lastByLease ?? held)
    }

    /// Asks all members to confirm the leader, for the reads gathered so far and for the lease.
    func beginRound(_ now: NodeTime, _ output: inout Output) {
        reads.lastRound += 1
        var round = ReadQueue.Round(number: reads.lastRound, sentAt: now.monotonic, reads: [])
        if knowsWhatIsCommitted {
            // A new leader does not know yet what is committed; its reads wait for that.
            swap(&round.reads, &reads.gathered)
        }
        if reads.rounds.count >= RaftOptions.windowRoundsMax * 2,
            let index = reads.rounds.firstIndex(where: { $0.reads.isEmpty })
        {
            reads.rounds.remove(at: index)
        }
        let confirmsReads = !round.reads.isEmpty
        reads.rounds.append(round)
        for index in peers.indices {
            sendHeartbeat(to: index, confirmsReads: confirmsReads, &output)
        }
        commitNoticeDue = .distantFuture
        confirmRounds(now, &output)
    }

    func sendHeartbeat(to index: Int, confirmsReads: Bool, _ output: inout Output) {
        peers[index].toldCommit = commitIndex
        send(
            .heartbeat(
                Heartbeat(
                    term: term, commitIndex: commitIndex, round: reads.lastRound,
                    confirmsReads: confirmsReads)), to: peers[index].member, &output)
    }

    /// Tells members of commits that no other message has told them.
    func tellCommit(_ now: NodeTime, _ output: inout Output) {
        commitNoticeDue = .distantFuture
        for index in peers.indices where peers[index].toldCommit < commitIndex {
            sendHeartbeat(to: index, confirmsReads: false, &output)
        }
    }

    func heartbeatAnswered(
        _ reply: HeartbeatReply, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard reply.term <= term else {
            becomeFollower(reply.term, leader: nil, now, &output)
            return
        }
        guard isLeader, reply.term == term, let index = peerIndex(sender),
            reply.round <= reads.lastRound
        else { return }
        peers[index].lastHeard = now.monotonic
        #if PlantedBugs
            reads.countAnswer(to: reply.round)
        #endif
        if reply.round > peers[index].confirmedRound {
            peers[index].confirmedRound = reply.round
            confirmRounds(now, &output)
        }
    }

    /// Serves the reads of every round that a majority has answered.
    private func confirmRounds(_ now: NodeTime, _ output: inout Output) {
        guard isRoundConfirmed else {
            if reads.hasGathered, commitIndex >= termStart { flushSoon(now, &output) }
            return
        }
        repeat {
            let round = reads.rounds.removeFirst()
            reads.leaseEnd = leaseStart(of: round, now) + options.leaseSpan
            for read in round.reads {
                transitions.count(.readConfirmed)
                answer(machine.values.answer(read.query), to: read.origin, &output)
            }
        } while isRoundConfirmed
        if reads.hasGathered, knowsWhatIsCommitted { flushSoon(now, &output) }
    }

    /// From when on the members that answered a round elect no one else.
    private func leaseStart(of round: ReadQueue.Round, _ now: NodeTime) -> Instant {
        #if PlantedBugs
            if PlantedBug.isPlanted(.leaseFromReply) { return now.monotonic }
        #endif
        return round.sentAt
    }

    /// Whether a majority has answered the oldest round under way: asked far more often than it
    /// is so.
    private var isRoundConfirmed: Bool {
        guard !reads.rounds.isEmpty else { return false }
        let oldest = reads.rounds[0].number
        #if PlantedBugs
            if PlantedBug.isPlanted(.heartbeatsCountedTwice) {
                return roundWithEnoughAnswers >= oldest
            }
        #endif
        let count = countVoters(includingMe: reads.lastRound >= oldest) { peer in
            peer.confirmedRound >= oldest
        }
        return count >= membership.quorum
    }

    /// Answers reads whose confirmation did not come in time.
    func expireReads(_ now: NodeTime, _ output: inout Output) {
        guard now.monotonic >= reads.nextDeadline else { return }
        for index in reads.rounds.indices {
            let voters = membership.voters
            let number = reads.rounds[index].number
            let count = voters.filter { voter in
                voter == me
                    || (peerIndex(voter).map { peers[$0].confirmedRound >= number } ?? false)
            }.count
            refuseExpired(&reads.rounds[index].reads, now, "\(count)/\(voters.count)", &output)
        }
        refuseExpired(&reads.gathered, now, "0/\(membership.voters.count)", &output)
    }

    private func refuseExpired(
        _ pending: inout [PendingRead], _ now: NodeTime, _ count: String,
        _ output: inout Output
    ) {
        let late = pending.prefix { $0.deadline <= now.monotonic }
        for read in late {
            transitions.count(.readExpired)
            let error = ServiceError(
                .consensusNotAchieved,
                "consensus not achieved: \(count) \(membership.countedNoun) confirmed the "
                    + "leader", isIndefinite: false)
            answer(.failed(error), to: read.origin, &output)
        }
        pending.removeFirst(late.count)
    }

    /// This member no longer leads: its own clients' reads wait for the next leader, others are
    /// given back to whoever passed them on.
    func handBackReads(_ now: NodeTime, _ output: inout Output) {
        let pending = reads.rounds.flatMap(\.reads) + reads.gathered
        reads = ReadQueue()
        for read in pending {
            transitions.count(.readHandedBack)
            take(
                ClientRequest(
                    client: ClientID(rawValue: 0), sequence: 0,
                    command: read.query.command),
                from: read.origin, now, &output)
        }
    }
}
