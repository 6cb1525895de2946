import Determinism

/// What the committed entries of the log amount to: the values and the clients' sessions.
struct LogStateMachine: Sendable {
    /// The last entry applied.
    private(set) var appliedIndex: LogIndex = .zero
    /// Its term.
    private(set) var appliedTerm: Term = .zero
    /// The latest time that a leader stamped on an applied entry; never goes back.
    private(set) var logTime: UInt64 = 0
    private(set) var values: ValueTable
    private(set) var sessions: SessionTable

    /// What came of applying an entry.
    struct Applied {
        /// The answer for whoever asked for the entry.
        var reply: ClientReply?
        /// The sessions that were closed.
        var closedSessions: [UInt64] = []
        /// Whether it was applied before, so that only the answer was given again.
        var isRepeat = false
    }

    init(valueType: ValueType, sessionTimeout: TimeSpan, sessionsMax: Int) {
        values = ValueTable(valueType: valueType)
        sessions = SessionTable(
            timeoutMilliseconds: UInt64(max(1, sessionTimeout.nanoseconds / 1_000_000)),
            sessionsMax: sessionsMax)
    }

    /// About how many bytes the state takes.
    var byteCount: Int { values.byteCount + sessions.byteCount }

    /// Applies the entry after the last one.
    mutating func apply(_ entry: LogEntry) -> Applied {
        let index = appliedIndex.next
        appliedIndex = index
        appliedTerm = entry.term
        logTime = max(logTime, entry.time)
        var applied = Applied()
        applied.closedSessions = sessions.sweep(at: logTime)
        let payload: LogEntry.Payload
        do {
            payload = try LogEntry.Payload.decoded(entry.payload)
        } catch {
            // Only a faulty leader can have made it; it is the same for every member.
            applied.reply = .failed(
                ServiceError(
                    .invalid, "the log entry is malformed: \(error)", isIndefinite: false))
            return applied
        }
        switch payload {
        case .noOperation, .membership:
            applied.reply = ClientReply(.done(nil))
        case .openSession:
            if let evicted = sessions.open(index.rawValue, at: logTime) {
                applied.closedSessions.append(evicted)
            }
            applied.reply = ClientReply(.sessionOpened(index.rawValue))
        case .command(let command):
            applied.reply = apply(
                command, term: entry.term, index: index, isRepeat: &applied.isRepeat)
        }
        return applied
    }

    private mutating func apply(
        _ command: LogCommand, term: Term, index: LogIndex, isRepeat: inout Bool
    ) -> ClientReply {
        guard command.session != 0 else {
            return values.apply(command.operation, to: command.key, term: term, index: index)
        }
        switch sessions.admit(
            session: command.session, sequence: command.sequence,
            firstUnanswered: command.firstUnanswered, at: logTime)
        {
        case .answered(let reply):
            isRepeat = !reply.isRefusal
            #if PlantedBugs
                if let again = readAgain(command.operation, reply) { return again }
            #endif
            return reply
        case .new:
            let reply = values.apply(
                command.operation, to: command.key, term: term, index: index)
            sessions.keep(reply, session: command.session, sequence: command.sequence)
            return reply
        }
    }
}

#if PlantedBugs
    extension LogStateMachine {
        /// The answer to a transaction that was answered before, with what it would read now.
        fileprivate func readAgain(_ operation: Operation, _ reply: ClientReply) -> ClientReply? {
            guard PlantedBug.isPlanted(.transactionReadAgain),
                case .transaction(let steps) = operation, case .transaction = reply.outcome,
                case .transaction(let reads) = values.read(steps.filter(\.isRead)).outcome
            else { return nil }
            return reply.with(reads)
        }

        /// The same values, and nobody's sessions.
        var withoutSessions: LogStateMachine {
            var result = self
            result.sessions.forgetAll()
            return result
        }
    }
#endif

extension LogStateMachine {
    /// About how many bytes ``encode(into:)`` will append.
    var encodedSizeEstimate: Int { 40 + values.encodedSizeEstimate + sessions.encodedSize }

    func encode(into writer: inout ByteWriter) {
        appliedIndex.encode(into: &writer)
        appliedTerm.encode(into: &writer)
        writer.writeVarint(logTime)
        values.encode(into: &writer)
        sessions.encode(into: &writer)
    }

    /// Takes over what ``encode(into:)`` wrote; unchanged if that throws.
    mutating func load(from reader: inout ByteReader) throws(MalformedBytes) {
        var loaded = self
        loaded.appliedIndex = try LogIndex.decode(from: &reader)
        loaded.appliedTerm = try Term.decode(from: &reader)
        loaded.logTime = try reader.readVarint()
        guard loaded.logTime < Term.numberMax else {
            throw MalformedBytes("a log time of \(loaded.logTime)")
        }
        try loaded.values.load(from: &reader)
        try loaded.sessions.load(from: &reader)
        self = loaded
    }
}
