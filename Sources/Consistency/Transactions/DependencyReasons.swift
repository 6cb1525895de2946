/// Why one transaction comes before another, in words: from the same facts that made the edge.
enum DependencyReasons {
    /// Of a history of lists.
    case lists(ListAppendAnalysis)
    /// Of a history of registers.
    case registers(RegisterAnalysis)

    var index: TransactionIndex {
        switch self {
        case .lists(let analysis): analysis.index
        case .registers(let analysis): analysis.index
        }
    }

    /// Whether a transaction writes anything.
    func writes(_ transaction: Int) -> Bool {
        index.history.operations(transaction).contains(where: index.isUpdate)
    }

    func dependency(
        _ step: CycleSearch.Step, _ text: TransactionFindings
    ) -> TransactionDependency {
        let history = index.history
        let key = step.witness >= 0 ? history.keys[step.witness] : nil
        let reason: String
        switch step.kind {
        case .ww: reason = overwriting(step, text)
        case .wr:
            reason =
                "\(text.deed(step.witness, by: step.to)), "
                + "the last of which \(text.name(step.from)) wrote"
        case .rw: reason = missing(step, text)
        case .process:
            reason =
                "process \(history.processes[step.from]) carried out \(text.name(step.from)) "
                + "before \(text.name(step.to))"
        case .realtime:
            reason =
                "\(text.name(step.from)) returned at \(history.returned[step.from]) ns, before "
                + "\(text.name(step.to)) was invoked at \(history.invoked[step.to]) ns"
        // Between transactions there are none.
        case .passage: reason = ""
        }
        return TransactionDependency(
            from: history.identities[step.from], to: history.identities[step.to],
            kind: step.kind, key: key, reason: reason)
    }

    private func overwriting(_ step: CycleSearch.Step, _ text: TransactionFindings) -> String {
        let before = lastWrite(step.from, index.keys[step.witness], before: step.witness)
        let deed = before.map { text.deed($0, by: step.from) } ?? text.name(step.from)
        switch self {
        case .lists:
            return "\(deed), and \(text.deed(step.witness, by: step.to)) after it"
        case .registers:
            return "\(deed), and \(text.deed(step.witness, by: step.to)), a later version"
        }
    }

    private func missing(_ step: CycleSearch.Step, _ text: TransactionFindings) -> String {
        let deed = text.deed(step.witness, by: step.from)
        let key = index.keys[step.witness]
        guard let write = nextWrite(step, key) else { return deed }
        switch self {
        case .lists:
            return
                "\(deed), and \(text.deed(write, by: step.to)) after it"
        case .registers:
            return "\(deed), and \(text.deed(write, by: step.to)), a later version"
        }
    }

    /// The write of `transaction` to `key` that comes closest before `witness` in the order.
    private func lastWrite(_ transaction: Int, _ key: Int32, before witness: Int) -> Int? {
        let writes = index.history.operations(transaction).filter {
            index.isUpdate($0) && index.keys[$0] == key
        }
        switch self {
        case .registers: return writes.last
        case .lists(let analysis):
            let bound = analysis.positions[witness]
            return writes.last {
                analysis.positions[$0] >= 0 && (bound < 0 || analysis.positions[$0] < bound)
            }
        }
    }

    /// The write of the later transaction that the reader of `step` did not see.
    private func nextWrite(_ step: CycleSearch.Step, _ key: Int32) -> Int? {
        let writes = index.history.operations(step.to).filter {
            index.isUpdate($0) && index.keys[$0] == key
        }
        switch self {
        case .registers: return writes.last
        case .lists(let analysis):
            let version = analysis.versions[step.witness]
            return writes.first {
                analysis.positions[$0] < 0 || analysis.positions[$0] >= version
            }
        }
    }
}
