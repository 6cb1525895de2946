import Determinism
import Recording
import Replication
import Scenarios

/// What a strategy promises whose versions are causal (`eventual`), whatever is broken around it,
/// looked for in the answers, events and final state of a run.
///
/// - One dot names one write.
/// - An answer knows of what it shows: a read's context names the value that it shows, and a write
///   supersedes what its client had been shown before.
/// - A member that answers from its own state does not go back: it never shows again what it had
///   superseded.
/// - A member that lost its state answers nobody until it has taken over another's.
///
/// None of it can be promised by a member whose disk reported as synced what was not, once its
/// process has ended: such members, and the dots that they gave, are left out.
struct CausalInvariants {
    /// What contradicts a promise, the first of each, in a sentence.
    private(set) var violations: [String] = []

    /// What contradicts the promises in `record`, data type by data type.
    static func violations(_ record: RecordContents, _ plan: Plan) -> [String] {
        record.history.dataTypes.flatMap { name in
            CausalInvariants(record, dataType: name, plan: plan).violations
        }
    }

    /// Looks at everything in `record` that is about `dataType`.
    init(_ record: RecordContents, dataType: String, plan: Plan) {
        let answers = record.history.filter { operation in
            operation.dataType == dataType && operation.outcome == .ok && operation.key != nil
        }
        // Versions that are positions in one order promise other things.
        guard answers.contains(where: { $0.version?.causal != nil }) else { return }
        let final = record.final.filter { $0.dataType == dataType }
        let lives = MemberLives(record, dataType: dataType, plan: plan)
        if plan.groups.first(where: { $0.name == dataType })?.isMerged ?? false {
            violations =
                MergeInvariants(
                    record, dataType: dataType, plan: plan, answers, final, lives
                ).violations
            return
        }
        let dots = WrittenDots(answers, final, lives)
        let group = plan.groups.first { $0.name == dataType }
        let byTime = group?.options["resolve"] == .choice("last-writer-wins")
        let memories =
            group?.answersFromOwnState ?? true
            ? MemberMemories(answers, final, dots, lives, byTime: byTime) : nil
        violations = [
            dots.clash, ShownContexts(answers, dots, lives, plan).breach, memories?.breach,
            lives.answerWithoutState(among: answers),
        ].compactMap(\.self)
    }
}

extension HistoryOperation {
    /// The operation as sentences name it.
    var described: String {
        let place = servedBy.map { " at \($0)" } ?? ""
        return function == .read
            ? "operation \(index) (read of \(value.summary)\(place))"
            : "operation \(index) (\(function.name) \(value.summary)\(place))"
    }
}

extension Version {
    /// Its dot and what it superseded, if it is a causal one.
    var causal: (dot: Dot, context: VersionVector)? {
        guard case .causal(let dot, let context, _) = self else { return nil }
        return (dot, context)
    }
}
