/// Goes through each session once and looks for reads that break a guarantee of
/// ``ValueGuarantees``.
struct GuaranteeSearch {
    /// The operations of a violation; the read is the last.
    struct Breach {
        var operations: [Int32]
    }

    private let history: SessionHistory
    private let source: ContiguousArray<Int32>
    private let writers: KeyWriters
    /// For each write the sessions that read it and where they first did, as a list.
    private var readerHeads: ContiguousArray<Int32>
    private var readerNext: ContiguousArray<Int32> = []
    private var readerSessions: ContiguousArray<Int32> = []
    private var readerPositions: ContiguousArray<Int32> = []
    /// The first violation of each guarantee.
    private(set) var breaches: [SessionGuarantee: Breach] = [:]

    // What the session that is looked at knows.
    /// The number of the session plus one, for each write that it has learned.
    private var learnedBy: ContiguousArray<Int32>
    /// When it first learned the write.
    private var learnedAt: ContiguousArray<Int32>
    /// For each key its last own write.
    private var ownWrite: ContiguousArray<Int32>
    /// For each key the last read, and the last one of another value than that.
    private var lastRead: ContiguousArray<Int32>
    private var otherRead: ContiguousArray<Int32>
    /// For each session how many of its operations come up to the last write of it that was read.
    private var reached: ContiguousArray<Int32>
    /// For each session how many of its reads were looked at.
    private var followed: ContiguousArray<Int32>
    /// For each group of writes the position, plus one, of the last that reads rest on.
    private var restsOn: ContiguousArray<Int32>
    /// For each key a write that one which was read rests on.
    private var foundation: ContiguousArray<Int32>
    /// For each write the position of the next one of its session to its key; -1 if none.
    private var nextWrite: ContiguousArray<Int32>

    init(_ history: SessionHistory, _ source: ContiguousArray<Int32>) {
        self.history = history
        self.source = source
        writers = KeyWriters(history)
        readerHeads = ContiguousArray(repeating: -1, count: history.count)
        learnedBy = ContiguousArray(repeating: 0, count: history.count)
        learnedAt = ContiguousArray(repeating: 0, count: history.count)
        ownWrite = ContiguousArray(repeating: -1, count: history.keyCount)
        lastRead = ContiguousArray(repeating: -1, count: history.keyCount)
        otherRead = lastRead
        foundation = lastRead
        nextWrite = ContiguousArray(repeating: -1, count: history.count)
        reached = ContiguousArray(repeating: 0, count: history.sessionCount)
        followed = ContiguousArray(repeating: 0, count: history.sessionCount)
        restsOn = ContiguousArray(repeating: 0, count: writers.count)
        for index in 0..<history.count where source[index] >= 0 {
            let writer = Int(source[index])
            let session = history.sessions[index]
            let head = readerHeads[writer]
            // Reads come session by session.
            if head >= 0, readerSessions[Int(head)] == session { continue }
            readerHeads[writer] = Int32(readerNext.count)
            readerNext.append(head)
            readerSessions.append(session)
            readerPositions.append(history.position(index))
        }
        for group in 0..<writers.count {
            let places = Int(writers.starts[group])..<Int(writers.starts[group + 1])
            for place in places.dropLast() {
                let write = history.operation(writers.sessions[group], writers.positions[place])
                nextWrite[Int(write)] = writers.positions[place + 1]
            }
        }
    }

    /// Looks at all sessions.
    mutating func run() {
        for session in 0..<history.sessionCount {
            for key in ownWrite.indices {
                ownWrite[key] = -1
                lastRead[key] = -1
                otherRead[key] = -1
                foundation[key] = -1
            }
            for other in reached.indices {
                reached[other] = 0
                followed[other] = 0
            }
            for group in restsOn.indices { restsOn[group] = 0 }
            for operation in history.operations(of: session) {
                if source[operation] != ReadsFrom.none, source[operation] != ReadsFrom.thinAir {
                    examine(operation)
                }
                if source[operation] >= 0 { noteRead(operation, session) }
                if history.isWrite(operation) {
                    learn(Int32(operation), session, operation)
                    ownWrite[Int(history.keys[operation])] = Int32(operation)
                }
            }
        }
    }

    private mutating func learn(_ write: Int32, _ session: Int, _ operation: Int) {
        guard learnedBy[Int(write)] != Int32(session + 1) else { return }
        learnedBy[Int(write)] = Int32(session + 1)
        learnedAt[Int(write)] = Int32(operation)
    }

    private mutating func noteRead(_ operation: Int, _ session: Int) {
        let writer = source[operation]
        let key = Int(history.keys[operation])
        learn(writer, session, operation)
        if lastRead[key] >= 0, source[Int(lastRead[key])] != writer {
            otherRead[key] = lastRead[key]
        }
        lastRead[key] = Int32(operation)
        let other = Int(history.sessions[Int(writer)])
        let position = history.position(Int(writer))
        reached[other] = max(reached[other], position + 1)
        rest(on: writer)
        // What the writer's session had read before it wrote.
        while followed[other] < position {
            let earlier = history.operation(Int32(other), followed[other])
            restOnSource(of: earlier)
            followed[other] += 1
        }
        // An operation that reads and writes had read before it wrote.
        if followed[other] == position { restOnSource(of: writer) }
    }

    private mutating func restOnSource(of operation: Int32) {
        let writer = source[Int(operation)]
        guard writer >= 0 else { return }
        rest(on: writer)
        foundation[Int(history.keys[Int(writer)])] = writer
    }

    private mutating func rest(on write: Int32) {
        guard
            let group = writers.group(
                of: history.keys[Int(write)], history.sessions[Int(write)])
        else { return }
        restsOn[group] = max(restsOn[group], history.position(Int(write)) + 1)
    }

    private mutating func examine(_ index: Int) {
        let read = Int32(index)
        let key = Int(history.keys[index])
        let writer = source[index]
        guard writer >= 0 else { return examineInitial(read, key) }
        let session = history.sessions[index] + 1
        let isLearned = learnedBy[Int(writer)] == session
        let learned = learnedAt[Int(writer)]
        let own = ownWrite[key]
        // An operation that read w and wrote w' learned w before it wrote.
        if own >= 0, own != writer, isLearned, learned <= own {
            report(.readYourWrites, [own, read])
        }
        var seen = lastRead[key]
        if seen >= 0, source[Int(seen)] == writer { seen = otherRead[key] }
        if seen >= 0, isLearned, learned < seen { report(.monotonicReads, [seen, read]) }
        let owner = history.sessions[Int(writer)]
        let following = nextWrite[Int(writer)]
        if following >= 0, following < reached[Int(owner)] {
            report(.monotonicWrites, [history.operation(owner, following), read])
        }
        var reader = readerHeads[Int(writer)]
        while reader >= 0 {
            let other = readerSessions[Int(reader)]
            if let group = writers.group(of: history.keys[index], other),
                restsOn[group] > readerPositions[Int(reader)]
            {
                let hiding = history.operation(other, restsOn[group] - 1)
                report(.writesFollowReads, [hiding, read])
            }
            reader = readerNext[Int(reader)]
        }
    }

    private mutating func examineInitial(_ read: Int32, _ key: Int) {
        if ownWrite[key] >= 0 { report(.readYourWrites, [ownWrite[key], read]) }
        if lastRead[key] >= 0 { report(.monotonicReads, [lastRead[key], read]) }
        for group in writers.groups(of: Int32(key)) {
            let other = writers.sessions[group]
            let first = writers.positions[Int(writers.starts[group])]
            if first < reached[Int(other)] - 1 {
                report(.monotonicWrites, [history.operation(other, first), read])
            }
        }
        if foundation[key] >= 0 { report(.writesFollowReads, [foundation[key], read]) }
    }

    private mutating func report(_ guarantee: SessionGuarantee, _ operations: [Int32]) {
        if breaches[guarantee] == nil { breaches[guarantee] = Breach(operations: operations) }
    }
}
