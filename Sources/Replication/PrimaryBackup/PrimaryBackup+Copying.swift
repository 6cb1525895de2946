import Determinism

/// Copies of the state, for members that entries cannot bring into line; and checkpoints.
extension PrimaryBackup {
    /// A state machine without any entry applied.
    var emptyMachine: LogStateMachine {
        LogStateMachine(
            valueType: setup.valueType, sessionTimeout: PrimaryBackupOptions.sessionTimeout,
            sessionsMax: PrimaryBackupOptions.sessionsMax)
    }

    // MARK: The primary's side

    func startCopy(
        to index: Int, fork: LogIndex, _ now: NodeTime, _ output: inout Output
    ) {
        guard let reign else { return }
        transitions.count(.copySent)
        let bytes = StateCopy(machine: machine, history: history).encoded
        output.note(
            .snapshotSent,
            [
                .init("to", .member(reign.streams[index].member)),
                .init("bytes", .number(Int64(bytes.count))),
            ])
        reign.streams[index].mode = .copying(
            OutgoingCopy(through: machine.appliedIndex, fork: fork, bytes: bytes))
        sendPieces(to: index, now, &output)
    }

    func resumeCopy(to index: Int, _ now: NodeTime, _ output: inout Output) {
        guard let reign, case .copying(var copy) = reign.streams[index].mode else { return }
        copy.sent = copy.acknowledged
        reign.streams[index].mode = .copying(copy)
        sendPieces(to: index, now, &output)
    }

    private func sendPieces(to index: Int, _ now: NodeTime, _ output: inout Output) {
        guard let reign, case .copying(var copy) = reign.streams[index].mode else { return }
        let window = OutgoingCopy.windowPiecesMax * Limits.snapshotChunkBytes
        let bound = min(copy.bytes.count, copy.acknowledged + window)
        while copy.sent < bound {
            let end = min(copy.sent + Limits.snapshotChunkBytes, copy.bytes.count)
            let piece = CopyPiece(
                epoch: reign.epoch, through: copy.through, fork: copy.fork,
                totalBytes: UInt64(copy.bytes.count), offset: UInt64(copy.sent),
                bytes: Array(copy.bytes[copy.sent..<end]))
            send(.copy(piece), to: reign.streams[index].member, &output)
            copy.sent = end
        }
        reign.streams[index].lastActivity = now.monotonic
        reign.streams[index].mode = .copying(copy)
    }

    /// So much of a copy has arrived.
    func copied(
        _ epoch: Term, _ through: LogIndex, _ offset: Int, _ sender: MemberID, _ now: NodeTime,
        _ output: inout Output
    ) {
        guard let reign, reign.epoch == epoch, let index = reign.streamIndex(sender),
            case .copying(var copy) = reign.streams[index].mode, copy.through == through,
            offset <= copy.bytes.count
        else { return }
        copy.acknowledged = max(copy.acknowledged, offset)
        reign.streams[index].lastActivity = now.monotonic
        guard copy.acknowledged < copy.bytes.count else {
            reign.streams[index].mode = .streaming
            reign.streams[index].next = through.next
            reign.streams[index].underWay = []
            return sendEntries(to: index, now, &output, evenIfNone: true)
        }
        reign.streams[index].mode = .copying(copy)
        sendPieces(to: index, now, &output)
    }

    // MARK: The replica's side

    /// The largest copy that is taken in, in bytes.
    private static let copyBytesMax: UInt64 = 4 << 30

    func receive(
        _ piece: CopyPiece, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard piece.epoch == configuration.epoch, configuration.primary == sender, reign == nil,
            sealed <= piece.epoch, piece.totalBytes <= Self.copyBytesMax
        else { return }
        let begun = incoming.take()
        var arriving: IncomingCopy
        if let begun, begun.epoch == piece.epoch, begun.through == piece.through {
            arriving = begun
        } else {
            guard piece.offset == 0 else { return }
            arriving = IncomingCopy(
                sender: sender, epoch: piece.epoch, through: piece.through,
                totalBytes: piece.totalBytes)
        }
        if arriving.totalBytes == piece.totalBytes,
            piece.offset == UInt64(arriving.bytes.count)
        {
            arriving.bytes.append(contentsOf: piece.bytes)
        }
        let count = UInt64(arriving.bytes.count)
        incoming = arriving
        if !isMember { joinDue = now.monotonic + PrimaryBackupOptions.joinInterval * 4 }
        if count >= piece.totalBytes { install(fork: piece.fork, &output) }
        send(
            .copied(piece.epoch, through: piece.through, nextOffset: count), to: sender, &output,
            .onceDurable)
    }

    private func install(fork: LogIndex, _ output: inout Output) {
        guard let arrived = incoming else { return }
        incoming = nil
        var reader = ByteReader(arrived.bytes)
        guard let copy = try? StateCopy(from: &reader, empty: emptyMachine) else { return }
        transitions.count(.copyInstalled)
        if lastIndex > fork { leaveLine(after: fork, newState: copy.machine, &output) }
        machine = copy.machine
        history = copy.history
        log = ReplicatedLog(baseIndex: machine.appliedIndex, baseTerm: machine.appliedTerm)
        durability.truncate(after: machine.appliedIndex)
        output.note(
            .snapshotInstalled,
            [
                .init("from", .member(arrived.sender)),
                .init("bytes", .number(Int64(arrived.bytes.count))),
            ])
        // The state becomes durable as records, like everything that is acknowledged; the
        // checkpoint then lets the journal forget them.
        let bytes = checkpointBytes(manager: managers?.checkpoint(into: &output))
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + Limits.snapshotChunkBytes, bytes.count)
            let isLast = end == bytes.count
            let position = output.persist(
                PrimaryBackupRecord(
                    .checkpointPart(Array(bytes[offset..<end]), isLast: isLast)))
            if isLast { durability.wrote(position, end: lastIndex) }
            offset = end
        }
        output.checkpoint(bytes)
        journalBytes = 0
        checkpointedBytes = machine.byteCount
    }

    // MARK: Checkpoints

    func checkpointBytes(manager: [UInt8]?) -> [UInt8] {
        PrimaryBackupCheckpoint(
            configuration: configuration, sealed: sealed,
            state: StateCopy(machine: machine, history: history),
            tail: log.entries(after: machine.appliedIndex), setAside: setAside, manager: manager
        ).encoded
    }

    func writeCheckpoint(manager bytes: [UInt8]?, _ output: inout Output) {
        persistGathered(&output)
        output.checkpoint(checkpointBytes(manager: bytes))
        journalBytes = 0
        checkpointedBytes = machine.byteCount
    }

    /// Replaces the journal by a checkpoint when it outgrows the larger of the limit and the state.
    func compactIfDue(_ output: inout Output) {
        guard journalBytes > max(options.snapshotBytes, checkpointedBytes) else { return }
        transitions.count(.logCompacted)
        writeCheckpoint(manager: managers?.checkpoint(into: &output), &output)
        // What members lack stays in memory, within bounds.
        var point = log.compactionPoint(
            before: machine.appliedIndex, keeping: options.snapshotBytes / 4)
        if let reign, log.byteCount < 2 * (options.snapshotBytes + checkpointedBytes) {
            for stream in reign.streams { point = min(point, stream.match ?? point) }
        }
        log.compact(through: point)
    }
}
