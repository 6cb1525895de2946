/// The causal order of a history as vector clocks: for each operation how many operations of each
/// session come before it.
///
/// An operation that learns of nothing new shares its clock with the one before it in its session,
/// so there are at most as many clocks as reads. The part for the own session is not kept: it is
/// the position.
struct CausalOrder {
    /// What came of making it.
    enum Outcome {
        case order(CausalOrder)
        /// The order has a circle.
        case cyclic([SessionSchedule.Step])
        /// The clocks would take more than the budget.
        case tooLarge
    }

    private let width: Int
    private var clocks: ContiguousArray<Int32>
    /// For each operation its clock.
    private var clockOf: ContiguousArray<Int32>
    /// How much memory it takes.
    var bytes: Int { (clocks.count + clockOf.count) * 4 }

    private init(_ history: SessionHistory) {
        width = history.sessionCount
        clocks = ContiguousArray(repeating: 0, count: width)
        clockOf = ContiguousArray(repeating: 0, count: history.count)
    }

    /// Orders `history`, whose reads read from `source`, in at most `bytesMax` bytes.
    static func make(
        _ history: SessionHistory, _ source: ContiguousArray<Int32>, bytesMax: Int
    ) -> Outcome {
        var made = CausalOrder(history)
        let none = ConflictEdges(operationCount: history.count)
        var schedule = SessionSchedule(history, source)
        let lower = ContiguousArray<Int32>(repeating: 0, count: history.sessionCount)
        let upper = ContiguousArray(
            (0..<history.sessionCount).map { Int32(history.operations(of: $0).count) })
        var isTooLarge = false
        let isAcyclic = schedule.run(from: lower, to: upper, none) { operation in
            if isTooLarge { return }
            made.place(Int(operation), history, source)
            isTooLarge = made.bytes > bytesMax
        }
        if !isAcyclic { return .cyclic(schedule.circle(none)) }
        return isTooLarge ? .tooLarge : .order(made)
    }

    private mutating func place(
        _ operation: Int, _ history: SessionHistory, _ source: ContiguousArray<Int32>
    ) {
        let session = Int(history.sessions[operation])
        let isFirst = operation == Int(history.starts[session])
        let own = isFirst ? 0 : clockOf[operation - 1]
        clockOf[operation] = own
        let writer = source[operation]
        guard writer >= 0 else { return }
        let writerSession = Int(history.sessions[Int(writer)])
        let reached = history.position(Int(writer)) + 1
        // If its writer is known, so is everything before it.
        guard writerSession != session, clocks[Int(own) * width + writerSession] < reached else {
            return
        }
        let begin = clocks.count
        let mine = Int(own) * width
        let theirs = Int(clockOf[Int(writer)]) * width
        for other in 0..<width {
            clocks.append(max(clocks[mine + other], clocks[theirs + other]))
        }
        clocks[begin + writerSession] = reached
        clockOf[operation] = Int32(truncatingIfNeeded: begin / max(width, 1))
    }

    /// How many operations of `session` come before `operation`, of session `own`.
    @inline(__always)
    func past(
        _ operation: Int32, own: Int32, position: Int32, of session: Int32
    ) -> Int32 {
        own == session
            ? position : clocks[Int(clockOf[Int(operation)]) * width + Int(session)]
    }

    /// Where the clock of `operation` begins in memory, for loops over sessions. The entry of its
    /// own session means nothing.
    @inline(__always)
    func base(_ operation: Int32) -> Int { Int(clockOf[Int(operation)]) * width }
    /// The entry at `place` of all clocks.
    @inline(__always)
    func entry(_ place: Int) -> Int32 { clocks[place] }
}
