/// Puts operations one after another so that each comes after those that must precede it: those
/// before it in its session, the write that it reads from, and the first writes of conflict edges.
///
/// Sessions take turns, each going on until its next operation has to wait for another session's;
/// so no graph is built, and the memory besides the order is a few words per session. If in the
/// end some sessions wait for one another there is a circle, and it can be read off.
struct SessionSchedule {
    /// Which reads put their writer before them.
    enum Readers {
        case all
        /// Those of this session.
        case session(Int32)
    }

    private let history: SessionHistory
    private let source: ContiguousArray<Int32>
    private let readers: Readers
    /// How many operations of each session are in the order.
    private(set) var placed: ContiguousArray<Int32>
    /// For a waiting session the operation that it waits for.
    private var awaited: ContiguousArray<Int32>
    /// For a waiting session the conflict edge why it waits; -1 if it reads the awaited one.
    private var edge: ContiguousArray<Int32>
    /// Lists of the sessions that wait for each session.
    private var waiting: ContiguousArray<Int32>
    private var nextWaiting: ContiguousArray<Int32>
    private var ready: ContiguousArray<Int32> = []

    /// A schedule of the operations of `history`, of which reads read from `source`.
    init(_ history: SessionHistory, _ source: ContiguousArray<Int32>, readers: Readers = .all) {
        self.history = history
        self.source = source
        self.readers = readers
        let count = history.sessionCount
        placed = ContiguousArray(repeating: 0, count: count)
        awaited = ContiguousArray(repeating: -1, count: count)
        edge = ContiguousArray(repeating: -1, count: count)
        waiting = ContiguousArray(repeating: -1, count: count)
        nextWaiting = ContiguousArray(repeating: -1, count: count)
    }

    /// Orders the operations of each session from the position in `lower` on, below that in
    /// `upper`, and hands each to `visit`. What lies below `lower` counts as in the order, and
    /// what must precede lies below `upper`. False if there is a circle.
    mutating func run(
        from lower: ContiguousArray<Int32>, to upper: ContiguousArray<Int32>,
        _ edges: ConflictEdges, visit: (Int32) -> Void
    ) -> Bool {
        placed = lower
        ready.removeAll(keepingCapacity: true)
        for session in placed.indices {
            waiting[session] = -1
            awaited[session] = -1
            if placed[session] < upper[session] { ready.append(Int32(session)) }
        }
        var turn = 0
        while turn < ready.count {
            let session = ready[turn]
            turn += 1
            advance(Int(session), upper[Int(session)], edges, visit)
            wake(Int(session))
            if turn > 4096 {
                ready.removeFirst(turn)
                turn = 0
            }
        }
        return !awaited.contains { $0 >= 0 }
    }

    private mutating func advance(
        _ session: Int, _ upper: Int32, _ edges: ConflictEdges, _ visit: (Int32) -> Void
    ) {
        var position = placed[session]
        let start = history.starts[session]
        let readsCount =
            switch readers {
            case .all: true
            case .session(let reader): reader == session
            }
        awaited[session] = -1
        scan: while position < upper {
            let operation = start + position
            if readsCount, source[Int(operation)] >= 0 {
                let writer = source[Int(operation)]
                if !isPlaced(writer, session, position) {
                    wait(session, writer, -1)
                    break scan
                }
            }
            var edge = edges.heads[Int(operation)]
            while edge >= 0 {
                if !isPlaced(edges.first[Int(edge)], session, position) {
                    wait(session, edges.first[Int(edge)], edge)
                    break scan
                }
                edge = edges.next[Int(edge)]
            }
            visit(operation)
            position += 1
        }
        placed[session] = position
    }

    @inline(__always)
    private func isPlaced(_ operation: Int32, _ session: Int, _ position: Int32) -> Bool {
        let other = Int(history.sessions[Int(operation)])
        return history.position(Int(operation)) < (other == session ? position : placed[other])
    }

    private mutating func wait(_ session: Int, _ operation: Int32, _ edge: Int32) {
        let other = Int(history.sessions[Int(operation)])
        awaited[session] = operation
        self.edge[session] = edge
        nextWaiting[session] = waiting[other]
        waiting[other] = Int32(session)
    }

    /// Lets those go on that waited for what `session` has reached.
    private mutating func wake(_ session: Int) {
        var waiter = waiting[session]
        waiting[session] = -1
        while waiter >= 0 {
            let following = nextWaiting[Int(waiter)]
            if history.position(Int(awaited[Int(waiter)])) < placed[session] {
                awaited[Int(waiter)] = -1
                ready.append(waiter)
            } else {
                nextWaiting[Int(waiter)] = waiting[session]
                waiting[session] = waiter
            }
            waiter = following
        }
    }

    /// One step of a circle: `from` has to come before `to`.
    struct Step {
        var from: Int32
        var to: Int32
        /// Why: -1 because of the session, -2 because `to` read from `from`, otherwise the read of
        /// a conflict edge.
        var witness: Int32
    }

    /// After a run that found a circle: the shortest of those in which sessions wait.
    func circle(_ edges: ConflictEdges) -> [Step] {
        var best: [Int] = []
        var visited = ContiguousArray<Int32>(repeating: -1, count: placed.count)
        for start in placed.indices where awaited[start] >= 0 && visited[start] < 0 {
            var path: [Int] = []
            var session = start
            while visited[session] < 0 {
                visited[session] = Int32(start)
                path.append(session)
                session = Int(history.sessions[Int(awaited[session])])
                if awaited[session] < 0 { break }
            }
            guard awaited[session] >= 0, visited[session] == start,
                let begin = path.firstIndex(of: session)
            else { continue }
            let circle = Array(path[begin...])
            if best.isEmpty || circle.count < best.count { best = circle }
        }
        var steps: [Step] = []
        // The path leads from what waits to what is awaited, so the circle runs the other way.
        for session in best.reversed() {
            let head = history.starts[session] + placed[session]
            let awaited = awaited[session]
            let owner = Int(history.sessions[Int(awaited)])
            let ownerHead = history.starts[owner] + placed[owner]
            if ownerHead != awaited {
                steps.append(Step(from: ownerHead, to: awaited, witness: -1))
            }
            let reason = edge[session]
            steps.append(
                Step(
                    from: awaited, to: head,
                    witness: reason < 0 ? -2 : edges.witness[Int(reason)]))
        }
        return steps
    }
}
