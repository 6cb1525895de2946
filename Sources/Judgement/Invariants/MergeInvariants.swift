import Recording
import Replication
import Scenarios

/// What the merging of values promises, whatever is broken around it.
///
/// - One dot names one update.
/// - A value is what the updates make that it says it knows: no more, no less, each of them once.
/// - A member of `eventual` does not go back: what it answers reflects all that an earlier answer
///   of its did.
/// - A member that lost its state answers nobody until it has taken over another's.
struct MergeInvariants {
    /// What contradicts a promise, the first of each, in a sentence.
    private(set) var violations: [String] = []

    /// The most reads of a data type that are looked at.
    private static let readsMax = 5_000

    /// Looks at everything in `record` that is about `dataType`, of which `answers` are the
    /// operations that were answered and `final` what members held at the end.
    init(
        _ record: RecordContents, dataType: String, plan: Plan, _ answers: [HistoryOperation],
        _ final: [FinalRow], _ lives: MemberLives
    ) {
        let group = plan.groups.first { $0.name == dataType }
        violations = [
            Self.clash(answers, lives),
            MergedHistory(record, dataType: dataType, plan: plan, lives).flatMap {
                Self.contradiction($0, answers, final, lives)
            },
            group?.strategy == "eventual" ? Self.regress(answers, lives) : nil,
            lives.answerWithoutState(among: answers),
        ].compactMap(\.self)
    }

    private static func clash(_ answers: [HistoryOperation], _ lives: MemberLives) -> String? {
        var names: [Dot: HistoryOperation] = [:]
        for operation in answers where operation.function.isUpdate {
            guard let dot = operation.version?.causal?.dot, !lives.isForgetful(dot.member.node)
            else { continue }
            if let other = names.updateValue(operation, forKey: dot) {
                return "one dot names two updates: \(dot.member):\(dot.counter) is that of "
                    + "\(other.described) and of \(operation.described)"
            }
        }
        return nil
    }

    private static func contradiction(
        _ merged: MergedHistory, _ answers: [HistoryOperation], _ final: [FinalRow],
        _ lives: MemberLives
    ) -> String? {
        let held = final.filter { !lives.isForgetful($0.node) }.map { MergedObservation($0) }
        let reads = answers.lazy.filter { operation in
            operation.servedBy.map { !lives.isForgetful($0) } ?? true
        }.compactMap { MergedObservation($0) }
        for observation in held + reads.prefix(readsMax) {
            if let finding = merged.findings(of: observation).first {
                return "merge (\(merged.rule)): \(observation.source) \(finding.what)"
            }
        }
        return nil
    }

    private struct Place: Hashable {
        var node: String
        var key: String
    }

    private struct Memory {
        var life: Int
        var known = VersionVector()
        var source: HistoryOperation?
    }

    private static func regress(_ answers: [HistoryOperation], _ lives: MemberLives) -> String? {
        var memories: [Place: Memory] = [:]
        var atBegin: [Int: Memory] = [:]
        for (operation, isEnd) in ShownContexts.inOrder(answers) {
            guard let key = operation.key, let node = operation.servedBy,
                !lives.isForgetful(node), let time = isEnd ? operation.completed : operation.invoked
            else { continue }
            let place = Place(node: node, key: key)
            let life = lives.life(of: node, at: time)
            var memory = memories[place] ?? Memory(life: life)
            if memory.life != life { memory = Memory(life: life) }
            guard isEnd else {
                atBegin[operation.index] = memory
                continue
            }
            let known =
                operation.function == .read
                ? operation.context : operation.version?.known ?? VersionVector()
            if let before = atBegin.removeValue(forKey: operation.index), before.life == life,
                let source = before.source, !known.covers(before.known)
            {
                return "\(operation.described) knows less of key \(key) than \(source.described) "
                    + "did before it"
            }
            memory.known.merge(known)
            memory.source = operation
            memories[place] = memory
        }
        return nil
    }
}
