import Determinism

/// Taking over what the journal holds, after a restart; and how the group looks from here.
extension PrimaryBackup {
    /// Takes over a checkpoint.
    public func restore(checkpoint bytes: [UInt8]) throws(MalformedBytes) {
        let checkpoint = try PrimaryBackupCheckpoint(bytes, empty: emptyMachine)
        configuration = checkpoint.configuration
        sealed = checkpoint.sealed
        machine = checkpoint.state.machine
        history = checkpoint.state.history
        setAside = checkpoint.setAside
        log = ReplicatedLog(baseIndex: machine.appliedIndex, baseTerm: machine.appliedTerm)
        journalBytes = 0
        checkpointedBytes = machine.byteCount
        for entry in checkpoint.tail { try replayEntry(entry) }
        if let bytes = checkpoint.manager { try managers?.raft.restore(checkpoint: bytes) }
        durability = Durability(durableIndex: lastIndex)
    }

    /// Applies a record; throws if it does not fit what came before.
    public func replay(_ record: PrimaryBackupRecord) throws(MalformedBytes) {
        switch record.body {
        case .configuration(let news, let sealed):
            guard sealed >= self.sealed, !news.isBefore(configuration) else {
                throw MalformedBytes("a configuration that is older than one before")
            }
            configuration = news
            self.sealed = sealed
        case .entries(let previous, let entries):
            guard previous >= log.baseIndex, previous <= lastIndex else {
                throw MalformedBytes(
                    "entries after \(previous.rawValue) do not fit a log from "
                        + "\(log.baseIndex.rawValue) to \(lastIndex.rawValue)")
            }
            log.truncate(after: previous)
            history.truncate(after: previous)
            for entry in entries { try replayEntry(entry) }
        case .setAside(let writes): setAside += writes
        case .checkpointPart(let bytes, let isLast):
            replayedParts.append(contentsOf: bytes)
            guard isLast else { return }
            let whole = replayedParts
            replayedParts = []
            try restore(checkpoint: whole)
        case .manager(let record): try managers?.raft.replay(record)
        }
        durability = Durability(durableIndex: lastIndex)
    }

    private func replayEntry(_ entry: LogEntry) throws(MalformedBytes) {
        guard entry.term >= log.lastTerm, entry.term <= configuration.epoch else {
            throw MalformedBytes(
                "an entry of epoch \(entry.term.rawValue) after one of "
                    + "\(log.lastTerm.rawValue), in epoch \(configuration.epoch.rawValue)")
        }
        log.append(entry)
        history.note(entry.term, at: lastIndex)
        journalBytes += entry.cost
    }

    /// The group as this member sees it.
    public var view: GroupView {
        let applied = machine.appliedIndex
        return GroupView(
            role: visibleRole, leader: primary, term: configuration.epoch.rawValue,
            commitIndex: applied.rawValue, lastIndex: lastIndex.rawValue,
            applied: .index(applied.rawValue), appliedTerm: machine.appliedTerm.rawValue, lag: lag,
            digest: machine.values.digest,
            keyCount: UInt64(machine.values.count), voters: configuration.members, learners: [],
            isReady: isReady)
    }

    /// At a primary how many entries the member that is furthest behind lacks.
    private var lag: UInt64 {
        guard let reign else { return UInt64(clamping: lastIndex - machine.appliedIndex) }
        let last = configuration.replicas.map { reign.match(of: $0) }.min() ?? lastIndex
        return UInt64(clamping: lastIndex - last)
    }

    private var visibleRole: GroupView.Role {
        if reign != nil { return .leader }
        return isMember ? .follower : .learner
    }

    private var isReady: Bool {
        guard isStarted, primary != nil else { return false }
        guard let reign else { return isMember && isInLine }
        return reign.isConfirmed && reign.isEstablished
    }

    /// Every key with its value; deleted keys are not remembered.
    public func finalState() -> [FinalEntry] { machine.values.sorted() }

    /// How often each of the ``StrategyDescription/transitions`` happened since the start.
    public var transitionCounts: [UInt64] { transitions.counts }
}
