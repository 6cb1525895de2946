#if PlantedBugs
    import DequeModule
    import Determinism

    /// What is too long to stand where the mistake is made. See ``PlantedBug``.
    extension Raft {
        /// Whose acceptance counts for a commit, if the mistake in force is about that.
        var plantedElectorate: (counted: [MemberID], quorum: Int)? {
            if PlantedBug.isPlanted(.learnersCounted) {
                return (membership.members, membership.quorum)
            }
            if PlantedBug.isPlanted(.oldMajorityCounted) {
                return (membership.voters, Membership(voters: setup.voters).quorum)
            }
            return nil
        }

        /// The last round that was answered often enough, by whomever.
        var roundWithEnoughAnswers: UInt64 {
            let needed = membership.quorum - 1
            return reads.rounds.last { $0.answers >= needed }?.number ?? 0
        }

        /// The last entry of the same term as the one at `index`. A leader that commits entries
        /// of earlier terms by themselves also sends them by themselves.
        func lastOfItsTerm(from index: LogIndex) -> LogIndex {
            guard let term = log.term(at: index) else { return persistedIndex }
            return min(persistedIndex, log.lastIndex(upTo: persistedIndex, termAtMost: term))
        }

        /// Keeps the entries after `index` although the one there is not the leader's, and takes
        /// them for the leader's.
        func keepSuffix(after index: LogIndex, _ term: Term) {
            log.moveBase(to: index, term)
            verifiedIndex = max(verifiedIndex, log.lastIndex)
        }

        /// Carries out the reads of a transaction that was just proposed, on what is applied so far.
        func readEarly(_ operation: Operation) {
            guard PlantedBug.isPlanted(.transactionNotAtomic), let last = proposals.indices.last,
                case .transaction(let steps) = operation
            else { return }
            var copy = machine.values
            let early = copy.apply(steps, term: term, index: log.lastIndex)
            guard case .transaction(let reads) = early.outcome else { return }
            proposals[last].plantedReads = reads
        }

        /// The time that an input is handled at.
        func plantedTime(of input: ReplicaInput<RaftMessage>, _ now: NodeTime) -> NodeTime {
            guard PlantedBug.isPlanted(.timeCachedAcrossPause) else { return now }
            switch input {
            case .message, .request, .administer, .connected, .disconnected:
                return turn.time(now)
            case .durable, .wake:
                turn.pass(now)
                return now
            case .start:
                turn.begin(now)
                return now
            }
        }
    }

    extension ClientReply {
        /// The answer to a transaction, if it is one, with what was read earlier.
        func with(_ early: [Value?]?) -> ClientReply {
            guard let early, case .transaction = outcome else { return self }
            var result = self
            result.outcome = .transaction(reads: early)
            return result
        }
    }

    extension ReadQueue {
        /// Counts an answer for every round up to the one answered.
        mutating func countAnswer(to round: UInt64) {
            for index in rounds.indices where rounds[index].number <= round {
                rounds[index].answers += 1
            }
        }
    }

    /// A turn of an event loop that reads the clock at the end of each turn, before it waits, and
    /// handles all that has come meanwhile as of then.
    struct PlantedTurn: Sendable {
        private var began: NodeTime?
        private var cached: NodeTime?

        /// What comes within this time belongs to one turn.
        private static let length = TimeSpan.milliseconds(1)

        mutating func begin(_ now: NodeTime) {
            began = now
            cached = now
        }

        /// Timers know the time; what waits with them to be handled in the same turn does not.
        mutating func pass(_ now: NodeTime) {
            if let began, now.monotonic - began.monotonic > Self.length {
                cached = began
                self.began = now
            }
            if began == nil { begin(now) }
        }

        mutating func time(_ now: NodeTime) -> NodeTime {
            pass(now)
            return cached ?? now
        }
    }
#endif
