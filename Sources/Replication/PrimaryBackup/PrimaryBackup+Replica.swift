import Determinism

/// The replica's half: taking what the primary ships.
extension PrimaryBackup {
    /// A primary asks where the log ends.
    func asked(
        _ news: Configuration, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        learn(news, now, &output)
        guard isFollowed(news.epoch, sender, &output) else { return }
        tellPosition(to: sender, &output)
    }

    /// Whether `sender` is the primary that this member follows; if it was superseded it is told.
    private func isFollowed(
        _ epoch: Term, _ sender: MemberID, _ output: inout Output
    ) -> Bool {
        if epoch < max(sealed, configuration.epoch) {
            if isFollowedThoughSealed { return true }
            transitions.count(.superseded)
            send(.superseded(configuration), to: sender, &output)
            return false
        }
        return epoch == configuration.epoch && configuration.primary == sender && reign == nil
    }

    private var isFollowedThoughSealed: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.sealedStillFollows), reign == nil { return true }
        #endif
        return false
    }

    private func tellPosition(to sender: MemberID, _ output: inout Output) {
        isInLine = false
        let position = Position(
            epoch: configuration.epoch, lastIndex: lastIndex, applied: machine.appliedIndex,
            history: history)
        send(.position(position), to: sender, &output, .onceDurable)
    }

    /// Takes entries of the primary's log.
    func follow(
        _ request: Extension, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard isFollowed(request.epoch, sender, &output) else { return }
        guard incoming == nil, log.term(at: request.previousIndex) == request.previousEpoch else {
            if incoming == nil { tellPosition(to: sender, &output) }
            return
        }
        var known = 0
        var index = request.previousIndex
        while known < request.entries.count, let held = log.term(at: index.next),
            held == request.entries[known].term
        {
            known += 1
            index = index.next
        }
        if known < request.entries.count, index < lastIndex {
            guard index >= machine.appliedIndex else { return tellPosition(to: sender, &output) }
            cutTail(after: index, &output)
        }
        let added = known == 0 ? request.entries : Array(request.entries[known...])
        if !added.isEmpty {
            guard added.allSatisfy({ $0.term <= request.epoch && $0.term >= history.lastEpoch })
            else { return }
            for entry in added {
                log.append(entry)
                history.note(entry.term, at: lastIndex)
                journalBytes += entry.cost
            }
            let position = output.persist(PrimaryBackupRecord(.entries(after: index, added)))
            durability.wrote(position, end: lastIndex)
            index = lastIndex
        }
        applyAll(&output)
        isInLine = true
        compactIfDue(&output)
        if !isMember { joinDue = now.monotonic + PrimaryBackupOptions.joinInterval * 4 }
        send(.appended(request.epoch, index), to: sender, &output, acknowledgement)
    }

    private var acknowledgement: Timing {
        #if PlantedBugs
            if PlantedBug.isPlanted(.replicaAcknowledgesEarly) { return .now }
        #endif
        return .onceDurable
    }

    /// A replica applies what it has at once.
    func applyAll(_ output: inout Output) {
        while machine.appliedIndex < lastIndex, let entry = log.entry(at: machine.appliedIndex.next)
        {
            let applied = machine.apply(entry)
            if output.logsReplication {
                output.replicated(entry, at: machine.appliedIndex, applied, from: primary ?? me)
            }
        }
    }

    /// Gives up entries that were taken in and never acknowledged.
    private func cutTail(after index: LogIndex, _ output: inout Output) {
        transitions.count(.tailCut)
        leaveLine(after: index, newState: nil, &output)
        log.truncate(after: index)
        history.truncate(after: index)
        durability.truncate(after: index)
    }

    /// Reports the entries after `fork`, which are not in the primary's log, and keeps them aside
    /// if that is asked. `newState`: the primary's, by which to tell what they mean.
    func leaveLine(after fork: LogIndex, newState: LogStateMachine?, _ output: inout Output) {
        let first = max(fork, log.baseIndex)
        let left = log.entries(after: first).enumerated().map { offset, entry in
            SetAsideWrite(index: first + (offset + 1), entry: entry)
        }
        let writes = left.filter { $0.command?.operation.isUpdate == true }
        let known = Int(clamping: lastIndex - fork)
        guard !writes.isEmpty || known > left.count else { return }
        var lost = 0
        var diverged = 0
        for (number, write) in writes.enumerated() {
            guard let command = write.command else { continue }
            let fate: String
            if let newState {
                let isWrittenAnew =
                    newState.values.entries[command.key].map { $0.index > fork } ?? false
                if isWrittenAnew { diverged += 1 } else { lost += 1 }
                fate = isWrittenAnew ? "diverged" : "lost"
            } else {
                fate = "not acknowledged"
            }
            guard number < PrimaryBackupOptions.writesToldMax else { continue }
            output.note(
                "write-out-of-line",
                [
                    .init("key", .key(command.key)), .init("version", .version(write.version)),
                    .init("fate", .text(fate)),
                ])
        }
        if lost > 0 { transitions.count(.writesLost) }
        if diverged > 0 { transitions.count(.writesDiverged) }
        output.note(
            "log-out-of-line",
            [
                .init("after", .number(Int64(clamping: fork.rawValue))),
                .init("entries", .number(Int64(known))),
                .init("writes", .number(Int64(writes.count))),
                .init("lost", .number(Int64(lost))), .init("diverged", .number(Int64(diverged))),
                .init("handled", .text(options.divergence.rawValue)),
            ])
        guard options.divergence == .keep, !writes.isEmpty else { return }
        setAside += writes
        setAside.removeFirst(max(0, setAside.count - SetAsideWrite.countMax))
        output.persist(PrimaryBackupRecord(.setAside(writes)))
    }
}
