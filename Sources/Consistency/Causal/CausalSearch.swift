/// What the searches for patterns share: the history, who reads from whom, and the writes by key.
struct CausalSearch {
    let history: SessionHistory
    let source: ContiguousArray<Int32>
    let writers: KeyWriters
    let budget: CheckBudget

    /// Looks for `WriteCOInitRead`, `WriteCORead` and, if wanted, `CyclicCF`.
    ///
    /// For a read from w it is enough to look at the last write of each session to the key in the
    /// read's past: if any of a session comes after w, so does the last. All reads of a session
    /// go through the writes of others once, for its past only grows.
    ///
    /// If conflicts are wanted and there is no violation, returns all operations in an order that
    /// extends the causal order and the conflict order.
    @discardableResult
    func findHiddenWrites(
        _ order: CausalOrder, _ wantsConflicts: Bool, _ result: inout CausalResult
    ) -> ContiguousArray<Int32> {
        var edges = ConflictEdges(operationCount: wantsConflicts ? history.count : 0)
        var cursors = WriterCursors(writers)
        var isHidden = false
        var isInitial = false
        for session in 0..<history.sessionCount {
            let own = Int32(session)
            let operations = history.operations(of: session)
            var hasStarted = false
            for index in operations {
                let writer = source[index]
                guard writer >= 0 || writer == ReadsFrom.initial else { continue }
                if !hasStarted {
                    cursors.reset(writers)
                    hasStarted = true
                }
                let read = Int32(truncatingIfNeeded: index)
                let position = read - Int32(operations.lowerBound)
                let base = order.base(read)
                let writerSession = writer >= 0 ? history.sessions[Int(writer)] : -1
                let writerPosition = writer >= 0 ? history.position(Int(writer)) : -1
                let writerBase = writer >= 0 ? order.base(writer) : 0
                for group in writers.groups(of: history.keys[index]) {
                    let other = writers.sessions[group]
                    let limit = other == own ? position : order.entry(base + Int(other))
                    let last = cursors.last(of: group, before: limit, writers)
                    if last < 0 { continue }
                    if writer < 0 {
                        if isInitial { continue }
                        isInitial = true
                        let hidden = history.operation(other, last)
                        result.violations.append(initialRead(.writeCOInitRead, hidden, read))
                        continue
                    }
                    let known =
                        other == writerSession
                        ? writerPosition &+ 1 : order.entry(writerBase + Int(other))
                    // The last write is w itself, or before it already.
                    if last < known { continue }
                    let hidden = history.operation(other, last)
                    let follows =
                        order.past(
                            hidden, own: other, position: last, of: writerSession)
                        > writerPosition
                    if follows {
                        if isHidden { continue }
                        isHidden = true
                        result.violations.append(hiddenWrite(writer, hidden, read))
                    } else if wantsConflicts {
                        edges.add(hidden, writer, witness: read)
                    }
                }
            }
            if wantsConflicts, edges.bytes + order.bytes > budget.bytesMax {
                result.reason =
                    "\(edges.count) pairs of conflicting writes exceed the budget of "
                    + "\(budget.bytesMax >> 20) MB"
                return []
            }
        }
        guard wantsConflicts, !isHidden else { return [] }
        var schedule = SessionSchedule(history, source)
        let lower = ContiguousArray<Int32>(repeating: 0, count: history.sessionCount)
        let upper = ContiguousArray(
            (0..<history.sessionCount).map { Int32(history.operations(of: $0).count) })
        var arbitration: ContiguousArray<Int32> = []
        arbitration.reserveCapacity(history.count)
        if !schedule.run(from: lower, to: upper, edges, visit: { arbitration.append($0) }) {
            result.violations.append(circle(.cyclicCF, schedule.circle(edges)))
            return []
        }
        return arbitration
    }

    /// Looks for the patterns of views: with a causal order of causal memory, without of PRAM.
    func findViews(_ order: CausalOrder?, _ result: inout CausalResult) {
        let largest = (0..<history.sessionCount).map { history.operations(of: $0).count }.max()
        let bytes =
            (largest ?? 0) * history.sessionCount * 4 + history.count * 4 + (order?.bytes ?? 0)
        guard bytes <= budget.bytesMax else {
            result.reason =
                "the view of a session of \(largest ?? 0) operations exceeds the budget of "
                + "\(budget.bytesMax >> 20) MB"
            return
        }
        var view = SessionView(self, order)
        for session in 0..<history.sessionCount {
            let found = view.run(session, statesMax: budget.statesMax - result.states)
            result.states += view.states
            switch found {
            case .consistent: break
            case .initialRead(let writer, let read):
                result.violations.append(
                    initialRead(
                        order == nil ? .writePOInitRead : .writeHBInitRead, writer, read))
                return
            case .circle(let steps):
                result.violations.append(
                    circle(order == nil ? .cyclicPO : .cyclicHB, steps, session: session))
                return
            case .exhausted:
                result.reason =
                    "gave up on session \(session) of \(history.sessionCount) after "
                    + "\(result.states) states, with a budget of \(budget.statesMax)"
                return
            }
        }
    }

    func thinAir(_ read: Int) -> CausalViolation {
        CausalViolation(
            pattern: .thinAirRead, operations: [history.identities[read]],
            reason: "nobody wrote what \(history.describe(read)) returned before it")
    }

    private func initialRead(
        _ pattern: CausalPattern, _ writer: Int32, _ read: Int32
    ) -> CausalViolation {
        CausalViolation(
            pattern: pattern,
            operations: [history.identities[Int(writer)], history.identities[Int(read)]],
            reason: "\(history.describe(Int(read))) saw the beginning, though "
                + "\(history.describe(Int(writer))) comes before it")
    }

    private func hiddenWrite(
        _ writer: Int32, _ hidden: Int32, _ read: Int32
    ) -> CausalViolation {
        CausalViolation(
            pattern: .writeCORead,
            operations: [writer, hidden, read].map { history.identities[Int($0)] },
            reason: "\(history.describe(Int(read))) returned what "
                + "\(history.describe(Int(writer))) wrote, though "
                + "\(history.describe(Int(hidden))) comes after that and before the read")
    }

    /// A violation that goes round in a circle; that of a view says whose view it is.
    func circle(
        _ pattern: CausalPattern, _ steps: [SessionSchedule.Step], session: Int? = nil
    ) -> CausalViolation {
        let shownMax = 6
        var parts: [String] = []
        var witnesses: [Int32] = []
        for step in steps {
            if step.witness >= 0, !steps.contains(where: { $0.from == step.witness }),
                !witnesses.contains(step.witness)
            {
                witnesses.append(step.witness)
            }
            guard parts.count < shownMax else { continue }
            let from = history.describe(Int(step.from))
            let to = history.identities[Int(step.to)]
            switch step.witness {
            case -1: parts.append("\(from) comes before \(to) in its session")
            case -2: parts.append("\(from) was read by \(to)")
            default:
                parts.append(
                    "\(from) has to come before \(to), for operation "
                        + "\(history.identities[Int(step.witness)]) has it in its past and "
                        + "returned what \(to) wrote")
            }
        }
        if steps.count > shownMax { parts.append("and so on, back to the first") }
        let place = session.map {
            "in the view of the session of operation "
                + "\(history.identities[history.operations(of: $0).lowerBound]), "
        }
        return CausalViolation(
            pattern: pattern,
            operations: (steps.map(\.from) + witnesses).map { history.identities[Int($0)] },
            reason: (place ?? "") + parts.joined(separator: "; "))
    }
}
