import Consistency
import Recording
import Replication
import Scenarios

/// The check of one data type of a history against a consistency model, whichever checker knows
/// it.
package struct ModelCheck: Sendable {
    /// The operations.
    package var history: History
    /// The data type.
    package var dataType: String
    /// What its keys are.
    package var kind: ObjectKind
    /// Whose operations come one after another.
    package var sessions: SessionHistory.Sessions
    /// Whether reads may show several concurrent values.
    package var keepsConcurrent = false
    /// Whether versions and times may be trusted for session guarantees.
    package var hasTimes = true
    /// How much a search for an order may spend.
    package var budget = CheckBudget()

    /// A check of `dataType`.
    package init(
        _ history: History, dataType: String, kind: ObjectKind,
        sessions: SessionHistory.Sessions = .processes
    ) {
        self.history = history
        self.dataType = dataType
        self.kind = kind
        self.sessions = sessions
    }

    /// What `model` says; keys are gone through by `loop` where they can be told apart.
    package func result(
        of model: ConsistencyModel, loop: KeyLoop = .sequential
    ) -> CheckResult {
        switch model {
        case .linearizable:
            return Linearizability.check(
                history, dataType: dataType, kind: kind, budget: budget, loop: loop)
        case .setFull:
            guard kind.hasElements else { return unknown("set-full", of: "sets and lists") }
            return SetFull.check(history, dataType: dataType, loop: loop)
        case .sequential: return sequential(loop)
        case .causal: return causal(.causal)
        case .causalConvergence: return causal(.causalConvergence)
        case .causalMemory: return causal(.causalMemory)
        case .pram: return causal(.pram)
        case .readYourWrites: return guarantee(.readYourWrites)
        case .monotonicReads: return guarantee(.monotonicReads)
        case .monotonicWrites: return guarantee(.monotonicWrites)
        case .writesFollowReads: return guarantee(.writesFollowReads)
        case .readUncommitted: return transactions(.readUncommitted)
        case .readCommitted: return transactions(.readCommitted)
        case .repeatableRead: return transactions(.repeatableRead)
        case .snapshotIsolation: return transactions(.snapshotIsolation)
        case .serializable: return transactions(.serializable)
        case .strictSerializable: return transactions(.strictSerializable)
        }
    }

    /// Whether the history keeps to `bound`.
    package func result(
        of bound: ConsistencyBound, loop: KeyLoop = .sequential
    ) -> CheckResult {
        switch bound {
        case .staleness(let age, let versions):
            guard kind.isRegister else { return unknown(bound.name) }
            return BoundedStaleness.check(
                history, dataType: dataType, age: age, versions: versions, loop: loop)
        case .delta(let span):
            guard kind.isRegister else { return unknown(bound.name) }
            return DeltaAtomicity.check(history, dataType: dataType, atMost: span, loop: loop)
        case .stableLatency(let percentile, let span):
            guard kind.hasElements else { return unknown(bound.name, of: "sets and lists") }
            return SetFull.check(
                history, dataType: dataType, bound: (percentile, span), loop: loop)
        }
    }

    /// What is said of objects that a checker does not know.
    private func unknown(_ what: String, of objects: String = "registers") -> CheckResult {
        let wanted = history.number(of: dataType)
        let count = history.indices.count { history.glance($0).dataType == wanted }
        return CheckResult(
            verdict: .unknown, checked: count,
            reason: "\(what) is checked of \(objects), and these are \(kind.rawValue)")
    }

    /// What is said of registers whose reads show several values.
    private func ofSeveralValues(_ what: String) -> CheckResult {
        var result = unknown(what)
        result.reason = "\(what) is checked of reads of one value, and these may show several"
        return result
    }

    // MARK: Models of sessions

    private func sequential(_ loop: KeyLoop) -> CheckResult {
        if let result = SequentialConsistency.linearizable(
            history, dataType: dataType, kind: kind, sessions: sessions, budget: budget, loop: loop)
        {
            return result
        }
        if kind.isRegister, keepsConcurrent { return ofSeveralValues("sequential consistency") }
        let found =
            kind.isRegister
            ? SequentialConsistency.check(
                SessionHistory(history, dataType: dataType, sessions: sessions), budget: budget)
            : SequentialConsistency.check(
                history, dataType: dataType, kind: kind, sessions: sessions, budget: budget)
        var result = CheckResult(
            verdict: found.verdict, checked: found.checked, states: found.states)
        if found.verdict == .invalid {
            result.violations = [
                Violation(
                    dataType: dataType, key: "", operations: found.operations,
                    prefix: found.brokenModel == nil ? found.witness : [],
                    reason: found.reason ?? "no order explains all operations")
            ]
        } else {
            result.reason = found.reason
        }
        return result
    }

    private func causal(_ model: CausalModel) -> CheckResult {
        guard kind.isRegister else { return unknown("\(model.rawValue) consistency") }
        if keepsConcurrent { return ofSeveralValues(model.rawValue) }
        let found = CausalConsistency.check(
            SessionHistory(history, dataType: dataType, sessions: sessions), model)
        return CheckResult(
            verdict: found.verdict, checked: found.checked,
            violations: found.violations.map { violation in
                Violation(
                    dataType: dataType, key: "", operations: violation.operations, prefix: [],
                    reason: "\(violation.pattern.rawValue): \(violation.reason)")
            }, reason: found.verdict == .unknown ? found.reason : nil, states: found.states)
    }

    private func guarantee(_ guarantee: SessionGuarantee) -> CheckResult {
        guard kind.isRegister else { return unknown(guarantee.rawValue) }
        if hasTimes {
            let results = SessionGuarantees.check(
                history, dataType: dataType, valueType: .register,
                keepsConcurrent: keepsConcurrent)
            return results[guarantee] ?? CheckResult(verdict: .unknown, checked: 0)
        }
        let found = ValueGuarantees.check(
            SessionHistory(history, dataType: dataType, sessions: sessions))[guarantee]
        guard let found else { return CheckResult(verdict: .unknown, checked: 0) }
        let isBroken = found.verdict == .invalid
        return CheckResult(
            verdict: found.verdict, checked: found.checked,
            violations: !isBroken
                ? []
                : [
                    Violation(
                        dataType: dataType, key: "", operations: found.violation, prefix: [],
                        reason: found.reason ?? "\(guarantee.rawValue) is broken")
                ], reason: isBroken ? nil : found.reason)
    }

    // MARK: Transactions

    private func transactions(_ model: TransactionModel) -> CheckResult {
        let (transactions, names) = TransactionHistory.read(history, dataType: dataType)
        let found = TransactionConsistency.check(
            transactions, options: TransactionCheckOptions(model: model, names: names))
        var result = CheckResult(
            verdict: found.verdict, checked: found.checked,
            reason: found.verdict == .unknown ? found.reason : nil, states: found.states)
        if found.checked == 0 { result.reason = "there is no transaction" }
        if found.checked > 0, found.reason == TransactionConsistency.noDependencies {
            // Whoever met nobody broke nothing; that little was seen is said all the same.
            result.verdict = .valid
            result.reason = nil
            result.remarks = [TransactionConsistency.noDependencies]
        }
        result.violations = found.anomalies.compactMap { anomaly in
            guard model.isBroken(by: [anomaly.anomaly]) else { return nil }
            return Violation(
                dataType: dataType, key: anomaly.key.map(names.key) ?? "",
                operations: anomaly.transactions, prefix: [],
                reason: "\(anomaly.anomaly.name): " + anomaly.explanation.joined(separator: "; "))
        }
        if !found.anomalies.isEmpty {
            result.remarks = [
                "anomalies: "
                    + found.counts.map { "\($0.anomaly.name) \($0.count)" }
                    .joined(separator: ", "),
                "allowed: " + Self.list(found.allowed), "broken: " + Self.list(found.broken),
            ]
        }
        return result
    }

    private static func list(_ models: [TransactionModel]) -> String {
        models.isEmpty ? "none" : models.map(\.name).joined(separator: ", ")
    }
}
