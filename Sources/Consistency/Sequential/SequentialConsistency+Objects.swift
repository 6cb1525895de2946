import Determinism
import Recording

extension SequentialConsistency {
    /// Checks the operations of `history` on `dataType`, whose keys are objects of `kind`, by a
    /// search alone: nothing weaker is known that would be cheap for every kind.
    ///
    /// What of a client's operations has an unknown outcome stands in a session of its own, as in
    /// ``SessionHistory/Sessions``: it may take effect after what the client does next.
    public static func check(
        _ history: History, dataType: String, kind: ObjectKind,
        sessions: SessionHistory.Sessions = .processes, budget: CheckBudget = CheckBudget()
    ) -> SequentialResult {
        let keys = history.keys(ofDataType: dataType)
        let search = ObjectSearch(keys: keys.map(\.operations), sessions: sessions, budget: budget)
        let stranger = keys.lazy.flatMap(\.operations).first { !kind.covers($0.function) }
        var result = SequentialResult(verdict: .valid, checked: search.count)
        if let stranger {
            result.verdict = .unknown
            result.reason =
                "operation \(stranger.index), \(stranger.function.name), is not one of a "
                + kind.rawValue
            return result
        }
        let (outcome, states) = search.run(kind)
        result.states = states
        switch outcome {
        case .found(let order): result.witness = order
        case .none(let prefix, let stuck):
            result.verdict = .invalid
            result.witness = prefix
            result.operations = stuck
            result.reason =
                "no order explains all: the longest found has \(prefix.count) of "
                + "\(search.count) operations, and none of the next of each session can follow"
        case .exhausted:
            result.verdict = .unknown
            result.reason =
                "gave up after \(states) states, with a budget of \(budget.statesMax) states and "
                + "\(budget.bytesMax >> 20) MB"
        }
        return result
    }
}

/// The search for one order of operations on objects of one kind.
private struct ObjectSearch {
    /// The operations on each object.
    let keys: [HistorySelection]
    let sessions: SessionHistory.Sessions
    let budget: CheckBudget

    var count: Int { keys.reduce(0) { $0 + $1.count } }

    func run(_ kind: ObjectKind) -> (outcome: SearchOutcome, states: Int) {
        switch kind {
        case .register, .casRegister, .multiRegister:
            return run { history in
                let calls = history.registerCalls()
                return (RegisterModel(calls, valueCount: history.valueCount), calls)
            }
        case .counter: return run { (CounterModel(), $0.counterCalls()) }
        case .mutex: return run { (MutexModel(), $0.mutexCalls()) }
        case .listAppend:
            return run { history in
                var model = ListModel()
                let calls = history.listCalls(&model)
                return (model, calls)
            }
        case .set:
            return run { history in
                var model = SetModel()
                let calls = history.setCalls(&model)
                return (model, calls)
            }
        case .queue:
            return run { history in
                var model = QueueModel()
                let calls = history.queueCalls(&model)
                return (model, calls)
            }
        case .keyValue:
            return run { history in
                var model = TextModel()
                let calls = history.textCalls(&model)
                return (model, calls)
            }
        }
    }

    private func run<Model: ObjectModel>(
        _ make: (inout KeyHistory) -> (Model, [ObjectCall<Model.Call>])
    ) -> (outcome: SearchOutcome, states: Int) {
        var models: [Model] = []
        var calls: [UInt64: [SequentialCall<Model.Call>]] = [:]
        for (object, operations) in keys.enumerated() {
            var history = KeyHistory(operations, .fast)
            let (model, made) = make(&history)
            models.append(model)
            let owners = Dictionary(
                operations.map { ($0.index, owner(of: $0)) },
                uniquingKeysWith: { first, _ in first })
            for call in made {
                guard let owner = owners[call.identity] else { continue }
                calls[owner, default: []].append(
                    SequentialCall(
                        identity: call.identity, object: object, call: call.call,
                        isDefinite: call.returned != nil, hint: call.invoked))
            }
        }
        let ordered = calls.sorted { $0.key < $1.key }.map { _, calls in
            calls.sorted { ($0.hint, $0.identity) < ($1.hint, $1.identity) }
        }
        return SequentialConsistency.search(models: models, sessions: ordered, budget: budget)
    }

    /// The session of an operation.
    private func owner(of operation: HistoryOperation) -> UInt64 {
        switch sessions {
        case .processes: UInt64(operation.process)
        case .clients:
            operation.outcome == .info ? ~UInt64(operation.index) : operation.client
        }
    }
}
