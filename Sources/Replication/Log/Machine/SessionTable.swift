/// The clients' sessions, so that a repeated request takes effect once (dissertation, 6.3).
///
/// Part of the replicated state: it changes only by applying entries, and time in it is the time
/// that leaders stamped on entries, so that a session expires at the same entry everywhere.
struct SessionTable: Sendable {
    /// How long a session lives without a request, in milliseconds of the log's time.
    let timeoutMilliseconds: UInt64
    /// The most sessions; beyond it, the one that was longest without a request is closed.
    let sessionsMax: Int
    /// The most answers that a session keeps because its client has not confirmed them.
    static let answersMax = 4096

    private var sessions: [UInt64: Session] = [:]
    private var nextSweep: UInt64 = 0
    /// About how many bytes the table takes.
    private(set) var byteCount = 0

    private struct Session {
        var lastActive: UInt64
        var firstUnanswered: UInt64 = 0
        /// In order of sequence.
        var answers: [Answer] = []

        mutating func keep(_ answer: consuming Answer) {
            let position = SessionTable.position(of: answer.sequence, in: answers)
            if position == answers.count {
                answers.append(answer)
            } else {
                answers.insert(answer, at: position)
            }
        }
    }

    private struct Answer {
        var sequence: UInt64
        var reply: ClientReply
        var size: Int
    }

    /// What the table says about a request, before it is applied.
    enum Verdict {
        /// It is new: apply it and keep the answer.
        case new
        /// It was answered so, or must be refused so: do not apply it.
        case answered(ClientReply)
    }

    init(timeoutMilliseconds: UInt64, sessionsMax: Int) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.sessionsMax = sessionsMax
    }

    /// How many sessions are open.
    var count: Int { sessions.count }

    /// Opens the session `number` at `time`; returns the session that had to make room.
    mutating func open(_ number: UInt64, at time: UInt64) -> UInt64? {
        var evicted: UInt64?
        if sessions.count >= sessionsMax {
            evicted =
                sessions.min { ($0.value.lastActive, $0.key) < ($1.value.lastActive, $1.key) }?
                .key
            if let evicted { close(evicted) }
        }
        sessions[number] = Session(lastActive: time)
        byteCount += 64
        return evicted
    }

    /// What becomes of the request `sequence` of a session at `time`.
    mutating func admit(
        session number: UInt64, sequence: UInt64, firstUnanswered: UInt64, at time: UInt64
    ) -> Verdict {
        #if PlantedBugs
            reopenIfPlanted(number, at: time)
        #endif
        guard let place = sessions.index(forKey: number),
            !isExpired(sessions.values[place].lastActive, at: time)
        else {
            return .answered(
                .failed(
                    ServiceError(
                        .sessionExpired,
                        "session \(number) is unknown or has expired; open a new one",
                        isIndefinite: false)))
        }
        sessions.values[place].lastActive = time
        forget(at: place, below: firstUnanswered)
        let session = sessions.values[place]
        if sequence < session.firstUnanswered {
            return .answered(
                .failed(
                    ServiceError(
                        .invalid,
                        "request \(sequence) was answered before; the session has said that it "
                            + "has every answer below \(session.firstUnanswered)",
                        isIndefinite: true)))
        }
        let position = Self.position(of: sequence, in: session.answers)
        if position < session.answers.count, session.answers[position].sequence == sequence {
            return .answered(session.answers[position].reply)
        }
        if session.answers.count >= Self.answersMax {
            return .answered(
                .failed(
                    ServiceError(
                        .overloaded,
                        "the session keeps \(Self.answersMax) answers that its client has not "
                            + "confirmed; raise firstUnanswered",
                        isIndefinite: false)))
        }
        return .new
    }

    /// Keeps the answer to a request that was admitted as new.
    mutating func keep(_ reply: ClientReply, session number: UInt64, sequence: UInt64) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.retryAppliedTwice) { return }
        #endif
        let size = 32 + reply.encodedSize
        let answer = Answer(sequence: sequence, reply: reply, size: size)
        guard let place = sessions.index(forKey: number) else { return }
        sessions.values[place].keep(answer)
        byteCount += size
    }

    /// Closes what expired by `time`, now and then; returns what it closed, in order.
    mutating func sweep(at time: UInt64) -> [UInt64] {
        guard time >= nextSweep else { return [] }
        nextSweep = time + max(1, timeoutMilliseconds / 4)
        let expired = sessions.filter { isExpired($0.value.lastActive, at: time) }.keys.sorted()
        for number in expired { close(number) }
        return expired
    }

    private func isExpired(_ lastActive: UInt64, at time: UInt64) -> Bool {
        time > lastActive && time - lastActive > timeoutMilliseconds
    }

    private mutating func close(_ number: UInt64) {
        guard let session = sessions.removeValue(forKey: number) else { return }
        byteCount -= 64 + session.answers.reduce(0) { $0 + $1.size }
    }

    private mutating func forget(
        at place: Dictionary<UInt64, Session>.Index, below sequence: UInt64
    ) {
        guard sequence > sessions.values[place].firstUnanswered else { return }
        sessions.values[place].firstUnanswered = sequence
        let count = Self.position(of: sequence, in: sessions.values[place].answers)
        guard count > 0 else { return }
        for number in 0..<count { byteCount -= sessions.values[place].answers[number].size }
        sessions.values[place].answers.removeFirst(count)
    }

    #if PlantedBugs
        /// Without sessions, as if none had been opened.
        mutating func forgetAll() {
            for number in sessions.keys.sorted() { close(number) }
        }

        private mutating func reopenIfPlanted(_ number: UInt64, at time: UInt64) {
            guard PlantedBug.isPlanted(.expiredSessionReopened) else { return }
            if let known = sessions[number]?.lastActive, !isExpired(known, at: time) { return }
            close(number)
            _ = open(number, at: time)
        }
    #endif

    private static func position(of sequence: UInt64, in answers: [Answer]) -> Int {
        if let last = answers.last, last.sequence < sequence { return answers.count }
        var low = 0
        var high = answers.count
        while low < high {
            let middle = (low + high) / 2
            if answers[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SessionTable {
    /// How many bytes ``encode(into:)`` will append.
    var encodedSize: Int {
        var size =
            ByteWriter.varintSize(nextSweep) + ByteWriter.varintSize(UInt64(sessions.count))
        for (number, session) in sessions {
            size += ByteWriter.varintSize(number) + ByteWriter.varintSize(session.lastActive)
            size += ByteWriter.varintSize(session.firstUnanswered)
            size += ByteWriter.varintSize(UInt64(session.answers.count))
            for answer in session.answers {
                size += ByteWriter.varintSize(answer.sequence) + answer.reply.encodedSize
            }
        }
        return size
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(nextSweep)
        writer.writeVarint(UInt64(sessions.count))
        for (number, session) in sessions.sorted(by: { $0.key < $1.key }) {
            writer.writeVarint(number)
            writer.writeVarint(session.lastActive)
            writer.writeVarint(session.firstUnanswered)
            writer.writeVarint(UInt64(session.answers.count))
            for answer in session.answers {
                writer.writeVarint(answer.sequence)
                answer.reply.encode(into: &writer)
            }
        }
    }

    /// Takes over what ``encode(into:)`` wrote.
    mutating func load(from reader: inout ByteReader) throws(MalformedBytes) {
        sessions = [:]
        byteCount = 0
        nextSweep = try reader.readVarint()
        guard nextSweep < Term.numberMax else { throw MalformedBytes("a sweep at \(nextSweep)") }
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 4)) {
            let number = try reader.readVarint()
            var session = Session(lastActive: try reader.readVarint())
            session.firstUnanswered = try reader.readVarint()
            byteCount += 64
            for _ in 0..<(try reader.readCount(limit: Self.answersMax)) {
                let sequence = try reader.readVarint()
                let reply = try ClientReply.decode(from: &reader)
                if let last = session.answers.last, last.sequence >= sequence {
                    throw MalformedBytes("answers of a session out of order")
                }
                let size = 32 + reply.encodedSize
                session.answers.append(Answer(sequence: sequence, reply: reply, size: size))
                byteCount += size
            }
            sessions[number] = session
        }
    }
}
