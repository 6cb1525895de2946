import Consistency
import Recording
import Replication
import Scenarios

/// Which consistency models the history of a run keeps to, over all its data types.
package struct HeldModels: Hashable, Sendable {
    /// The verdict on each model that could be asked for, the strongest first.
    package private(set) var verdicts: [Verdict] = []

    /// The verdict on one model.
    package struct Verdict: Hashable, Sendable {
        package var model: ConsistencyModel
        package var verdict: CheckVerdict
    }

    private static let guarantees: [ConsistencyModel] = [
        .readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads,
    ]
    private static let ofSessions: [ConsistencyModel] =
        [.sequential, .causalMemory, .causalConvergence, .causal, .pram] + guarantees
    private static let ofTransactions: [ConsistencyModel] = [
        .strictSerializable, .serializable, .snapshotIsolation, .repeatableRead, .readCommitted,
        .readUncommitted,
    ]

    /// Asks the history of `record`, a run of `plan`. Models of sessions are asked of registers
    /// whose clients stay in a closed loop.
    package init(_ record: RecordContents, plan: Plan, budget: CheckBudget = .brief) {
        let kinds = plan.scenario.operationKinds
        if kinds.contains(where: { $0 != .txn }) {
            ask(.linearizable, record, plan, budget)
            let areRegisters = plan.groups.allSatisfy { $0.valueType == .register }
            if plan.workload.isClosedLoop, areRegisters {
                for model in Self.ofSessions {
                    // What implies it is known already.
                    if let stronger = verdicts.first(where: { $0.verdict == .valid })?.model,
                        Self.implied(by: stronger).contains(model)
                    {
                        verdicts.append(Verdict(model: model, verdict: .valid))
                    } else {
                        ask(model, record, plan, budget)
                    }
                }
            }
        }
        if kinds.contains(.txn) {
            for model in Self.ofTransactions { ask(model, record, plan, budget) }
        }
    }

    private static func implied(by model: ConsistencyModel) -> [ConsistencyModel] {
        switch model {
        case .linearizable, .sequential: ofSessions
        case .causalMemory: [.causal, .pram] + guarantees
        case .causalConvergence: [.causal]
        default: []
        }
    }

    private mutating func ask(
        _ model: ConsistencyModel, _ record: RecordContents, _ plan: Plan, _ budget: CheckBudget
    ) {
        var worst = CheckVerdict.valid
        var checked = 0
        for group in plan.groups where group.spec.hasModel {
            var check = ModelCheck(
                record.history, dataType: group.name, kind: ObjectKind(group.valueType),
                sessions: plan.workload.isClosedLoop ? .clients : .processes)
            check.keepsConcurrent = group.keepsConcurrent
            check.budget = budget
            let result = check.result(of: model)
            if result.checked == 0 { continue }
            checked += result.checked
            if result.verdict == .invalid { worst = .invalid }
            if result.verdict == .unknown, worst == .valid { worst = .unknown }
        }
        // Of a history without operations nothing is known.
        verdicts.append(Verdict(model: model, verdict: checked == 0 ? .unknown : worst))
    }

    /// The verdict on `model`; `nil` if it was not asked for.
    package subscript(model: ConsistencyModel) -> CheckVerdict? {
        verdicts.first { $0.model == model }?.verdict
    }

    /// The name of the strongest model that all of `runs` kept to; several names where none of
    /// them implies the others.
    package static func strongest(of runs: [HeldModels]) -> String {
        guard let first = runs.first else { return "none" }
        let held = first.verdicts.map(\.model).filter { model in
            runs.allSatisfy { $0[model] == .valid }
        }
        guard let best = held.first else {
            let isOpen = runs.contains { $0.verdicts.contains { $0.verdict == .unknown } }
            return isOpen ? "unknown" : "none"
        }
        if best == .causalMemory, held.contains(.causalConvergence) {
            return "causal-memory, causal-convergence"
        }
        guard guarantees.contains(best) else { return best.rawValue }
        return held.count == guarantees.count
            ? "session guarantees" : held.map(\.rawValue).joined(separator: ", ")
    }
}
