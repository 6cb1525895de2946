/// What happened before what in the view of one session, for causal memory and PRAM.
///
/// In the view of session s, x happens before y if it does in the base order, or if w and w' wrote
/// one key, a read r of s returned what w' wrote, and w happened before r: then w happens before
/// w'. (For causal memory the base is the causal order, and this is the relation of Bouajjani et
/// al. for the last operation of s, which contains those for the earlier ones. For PRAM the base
/// is the order of sessions and what s itself read.)
///
/// What happens before, or is, operation i of s is closed under what comes before in any session,
/// so it is a count per session: its downset, a row of numbers. Rows only grow from operation to
/// operation. The rule says: if w lies in the downset of r = operation i, and w' arrives in that
/// of operation j ≤ i, then w and what comes before it belong into row j already. Rows only ever
/// grow so. Each growth of an entry is counted; then only that entry's session is looked at again,
/// and the reads of those writes that arrive earlier than before. When nothing grows any more, the relation has a circle exactly if a row of s contains a
/// later operation of s, or if there is one among operations that arrive in the same row.
struct SessionView {
    /// What came of it.
    enum Outcome {
        case consistent
        /// A read of the beginning that comes after a write.
        case initialRead(writer: Int32, read: Int32)
        case circle([SessionSchedule.Step])
        case exhausted
    }

    private let search: CausalSearch
    private let order: CausalOrder?
    private let width: Int
    /// Row i, entry t: how many operations of session t the downset of operation i holds.
    private var rows: ContiguousArray<Int32> = []
    private var cursors: WriterCursors
    private var edges: ConflictEdges
    /// Entries of rows that grew, as row times width plus session.
    private var grown: ContiguousArray<Int> = []
    /// Rows that read a write which arrives earlier than before.
    private var stale: ContiguousArray<Int> = []
    /// For each write the last row that read it; -1 for none.
    private var lastReaders: ContiguousArray<Int32>
    /// How often an entry grew in the last run.
    private(set) var states = 0

    private var session: Int32 = 0
    private var start: Int32 = 0
    /// The last row that is filled.
    private var current = 0
    private var hasCircle = false

    /// Views over the base order `order`; `nil` for that of PRAM.
    init(_ search: CausalSearch, _ order: CausalOrder?) {
        self.search = search
        self.order = order
        width = search.history.sessionCount
        cursors = WriterCursors(search.writers)
        edges = ConflictEdges(operationCount: search.history.count)
        lastReaders = ContiguousArray(repeating: -1, count: search.history.count)
    }

    /// Looks at the view of `session`; gives up when more than `statesMax` entries grew.
    mutating func run(_ session: Int, statesMax: Int) -> Outcome {
        self.session = Int32(session)
        let operations = search.history.operations(of: session)
        start = Int32(operations.lowerBound)
        let count = operations.count
        states = 0
        hasCircle = false
        grown.removeAll(keepingCapacity: true)
        stale.removeAll(keepingCapacity: true)
        defer {
            for index in operations where search.source[index] >= 0 {
                lastReaders[Int(search.source[index])] = -1
            }
        }
        guard operations.contains(where: { search.source[$0] != ReadsFrom.none }) else {
            return .consistent
        }
        if rows.count < count * width {
            rows = ContiguousArray(repeating: 0, count: count * width)
        }
        cursors.reset(search.writers)
        for row in 0..<count {
            current = row
            fill(row)
            if hasCircle { return explain(count) }
            if let outcome = lookAt(row) { return outcome }
            if let outcome = settle(row, statesMax) { return outcome }
        }
        return examineLevels(count)
    }

    /// Applies the rule until nothing grows any more.
    private mutating func settle(_ row: Int, _ statesMax: Int) -> Outcome? {
        while true {
            if hasCircle { return explain(row + 1) }
            if states > statesMax { return .exhausted }
            if let entry = grown.popLast() {
                let other = Int32(entry % width)
                let key = search.history.keys[Int(start) + entry / width]
                guard let group = search.writers.group(of: key, other) else { continue }
                if let outcome = lookAgain(entry / width, group) { return outcome }
            } else if let row = stale.popLast() {
                let groups = search.writers.groups(of: search.history.keys[Int(start) + row])
                states += groups.count
                for group in groups {
                    if let outcome = lookAgain(row, group) { return outcome }
                }
            } else {
                return nil
            }
        }
    }

    /// Starts a row: what was in the one before, and what the operation itself knows.
    private mutating func fill(_ row: Int) {
        let history = search.history
        let begin = row * width
        let operation = start + Int32(row)
        if let order {
            let base = order.base(operation)
            if row == 0 {
                for other in 0..<width { rows[begin + other] = order.entry(base + other) }
            } else {
                for other in 0..<width {
                    rows[begin + other] = max(
                        rows[begin - width + other], order.entry(base + other))
                }
            }
        } else {
            for other in 0..<width {
                rows[begin + other] = row == 0 ? 0 : rows[begin - width + other]
            }
            let writer = search.source[Int(operation)]
            if writer >= 0 {
                let other = Int(history.sessions[Int(writer)])
                rows[begin + other] = max(
                    rows[begin + other], history.position(Int(writer)) + 1)
            }
        }
        // The own entry of a clock means nothing; a row before may hold more than it should.
        let own = begin + Int(session)
        if rows[own] > Int32(row + 1) { hasCircle = true }
        rows[own] = Int32(row + 1)
    }

    /// The first row whose downset holds the operation at `position` of `other`.
    private func level(_ other: Int, _ position: Int32, upTo row: Int) -> Int {
        if row > 0, rows[(row - 1) * width + other] <= position { return row }
        var low = 0
        var high = row
        while low < high {
            let middle = (low + high) / 2
            if rows[middle * width + other] <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Applies the rule to a row that was just filled.
    private mutating func lookAt(_ row: Int) -> Outcome? {
        let history = search.history
        let operation = Int(start) + row
        let writer = search.source[operation]
        guard writer >= 0 || writer == ReadsFrom.initial else { return nil }
        let writerSession = writer >= 0 ? history.sessions[Int(writer)] : -1
        let writerPosition = writer >= 0 ? history.position(Int(writer)) : -1
        let level = writer >= 0 ? level(Int(writerSession), writerPosition, upTo: row) : 0
        if writer >= 0 { lastReaders[Int(writer)] = Int32(row) }
        let begin = row * width
        for group in search.writers.groups(of: history.keys[operation]) {
            let other = search.writers.sessions[group]
            let limit = other == session ? Int32(row) : rows[begin + Int(other)]
            let last = cursors.last(of: group, before: limit, search.writers)
            if last < 0 { continue }
            if writer < 0 {
                return .initialRead(
                    writer: history.operation(other, last), read: Int32(operation))
            }
            if last < rows[level * width + Int(other)] { continue }
            merge(other, last, into: level)
        }
        return nil
    }

    /// Applies the rule to a row, as far as one group of writes goes.
    private mutating func lookAgain(_ row: Int, _ group: Int) -> Outcome? {
        let history = search.history
        let other = search.writers.sessions[group]
        let operation = Int(start) + row
        let writer = search.source[operation]
        let limit = other == session ? Int32(row) : rows[row * width + Int(other)]
        let last = search.writers.last(of: group, before: limit)
        if last < 0 { return nil }
        if writer < 0 {
            return .initialRead(
                writer: history.operation(other, last), read: Int32(operation))
        }
        let writerSession = history.sessions[Int(writer)]
        let level = level(Int(writerSession), history.position(Int(writer)), upTo: row)
        if last < rows[level * width + Int(other)] { return nil }
        merge(other, last, into: level)
        return nil
    }

    /// Puts the operation at `position` of `other`, and what comes before it, into a row.
    private mutating func merge(_ other: Int32, _ position: Int32, into row: Int) {
        grow(Int(other), to: position + 1, from: row)
        guard let order else { return }
        let base = order.base(search.history.operation(other, position))
        for session in 0..<width where session != Int(other) {
            let reached = order.entry(base + session)
            if reached > rows[row * width + session] { grow(session, to: reached, from: row) }
        }
    }

    /// Lets the entry of `other` grow in this row and those after it.
    private mutating func grow(_ other: Int, to reached: Int32, from row: Int) {
        if other == Int(session), reached > Int32(row + 1) {
            hasCircle = true
            return
        }
        var row = row
        var entry = row * width + other
        for position in rows[entry]..<max(reached, rows[entry]) {
            let reader = lastReaders[Int(search.history.operation(Int32(other), position))]
            if reader > row { stale.append(Int(reader)) }
        }
        while row <= current, rows[entry] < reached {
            rows[entry] = reached
            states += 1
            let writer = search.source[Int(start) + row]
            if writer >= 0 || writer == ReadsFrom.initial { grown.append(entry) }
            row += 1
            entry += width
        }
    }

    /// Looks for circles among operations that arrive in the same row.
    private mutating func examineLevels(_ count: Int) -> Outcome {
        collectEdges(count, sameLevelOnly: true)
        defer { edges.removeAll() }
        guard edges.count > 0 else { return .consistent }
        var wanted = Set<Int>()
        for edge in 0..<edges.count {
            let second = Int(edges.second[edge])
            wanted.insert(
                level(
                    Int(search.history.sessions[second]), search.history.position(second),
                    upTo: count - 1))
        }
        var schedule = makeSchedule()
        for row in wanted.sorted() {
            let lower =
                row == 0
                ? ContiguousArray(repeating: 0, count: width)
                : ContiguousArray(rows[((row - 1) * width)..<(row * width)])
            let upper = ContiguousArray(rows[(row * width)..<((row + 1) * width)])
            if !schedule.run(from: lower, to: upper, edges, visit: { _ in }) {
                edges.removeAll()
                return explain(count)
            }
        }
        return .consistent
    }

    /// The circle that the rows show, up to the row before `count`.
    private mutating func explain(_ count: Int) -> Outcome {
        collectEdges(min(count, current + 1), sameLevelOnly: false)
        collectPlainEdges(min(count, current + 1))
        defer { edges.removeAll() }
        var schedule = makeSchedule()
        let lower = ContiguousArray<Int32>(repeating: 0, count: width)
        let upper = ContiguousArray(
            (0..<width).map { Int32(search.history.operations(of: $0).count) })
        if schedule.run(from: lower, to: upper, edges, visit: { _ in }) {
            assertionFailure("rows show a circle that the edges do not have")
        }
        return .circle(schedule.circle(edges))
    }

    private func makeSchedule() -> SessionSchedule {
        SessionSchedule(
            search.history, search.source, readers: order == nil ? .session(session) : .all)
    }

    /// Lists the pairs that the rule orders and the base does not.
    private mutating func collectEdges(_ count: Int, sameLevelOnly: Bool) {
        let history = search.history
        cursors.reset(search.writers)
        for row in 0..<count {
            let operation = Int(start) + row
            let writer = search.source[operation]
            guard writer >= 0 else { continue }
            let writerSession = history.sessions[Int(writer)]
            let writerPosition = history.position(Int(writer))
            let level = level(Int(writerSession), writerPosition, upTo: row)
            let writerBase = order?.base(writer) ?? 0
            for group in search.writers.groups(of: history.keys[operation]) {
                let other = search.writers.sessions[group]
                let limit = other == session ? Int32(row) : rows[row * width + Int(other)]
                let last = cursors.last(of: group, before: limit, search.writers)
                if last < 0 { continue }
                if sameLevelOnly, level > 0, last < rows[(level - 1) * width + Int(other)] {
                    continue
                }
                let known: Int32 =
                    other == writerSession
                    ? writerPosition + 1 : order?.entry(writerBase + Int(other)) ?? 0
                if last < known { continue }
                edges.add(history.operation(other, last), writer, witness: Int32(operation))
            }
        }
    }

    /// Lists those pairs once more that follow from what a read has in its past by the base order
    /// alone: they come to be looked at first, for they explain most.
    private mutating func collectPlainEdges(_ count: Int) {
        let history = search.history
        cursors.reset(search.writers)
        var known = ContiguousArray<Int32>(repeating: 0, count: width)
        for row in 0..<count {
            let operation = Int(start) + row
            let writer = search.source[operation]
            known[Int(session)] = Int32(row)
            guard writer >= 0 else { continue }
            if let order {
                let base = order.base(Int32(operation))
                for other in 0..<width where other != Int(session) {
                    known[other] = order.entry(base + other)
                }
            } else if history.sessions[Int(writer)] != session {
                let other = Int(history.sessions[Int(writer)])
                known[other] = max(known[other], history.position(Int(writer)) + 1)
            }
            for group in search.writers.groups(of: history.keys[operation]) {
                let other = search.writers.sessions[group]
                let last = cursors.last(of: group, before: known[Int(other)], search.writers)
                let first = last < 0 ? writer : history.operation(other, last)
                if first != writer { edges.restate(first, writer, witness: Int32(operation)) }
            }
        }
    }
}
