import Determinism
import Recording

/// The check of one key.
struct KeyCheck: Sendable {
    /// The operations on the key.
    let operations: HistorySelection
    let kind: ObjectKind
    var method = LinearizabilityMethod.fast

    /// What came of it.
    struct Finding: Sendable {
        enum Outcome: Sendable {
            case valid
            case exhausted
            /// The times alone show that there is no order.
            case contradiction(RegisterZones.Contradiction)
            /// There is none: the longest one found, and what could not come next.
            case disordered(prefix: [Int], stuck: [Int])
        }
        var outcome: Outcome
        /// How many configurations the search went through.
        var states: Int

        var isExhausted: Bool {
            switch outcome {
            case .exhausted: true
            case .valid, .contradiction, .disordered: false
            }
        }
    }

    /// Looks for an order within `budget`.
    func run(budget: CheckBudget) -> Finding {
        var history = KeyHistory(operations, method)
        switch kind {
        case .register, .casRegister, .multiRegister:
            let calls = history.registerCalls()
            if method == .general {
                return searched(
                    RegisterModel(calls, valueCount: history.valueCount), calls, budget)
            }
            let zones = RegisterZones(calls)
            if let found = zones.contradiction {
                return Finding(outcome: .contradiction(found), states: 0)
            }
            if zones.isDecisive { return Finding(outcome: .valid, states: 0) }
            return searched(
                RegisterModel(calls, valueCount: history.valueCount), calls, budget)
        case .counter: return searched(CounterModel(), history.counterCalls(), budget)
        case .mutex: return searched(MutexModel(), history.mutexCalls(), budget)
        case .listAppend:
            var model = ListModel()
            let calls = history.listCalls(&model)
            return searched(model, calls, budget)
        case .set:
            var model = SetModel()
            let calls = history.setCalls(&model)
            return searched(model, calls, budget)
        case .queue:
            var model = QueueModel()
            let calls = history.queueCalls(&model)
            return searched(model, calls, budget)
        case .keyValue:
            var model = TextModel()
            let calls = history.textCalls(&model)
            return searched(model, calls, budget)
        }
    }

    private func searched<Model: ObjectModel>(
        _ model: Model, _ calls: [ObjectCall<Model.Call>], _ budget: CheckBudget
    ) -> Finding {
        let (outcome, states) =
            method == .fast
            ? Linearizability.search(model, calls, budget: budget)
            : Linearizability.search(PlainModel(model: model), calls, budget: budget)
        switch outcome {
        case .found: return Finding(outcome: .valid, states: states)
        case .exhausted: return Finding(outcome: .exhausted, states: states)
        case .none(let prefix, let stuck):
            return Finding(outcome: .disordered(prefix: prefix, stuck: stuck), states: states)
        }
    }

    /// The shortest prefix of the history that has no order either: a history that has one has one
    /// for each of its prefixes, so halving finds it. `nil` if the budget does not suffice.
    ///
    /// Gives the operation whose return makes it so, and how many had been invoked by then.
    func shortestPrefix(
        budget: CheckBudget
    ) -> (last: HistoryOperation, count: Int, finding: Finding)? {
        let returns = operations.filter { $0.completed != nil && $0.outcome != .info }
            .sorted { ($0.completed ?? .zero, $0.index) < ($1.completed ?? .zero, $1.index) }
        var budget = budget
        // The prefix until the return at `low` has an order, that until the one at `high` has not.
        var low = -1
        var high = returns.count - 1
        var shortest: Finding?
        while high - low > 1 {
            let middle = (low + high) / 2
            guard let end = returns[middle].completed else { return nil }
            let finding = prefix(until: end).run(budget: budget)
            budget.statesMax -= finding.states
            switch finding.outcome {
            case .valid: low = middle
            case .exhausted: return nil
            case .contradiction, .disordered:
                high = middle
                shortest = finding
            }
        }
        guard high >= 0, let end = returns[high].completed else { return nil }
        let prefix = prefix(until: end)
        let finding = shortest ?? prefix.run(budget: budget)
        return (returns[high], prefix.operations.count, finding)
    }

    private func prefix(until end: Instant) -> KeyCheck {
        KeyCheck(operations: operations.prefix(until: end), kind: kind, method: method)
    }
}
