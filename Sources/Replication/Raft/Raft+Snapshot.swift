import Determinism

/// A snapshot that is arriving in pieces.
struct IncomingSnapshot: Sendable {
    var sender: MemberID
    var term: Term
    var lastIndex: LogIndex
    var lastTerm: Term
    var totalBytes: UInt64
    var bytes: [UInt8] = []

    /// The largest snapshot that is taken in, in bytes.
    static let totalBytesMax: UInt64 = 4 << 30
}

/// Compacting the log (5.1), and bringing members up to date that need what was compacted (5.2).
extension Raft {
    /// A state machine without any entry applied.
    var emptyMachine: LogStateMachine {
        LogStateMachine(
            valueType: setup.valueType, sessionTimeout: options.sessionTimeout,
            sessionsMax: options.sessionsMax)
    }

    /// Replaces the journal by a checkpoint when it outgrows the larger of the limit and the
    /// state of the last checkpoint, so that the cost of checkpoints stays in proportion to what is written.
    func compactIfDue(_ output: inout Output) {
        guard journalBytes > max(options.snapshotBytes, checkpointedBytes) else { return }
        transitions.count(.logCompacted)
        if isLeader { persistGathered(&output) }
        output.checkpoint(checkpointBytes())
        journalBytes = 0
        checkpointedBytes = machine.byteCount
        // A part of the log stays in memory for members that are a little behind.
        var point = log.compactionPoint(
            before: machine.appliedIndex, keeping: options.snapshotBytes / 4)
        if log.byteCount < 2 * (options.snapshotBytes + checkpointedBytes) {
            // So does, within bounds, what members still need that are being brought up to date.
            for peer in peers {
                if case .snapshot(let transfer) = peer.mode, transfer.acknowledged > 0 {
                    point = min(point, transfer.snapshot.lastIndex)
                }
            }
        }
        memberships.compact(through: point)
        log.compact(through: point)
    }

    /// What stands for every record so far, for a host that keeps the journal along with its own.
    func checkpointForNow(_ output: inout Output) -> [UInt8] {
        if isLeader { persistGathered(&output) }
        journalBytes = 0
        checkpointedBytes = machine.byteCount
        return checkpointBytes()
    }

    func checkpointBytes() -> [UInt8] {
        let applied = machine.appliedIndex
        return Checkpoint(
            hardState: hardState, hasBelonged: hasBelonged,
            membership: memberships.membership(at: applied), machine: machine,
            tail: log.entries(after: applied)
        ).encoded
    }

    // MARK: The leader's side

    func startSnapshot(to index: Int, _ now: NodeTime, _ output: inout Output) {
        if outgoing.map({ $0.lastIndex < log.baseIndex }) ?? true {
            let snapshot = Snapshot(
                membership: memberships.membership(at: machine.appliedIndex),
                machine: machineToSend)
            outgoing = OutgoingSnapshot(
                lastIndex: machine.appliedIndex, lastTerm: machine.appliedTerm,
                bytes: snapshot.encoded)
        }
        guard let outgoing else { return }
        transitions.count(.probeToSnapshot)
        peers[index].startProbing(from: peers[index].next)
        peers[index].mode = .snapshot(
            SnapshotTransfer(snapshot: outgoing, lastActivity: now.monotonic))
        output.note(
            .snapshotSent,
            [
                .init("to", .member(peers[index].member)),
                .init("bytes", .number(Int64(outgoing.bytes.count))),
            ])
        sendChunks(to: index, now, &output)
    }

    private var machineToSend: LogStateMachine {
        #if PlantedBugs
            if PlantedBug.isPlanted(.snapshotWithoutSessions) { return machine.withoutSessions }
        #endif
        return machine
    }

    /// Goes on with what has not arrived, or begins with a newer state if nothing has.
    func resume(_ transfer: SnapshotTransfer, to index: Int) {
        if transfer.acknowledged == 0, transfer.snapshot.lastIndex < log.baseIndex {
            peers[index].startProbing(from: peers[index].match.next)
        } else {
            transitions.count(.snapshotResumed)
            var transfer = transfer
            transfer.sent = transfer.acknowledged
            peers[index].mode = .snapshot(transfer)
        }
    }

    /// Sends the pieces that the window allows.
    func sendChunks(to index: Int, _ now: NodeTime, _ output: inout Output) {
        guard case .snapshot(var transfer) = peers[index].mode else { return }
        let window = RaftOptions.windowChunksMax * Limits.snapshotChunkBytes
        let bytes = transfer.snapshot.bytes
        let bound = min(bytes.count, transfer.acknowledged + window)
        guard transfer.sent < bound else { return }
        while transfer.sent < bound {
            let end = min(transfer.sent + Limits.snapshotChunkBytes, bytes.count)
            send(
                .snapshot(
                    SnapshotChunk(
                        term: term, lastIndex: transfer.snapshot.lastIndex,
                        lastTerm: transfer.snapshot.lastTerm, totalBytes: UInt64(bytes.count),
                        offset: UInt64(transfer.sent), bytes: Array(bytes[transfer.sent..<end]))),
                to: peers[index].member, &output)
            transfer.sent = end
        }
        transfer.lastActivity = now.monotonic
        peers[index].mode = .snapshot(transfer)
    }

    func snapshotAnswered(
        _ reply: SnapshotReply, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard reply.term <= term else {
            becomeFollower(reply.term, leader: nil, now, &output)
            return
        }
        guard isLeader, reply.term == term, let index = peerIndex(sender) else { return }
        peers[index].lastHeard = now.monotonic
        guard case .snapshot(var transfer) = peers[index].mode,
            transfer.snapshot.lastIndex == reply.lastIndex,
            reply.nextOffset <= UInt64(transfer.sent)
        else { return }
        let next = Int(reply.nextOffset)
        if reply.isGap {
            // The member lost what it had (it restarted), or a piece is missing.
            guard next != transfer.acknowledged || transfer.sent > next else { return }
            transfer.acknowledged = next
            transfer.sent = next
        } else {
            transfer.acknowledged = max(transfer.acknowledged, next)
        }
        transfer.lastActivity = now.monotonic
        peers[index].mode = .snapshot(transfer)
        sendChunks(to: index, now, &output)
    }

    // MARK: The follower's side

    func receive(
        _ chunk: SnapshotChunk, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard chunk.term >= term else {
            answer(chunk, nextOffset: 0, isGap: true, sender, &output)
            return
        }
        guard recognise(chunk.term, sender, now, &output) else { return }
        if chunk.lastIndex <= commitIndex {
            // Everything in it is here already.
            verifiedIndex = max(verifiedIndex, commitIndex)
            send(
                .appendReply(AppendReply(term: term, result: .matched(commitIndex))),
                to: sender, &output, .onceDurable)
            return
        }
        guard chunk.totalBytes > 0, chunk.totalBytes <= IncomingSnapshot.totalBytesMax else {
            return
        }
        let isNew =
            incoming.map {
                $0.sender != sender || $0.term != chunk.term || $0.lastIndex != chunk.lastIndex
                    || $0.lastTerm != chunk.lastTerm || $0.totalBytes != chunk.totalBytes
            } ?? true
        if isNew {
            incoming = IncomingSnapshot(
                sender: sender, term: chunk.term, lastIndex: chunk.lastIndex,
                lastTerm: chunk.lastTerm, totalBytes: chunk.totalBytes)
        }
        let received = UInt64(incoming?.bytes.count ?? 0)
        guard chunk.offset == received,
            chunk.totalBytes - received >= UInt64(chunk.bytes.count)
        else {
            // A repeat is answered with how far it has come; only what lies ahead is a gap.
            answer(
                chunk, nextOffset: received, isGap: chunk.offset > received, sender, &output)
            return
        }
        incoming?.bytes.append(contentsOf: chunk.bytes)
        let total = received + UInt64(chunk.bytes.count)
        guard total == chunk.totalBytes, let complete = incoming else {
            answer(chunk, nextOffset: total, isGap: false, sender, &output)
            return
        }
        incoming = nil
        install(complete, now, &output)
    }

    private func answer(
        _ chunk: SnapshotChunk, nextOffset: UInt64, isGap: Bool, _ sender: MemberID,
        _ output: inout Output
    ) {
        send(
            .snapshotReply(
                SnapshotReply(
                    term: term, lastIndex: chunk.lastIndex, nextOffset: nextOffset,
                    isGap: isGap)), to: sender, &output, .onceDurable)
    }

    private func install(
        _ incoming: IncomingSnapshot, _ now: NodeTime, _ output: inout Output
    ) {
        let snapshot: Snapshot
        do {
            snapshot = try Snapshot(incoming.bytes, empty: emptyMachine)
        } catch {
            output.note(
                "snapshot-refused",
                [
                    .init("from", .member(incoming.sender)),
                    .init("why", .text(error.description)),
                ])
            return
        }
        guard snapshot.machine.appliedIndex == incoming.lastIndex,
            snapshot.machine.appliedTerm == incoming.lastTerm,
            !snapshot.membership.voters.isEmpty
        else { return }
        let index = incoming.lastIndex
        // Whether these took effect is not told by the state.
        dropProposals(after: .zero, &output)
        machine = snapshot.machine
        commitIndex = index
        knownCommit = max(knownCommit, index)
        verifiedIndex = max(verifiedIndex, index)
        if log.term(at: index) == incoming.lastTerm {
            transitions.count(.snapshotKeptLog)
            // What follows the snapshot in the own log may have been acknowledged (5.2).
            log.compact(through: index)
            memberships.compact(through: index)
            memberships.rebase(snapshot.membership)
        } else {
            transitions.count(.snapshotReplacedLog)
            replaceLog(after: index, incoming.lastTerm)
            memberships = MembershipHistory(base: snapshot.membership)
            durability.truncate(after: index)
        }
        takeNoteOfBelonging()
        // The state becomes durable as records, like everything that is acknowledged; the
        // checkpoint then lets the journal forget them.
        let bytes = checkpointBytes()
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + Limits.snapshotChunkBytes, bytes.count)
            let position = output.persist(
                RaftRecord(
                    .checkpointPart(Array(bytes[offset..<end]), isLast: end == bytes.count)))
            if end == bytes.count { durability.wrote(position, end: log.lastIndex) }
            offset = end
        }
        output.checkpoint(bytes)
        journalBytes = 0
        checkpointedBytes = machine.byteCount
        output.note(
            .snapshotInstalled,
            [
                .init("from", .member(incoming.sender)),
                .init("bytes", .number(Int64(incoming.bytes.count))),
            ])
        send(
            .appendReply(AppendReply(term: term, result: .matched(index))), to: incoming.sender,
            &output, .onceDurable)
        if let target = catchUpTarget, commitIndex >= target { hasCaughtUp = true }
    }

    /// Begins the log anew after the last entry of a snapshot; what it held is not the leader's.
    private func replaceLog(after index: LogIndex, _ term: Term) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.snapshotKeepsSuffix), log.lastIndex > index {
                return keepSuffix(after: index, term)
            }
        #endif
        log = ReplicatedLog(baseIndex: index, baseTerm: term)
    }
}
