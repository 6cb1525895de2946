/// What each transaction did to each register: the version it met and the version it left.
///
/// From these the order of versions follows if keys are known to be sequential or linearizable
/// each by itself: what one transaction left comes before what the next one met.
struct RegisterTouches {
    private struct Touch {
        var transaction: Int32
        var key: Int32
        /// The version that was read first, or else written last.
        var met: Int32
        /// The version that was written last, or else read first.
        var left: Int32
    }

    private var touches: [Touch] = []
    private let index: TransactionIndex

    init(_ analysis: RegisterAnalysis) {
        index = analysis.index
        let history = analysis.history
        var started = ContiguousArray<Int32>(
            (0..<history.count).filter { analysis.index.isCommitted[$0] }.map { Int32($0) })
        TransactionOrder.sort(&started, by: history.invoked)
        var latest = ContiguousArray<Int32>(repeating: -1, count: index.keyCount)
        for transaction in started {
            let first = touches.count
            for operation in history.operations(Int(transaction)) {
                let key = index.keys[operation]
                let version: Int32
                if analysis.isExternal(operation) {
                    version = analysis.versions[operation]
                } else {
                    version = analysis.isVersion(operation) ? Int32(operation) : -1
                }
                guard version >= 0 else { continue }
                let place = Int(latest[Int(key)])
                if place >= first {
                    touches[place].left = version
                } else {
                    latest[Int(key)] = Int32(touches.count)
                    touches.append(
                        Touch(transaction: transaction, key: key, met: version, left: version))
                }
            }
        }
    }

    private func invoked(_ touch: Touch) -> Int64 {
        index.history.invoked[Int(touch.transaction)]
    }

    /// When it was over for certain; `Int64.max` for never.
    private func returned(_ touch: Touch) -> Int64 {
        let transaction = Int(touch.transaction)
        return index.history.outcomes[transaction] == .ok
            ? index.history.returned[transaction] : .max
    }

    /// The order of versions if every key is sequential.
    func processOrder(_ nodes: Int) -> DependencyEdges {
        var edges = DependencyEdges(transactionCount: nodes)
        var latest = NumberTable()
        for (place, touch) in touches.enumerated() {
            let process = index.history.processes[Int(touch.transaction)]
            let name =
                UInt64(UInt32(bitPattern: process)) << 32 | UInt64(UInt32(bitPattern: touch.key))
            let before = Int(latest[name])
            if before >= 0, returned(touches[before]) <= invoked(touch) {
                edges.add(Int(touches[before].left), Int(touch.met), .ww)
            }
            if returned(touch) != .max { latest.set(name, Int32(place)) }
        }
        return edges
    }

    /// The order of versions if every key is linearizable: from what the latest transactions that
    /// are over left to what those invoked after them met.
    func realtimeOrder(_ nodes: Int) -> DependencyEdges {
        var edges = DependencyEdges(transactionCount: nodes)
        var byKey = [[Int]](repeating: [], count: index.keyCount)
        for (place, touch) in touches.enumerated() { byKey[Int(touch.key)].append(place) }
        for places in byKey {
            let ended = places.filter { returned(touches[$0]) != .max }
                .sorted { (returned(touches[$0]), $0) < (returned(touches[$1]), $1) }
            var frontier: [Int] = []
            var next = 0
            for place in places {
                let time = invoked(touches[place])
                while next < ended.count, returned(touches[ended[next]]) < time {
                    let over = touches[ended[next]]
                    frontier.removeAll { returned(touches[$0]) < invoked(over) }
                    frontier.append(ended[next])
                    next += 1
                }
                for before in frontier {
                    edges.add(Int(touches[before].left), Int(touches[place].met), .ww)
                }
            }
        }
        return edges
    }
}
