import Determinism

/// The follower's half of replication: taking entries from the term's leader (3.5).
extension Raft {
    /// Recognises the sender as the leader of its term, or tells it of a later one. Returns
    /// whether the message may be followed.
    func recognise(
        _ leaderTerm: Term, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) -> Bool {
        // There is one leader per term, so a second one, or one beside this, is a faulty peer.
        guard leaderTerm > term || (!isLeader && (leader == nil || leader == sender)),
            !membership.isSuperseded(sender)
        else { return false }
        if leaderTerm > term || leader != sender || role != .follower {
            becomeFollower(leaderTerm, leader: sender, now, &output)
        }
        lastLeaderContact = now.monotonic
        restartElectionTimer(now)
        return true
    }

    func follow(
        _ request: AppendRequest, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard request.term >= term else {
            reject(request, hintIndex: .zero, hintTerm: .zero, sender, &output)
            return
        }
        guard recognise(request.term, sender, now, &output) else { return }
        var previous = request.previousIndex
        var skipped = 0
        if previous < log.baseIndex {
            // What the snapshot covers is committed, so it is the same in both logs.
            skipped = min(request.entries.count, log.baseIndex - previous)
            previous = previous + skipped
            if previous < log.baseIndex {
                acknowledge(previous, sender, &output)
                return
            }
        } else if !holds(previous, request.previousTerm) {
            transitions.count(.appendRejected)
            let hintIndex = log.lastIndex(upTo: previous, termAtMost: request.previousTerm)
            reject(
                request, hintIndex: hintIndex, hintTerm: log.term(at: hintIndex) ?? .zero,
                sender, &output)
            return
        }
        guard let end = extend(after: previous, request, skipped, &output) else { return }
        verifiedIndex = max(verifiedIndex, end)
        acknowledge(end, sender, &output)
        learnCommit(request.commitIndex, now, &output)
    }

    /// Whether the own log has the entry at `index` that the leader's has (3.5).
    private func holds(_ index: LogIndex, _ term: Term) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.logMatchingUnchecked) { return index <= log.lastIndex }
        #endif
        return log.term(at: index) == term
    }

    /// Adds what is missing of a request's entries, and removes what contradicts them. Returns
    /// the last index that now agrees, or `nil` if the request cannot come from a sound leader.
    private func extend(
        after previous: LogIndex, _ request: AppendRequest, _ skipped: Int,
        _ output: inout Output
    ) -> LogIndex? {
        let entries = request.entries
        var known = skipped
        var index = previous
        while known < entries.count, isHere(entries[known], at: index.next) {
            known += 1
            index = index.next
        }
        guard known < entries.count else { return index }
        var lastTerm = log.term(at: index) ?? .zero
        var changes: [(LogIndex, Membership)] = []
        for (offset, entry) in entries[known...].enumerated() {
            guard entry.term >= lastTerm, entry.term <= request.term else { return nil }
            lastTerm = entry.term
            do {
                if let change = try entry.membership() {
                    changes.append((index + (offset + 1), change))
                }
            } catch {
                return nil
            }
        }
        if index < log.lastIndex {
            // A committed entry is never contradicted by a sound leader (3.6.3).
            guard mayTruncate(after: index) else { return nil }
            transitions.count(.logTruncated)
            if memberships.currentIndex > index { transitions.count(.membershipUndone) }
            log.truncate(after: index)
            memberships.truncate(after: index)
            durability.truncate(after: index)
            dropProposals(after: index, &output)
        }
        for entry in entries[known...] {
            log.append(entry)
            journalBytes += entry.cost
        }
        for (place, change) in changes { adopt(change, at: place) }
        let added = known == 0 ? entries : Array(entries[known...])
        let position = output.persist(RaftRecord(.entries(after: index, added)))
        durability.wrote(position, end: log.lastIndex)
        return log.lastIndex
    }

    /// Whether an entry of the leader's is in the own log already.
    private func isHere(_ entry: LogEntry, at index: LogIndex) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.committedEntriesTruncated) { return false }
        #endif
        return log.term(at: index) == entry.term
    }

    private func mayTruncate(after index: LogIndex) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.committedEntriesTruncated) { return true }
        #endif
        return index >= commitIndex
    }

    func follow(
        _ heartbeat: Heartbeat, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard heartbeat.term >= term else {
            send(
                .heartbeatReply(HeartbeatReply(term: term, round: 0, confirmsReads: false)),
                to: sender, &output, .onceDurable)
            return
        }
        guard recognise(heartbeat.term, sender, now, &output) else { return }
        // Says only that no later term is known at this moment, so it need not be durable.
        send(
            .heartbeatReply(
                HeartbeatReply(
                    term: term, round: heartbeat.round, confirmsReads: heartbeat.confirmsReads)),
            to: sender, &output)
        learnCommit(heartbeat.commitIndex, now, &output)
    }

    /// Applies what the leader has committed, as far as the own log is known to agree.
    private func learnCommit(
        _ leaderCommit: LogIndex, _ now: NodeTime, _ output: inout Output
    ) {
        knownCommit = max(knownCommit, leaderCommit)
        if catchUpTarget == nil { catchUpTarget = leaderCommit }
        commit(through: min(leaderCommit, agreedIndex), now, &output)
        if let target = catchUpTarget, commitIndex >= target { hasCaughtUp = true }
    }

    /// Up to where the own log is known to be the leader's.
    private var agreedIndex: LogIndex {
        #if PlantedBugs
            if PlantedBug.isPlanted(.commitBeyondMatch) { return log.lastIndex }
        #endif
        return verifiedIndex
    }

    private func acknowledge(_ index: LogIndex, _ sender: MemberID, _ output: inout Output) {
        send(
            .appendReply(AppendReply(term: term, result: .matched(index))), to: sender, &output,
            .onceDurable)
    }

    private func reject(
        _ request: AppendRequest, hintIndex: LogIndex, hintTerm: Term, _ sender: MemberID,
        _ output: inout Output
    ) {
        send(
            .appendReply(
                AppendReply(
                    term: term,
                    result: .rejected(
                        previous: request.previousIndex, hintIndex: hintIndex,
                        hintTerm: hintTerm))), to: sender, &output, .onceDurable)
    }
}
