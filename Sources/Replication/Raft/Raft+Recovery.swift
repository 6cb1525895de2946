import Determinism

/// Taking over what the journal holds, after a restart.
extension Raft {
    /// Takes over a checkpoint: term and vote, membership, state, and the log not yet applied.
    public func restore(checkpoint bytes: [UInt8]) throws(MalformedBytes) {
        let checkpoint = try Checkpoint(bytes, empty: emptyMachine)
        guard !checkpoint.membership.voters.isEmpty else {
            throw MalformedBytes("a raft checkpoint without voters")
        }
        hardState = checkpoint.hardState
        hasBelonged = checkpoint.hasBelonged
        machine = checkpoint.machine
        commitIndex = machine.appliedIndex
        knownCommit = commitIndex
        log = ReplicatedLog(baseIndex: machine.appliedIndex, baseTerm: machine.appliedTerm)
        memberships = MembershipHistory(base: checkpoint.membership)
        journalBytes = 0
        checkpointedBytes = machine.byteCount
        for entry in checkpoint.tail { try replayEntry(entry) }
        logIsDurable()
    }

    /// Applies a record; throws if it does not fit what came before.
    public func replay(_ record: RaftRecord) throws(MalformedBytes) {
        switch record.body {
        case .hardState(let state):
            guard state.term >= hardState.term else {
                throw MalformedBytes(
                    "term \(state.term.rawValue) follows \(hardState.term.rawValue)")
            }
            hardState = state
        case .entries(let previous, let entries):
            guard previous >= commitIndex, previous <= log.lastIndex else {
                throw MalformedBytes(
                    "entries after \(previous.rawValue) do not fit a log from "
                        + "\(commitIndex.rawValue) to \(log.lastIndex.rawValue)")
            }
            log.truncate(after: previous)
            memberships.truncate(after: previous)
            for entry in entries { try replayEntry(entry) }
        case .checkpointPart(let bytes, let isLast):
            replayedParts.append(contentsOf: bytes)
            guard isLast else { return }
            let whole = replayedParts
            replayedParts = []
            try restore(checkpoint: whole)
        }
        logIsDurable()
    }

    private func replayEntry(_ entry: LogEntry) throws(MalformedBytes) {
        guard entry.term >= log.lastTerm, entry.term <= latestTermPossible else {
            throw MalformedBytes(
                "an entry of term \(entry.term.rawValue) after one of "
                    + "\(log.lastTerm.rawValue), in term \(hardState.term.rawValue)")
        }
        let membership = try entry.membership()
        log.append(entry)
        journalBytes += entry.cost
        if let membership { memberships.append(membership, at: log.lastIndex) }
    }

    /// The latest term that an entry read back can be of.
    private var latestTermPossible: Term {
        #if PlantedBugs
            if PlantedBug.isPlanted(.termNotPersisted) { return Term(.max) }
            if PlantedBug.isPlanted(.voteNotPersisted) { return Term(.max) }
        #endif
        return hardState.term
    }

    private func logIsDurable() {
        durableTerm = hardState.term
        durability = Durability(durableIndex: log.lastIndex)
        persistedIndex = log.lastIndex
    }
}
