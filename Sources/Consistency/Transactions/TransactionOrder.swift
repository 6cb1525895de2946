/// The order of transactions that their processes and the clock tell.
///
/// Real time is an order of intervals: the first returned before the second was invoked. Its
/// reduction can have as many edges as there are transactions times those that run at once, so
/// helper nodes stand for moments instead: a transaction leads to the moment after its return, a
/// moment to the next one and to what was invoked after it. That is exact, and linear.
///
/// A process carries out one transaction at a time; the next may begin at the instant at which
/// the one before returned. After a transaction that never returned, or whose outcome is not
/// known, nothing follows: it may take effect at any time.
enum TransactionOrder {
    static func addEdges(_ index: TransactionIndex, to edges: inout DependencyEdges) {
        let history = index.history
        var started: ContiguousArray<Int32> = []
        var ended: ContiguousArray<Int32> = []
        for transaction in 0..<history.count where index.isCommitted[transaction] {
            started.append(Int32(transaction))
            if history.outcomes[transaction] == .ok, history.returned[transaction] != .max {
                ended.append(Int32(transaction))
            }
        }
        sort(&started, by: history.invoked)
        sort(&ended, by: history.returned)
        addSessions(index, started, to: &edges)

        var moment = -1
        var returns = 0
        for transaction in started {
            let invoked = history.invoked[Int(transaction)]
            var isNew = true
            while returns < ended.count, history.returned[Int(ended[returns])] < invoked {
                if isNew {
                    let next = edges.helper()
                    if moment >= 0 { edges.add(moment, next, .passage) }
                    moment = next
                    isNew = false
                }
                edges.add(Int(ended[returns]), moment, .realtime)
                returns += 1
            }
            if moment >= 0 { edges.add(moment, Int(transaction), .passage) }
        }
    }

    private static func addSessions(
        _ index: TransactionIndex, _ started: ContiguousArray<Int32>,
        to edges: inout DependencyEdges
    ) {
        let history = index.history
        var latest = NumberTable()
        for transaction in started {
            let process = UInt64(UInt32(bitPattern: history.processes[Int(transaction)]))
            let before = Int(latest[process])
            if before >= 0, history.returned[before] <= history.invoked[Int(transaction)] {
                edges.add(before, Int(transaction), .process)
            }
            if history.outcomes[Int(transaction)] == .ok,
                history.returned[Int(transaction)] != .max
            {
                latest.set(process, transaction)
            }
        }
    }

    /// Sorts transactions by their `times`; those of one time stay in order.
    static func sort(_ transactions: inout ContiguousArray<Int32>, by times: ContiguousArray<Int64>)
    {
        var isSorted = true
        for place in transactions.indices.dropFirst()
        where times[Int(transactions[place - 1])] > times[Int(transactions[place])] {
            isSorted = false
            break
        }
        if isSorted { return }
        transactions.sort { one, other in
            (times[Int(one)], one) < (times[Int(other)], other)
        }
    }
}
