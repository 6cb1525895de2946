import Determinism

/// The leader's half of replication: its own log, and sending it to the others (3.5, 10.2.1).
extension Raft {
    /// Adds an entry to the leader's log, in memory. ``flush(_:_:)`` hands it on.
    func append(_ payload: LogEntry.Payload, from origin: Origin, _ now: NodeTime) {
        let milliseconds = max(0, now.wall.nanosecondsSince1970 / 1_000_000)
        let entry = LogEntry(
            term: term, time: UInt64(milliseconds), payload: payload.encoded)
        log.append(entry)
        unpersistedBytes += entry.cost
        uncommittedBytes += entry.cost
        proposals.append(
            Proposal(
                index: log.lastIndex, term: term, origin: origin,
                deadline: now.monotonic + options.commitTimeout))
    }

    /// Flushes now if nothing was flushed a moment ago or a batch is full, else a little later.
    func flushSoon(_ now: NodeTime, _ output: inout Output) {
        let paceEnd = lastFlush.map { $0 + RaftOptions.pace } ?? .zero
        if now.monotonic >= paceEnd || unpersistedBytes >= RaftOptions.batchBytesMax {
            flush(now, &output)
        } else {
            flushDue = min(flushDue, paceEnd)
        }
    }

    /// Hands gathered entries to the disk and to the members, and gathered reads to a round.
    func flush(_ now: NodeTime, _ output: inout Output) {
        flushDue = .distantFuture
        lastFlush = now.monotonic
        persistGathered(&output)
        for index in peers.indices { sendEntries(to: index, now, &output) }
        if reads.hasGathered {
            if reads.rounds.count < RaftOptions.windowRoundsMax { beginRound(now, &output) }
        }
    }

    func persistGathered(_ output: inout Output) {
        while persistedIndex < log.lastIndex {
            let batch = log.batch(
                from: persistedIndex.next, through: log.lastIndex,
                bytesMax: RaftOptions.batchBytesMax, countMax: RaftOptions.batchEntriesMax)
            guard !batch.entries.isEmpty else { break }
            let position = output.persist(
                RaftRecord(.entries(after: persistedIndex, batch.entries)))
            persistedIndex = persistedIndex + batch.entries.count
            journalBytes += batch.bytes
            durability.wrote(position, end: persistedIndex)
        }
        unpersistedBytes = 0
    }

    func peerIndex(_ member: MemberID) -> Int? {
        // They stand in order of identity.
        var low = 0
        var high = peers.count
        while low < high {
            let middle = (low + high) / 2
            if peers[middle].member < member { low = middle + 1 } else { high = middle }
        }
        return low < peers.count && peers[low].member == member ? low : nil
    }

    /// How many voters fulfil a condition: this member if `includingMe`, peers if `condition` says
    /// so of them.
    @inline(__always)
    func countVoters(includingMe: Bool, _ condition: (borrowing Progress) -> Bool) -> Int {
        let peers = peers
        var count = 0
        var place = 0
        for voter in membership.voters {
            if voter == me {
                if includingMe { count += 1 }
                continue
            }
            // Both lists are in order of identity.
            while place < peers.count, peers[place].member < voter { place += 1 }
            guard place < peers.count, peers[place].member == voter else { continue }
            if condition(peers[place]) { count += 1 }
        }
        return count
    }

    /// Makes the list of those to replicate to agree with the membership.
    func adoptPeers(_ now: NodeTime) {
        let members = membership.members
        for index in peers.indices where !members.contains(peers[index].member) {
            if peers[index].departure == nil {
                peers[index].departure = Progress.Departure(
                    index: memberships.currentIndex,
                    deadline: now.monotonic + options.electionTimeout.upperBound * 4)
            }
        }
        for member in members where member != me {
            // Those added here are not in order yet.
            if let index = peers.firstIndex(where: { $0.member == member }) {
                peers[index].departure = nil
            } else {
                peers.append(
                    Progress(
                        member: member, next: log.lastIndex.next, lastHeard: now.monotonic))
            }
        }
        peers.sort { $0.member < $1.member }
    }

    /// Sends what the member's window allows.
    func sendEntries(to index: Int, _ now: NodeTime, _ output: inout Output) {
        if case .snapshot = peers[index].mode {
            sendChunks(to: index, now, &output)
            return
        }
        if peers[index].next <= log.baseIndex {
            startSnapshot(to: index, now, &output)
            return
        }
        switch peers[index].mode {
        case .probe(nil):
            sendBatch(to: index, now, &output)
            peers[index].mode = .probe(sentAt: now.monotonic)
        case .probe: break
        case .replicate:
            while peers[index].next <= persistedIndex, peers[index].hasRoom {
                sendBatch(to: index, now, &output)
            }
        case .snapshot: break
        }
    }

    private func sendBatch(to index: Int, _ now: NodeTime, _ output: inout Output) {
        let previous = peers[index].next.previous
        guard let previousTerm = log.term(at: previous) else { return }
        let batch = log.batch(
            from: peers[index].next, through: lastToSend(from: peers[index].next),
            bytesMax: RaftOptions.batchBytesMax, countMax: RaftOptions.batchEntriesMax)
        send(
            .append(
                AppendRequest(
                    term: term, previousIndex: previous, previousTerm: previousTerm,
                    commitIndex: commitIndex, entries: batch.entries)),
            to: peers[index].member, &output)
        peers[index].toldCommit = commitIndex
        guard !batch.entries.isEmpty else { return }
        let last = previous + batch.entries.count
        if case .replicate = peers[index].mode {
            peers[index].next = last.next
            peers[index].sent(through: last, bytes: batch.bytes, at: now.monotonic)
        }
    }

    private func lastToSend(from next: LogIndex) -> LogIndex {
        #if PlantedBugs
            if PlantedBug.isPlanted(.earlierTermCommitted) { return lastOfItsTerm(from: next) }
        #endif
        return persistedIndex
    }

    func appendAnswered(
        _ reply: AppendReply, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard reply.term <= term else {
            becomeFollower(reply.term, leader: nil, now, &output)
            return
        }
        guard isLeader, reply.term == term, let index = peerIndex(sender) else { return }
        peers[index].lastHeard = now.monotonic
        switch reply.result {
        case .matched(let last):
            guard last <= persistedIndex else { return }
            accepted(through: last, by: index, now, &output)
        case .rejected(let previous, let hintIndex, let hintTerm):
            rejected(index, previous, hintIndex, hintTerm, now, &output)
        }
    }

    func accepted(
        through last: LogIndex, by index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        let member = peers[index].member
        let isNews = peers[index].matched(last)
        switch peers[index].mode {
        case .probe:
            transitions.count(.probeToReplicate)
            peers[index].mode = .replicate
        case .replicate: break
        case .snapshot(let transfer) where last >= transfer.snapshot.lastIndex:
            transitions.count(.snapshotToReplicate)
            // The log may have been compacted beyond it meanwhile; then another one follows.
            peers[index].mode = last >= log.baseIndex ? .replicate : .probe(sentAt: nil)
        case .snapshot: break
        }
        if isNews { advanceCommit(now, &output) }
        // Committing may have ended the leadership or changed the members.
        guard isLeader, let index = peerIndex(member) else { return }
        sendEntries(to: index, now, &output)
        followerCaughtUp(index, now, &output)
    }

    private func rejected(
        _ index: Int, _ previous: LogIndex, _ hintIndex: LogIndex, _ hintTerm: Term,
        _ now: NodeTime, _ output: inout Output
    ) {
        switch peers[index].mode {
        case .snapshot: return
        case .replicate where previous <= peers[index].match: return
        case .replicate: break
        case .probe where previous != peers[index].next.previous: return
        case .probe: break
        }
        var next = log.lastIndex(
            upTo: min(hintIndex, previous.previous), termAtMost: hintTerm
        ).next
        if previous == peers[index].match, previous > .zero {
            // The member once had this durably and has it no more: its disk has lied. Entries
            // that are committed by its word alone may be lost; it is brought up to date.
            transitions.count(.memberLostEntries)
            output.note(
                .memberLostEntries,
                [
                    .init("member", .member(peers[index].member)),
                    .init("from", .number(Int64(clamping: hintIndex.rawValue))),
                    .init("to", .number(Int64(clamping: previous.rawValue))),
                ])
            peers[index].match = .zero
        } else {
            next = max(next, peers[index].match.next)
        }
        if case .replicate = peers[index].mode { transitions.count(.replicateToProbe) }
        peers[index].startProbing(from: next)
        sendEntries(to: index, now, &output)
    }

    /// What was under way to the member may be lost.
    func reconnected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        guard let index = peerIndex(member) else { return }
        switch peers[index].mode {
        case .probe: peers[index].mode = .probe(sentAt: nil)
        case .replicate: peers[index].startProbing(from: peers[index].match.next)
        case .snapshot(let transfer): resume(transfer, to: index)
        }
        sendEntries(to: index, now, &output)
        sendHeartbeat(to: index, confirmsReads: false, &output)
    }

    /// Sends again what has had no answer for too long, though the member lives.
    func resendStalled(_ index: Int, _ now: NodeTime, _ output: inout Output) {
        let patience = options.electionTimeout.upperBound
        guard now.monotonic - peers[index].lastHeard < patience else { return }
        switch peers[index].mode {
        case .probe(let sentAt?) where now.monotonic - sentAt > patience:
            transitions.count(.stalledResent)
            peers[index].mode = .probe(sentAt: nil)
        case .probe: break
        case .replicate:
            guard let oldest = peers[index].inFlight.first, now.monotonic - oldest.at > patience
            else { return }
            transitions.count(.stalledResent)
            peers[index].startProbing(from: peers[index].match.next)
        case .snapshot(let transfer):
            guard now.monotonic - transfer.lastActivity > patience else { return }
            resume(transfer, to: index)
        }
        sendEntries(to: index, now, &output)
    }
}
