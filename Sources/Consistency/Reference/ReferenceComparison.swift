import Determinism

/// Compares the checkers with ``ReferenceHistory`` and with one another.
package struct ReferenceComparison {
    private var orders = PartialOrders()
    /// How many histories were valid, invalid and unknown, for each model and for sequential
    /// consistency under its name.
    package private(set) var tally: [String: [CheckVerdict: Int]] = [:]

    /// Nothing compared yet.
    package init() {}

    /// What is wrong with the verdicts on `history`; empty if nothing. Without `allOrders` only
    /// PRAM, the session guarantees and sequential consistency are compared with the definitions.
    package mutating func compare(_ history: SessionHistory, allOrders: Bool = true) -> [String] {
        let reference = ReferenceHistory(history)
        var complaints: [String] = []
        let results = CausalConsistency.check(history, CausalModel.allCases)
        var verdicts: [CausalModel: CheckVerdict] = [:]
        for result in results { verdicts[result.model] = result.verdict }
        let allowed =
            allOrders
            ? reference.causalModels(&orders) : reference.isPRAM() ? [CausalModel.pram] : []
        for result in results where allOrders || result.model == .pram {
            tally[result.model.rawValue, default: [:]][result.verdict, default: 0] += 1
            let expected: CheckVerdict = allowed.contains(result.model) ? .valid : .invalid
            // What cannot be told may be either; a violation must be one all the same.
            if result.verdict == .unknown, !result.ambiguous.isEmpty { continue }
            if result.verdict != expected {
                complaints.append(
                    "\(result.model.rawValue) is \(result.verdict), not \(expected)"
                        + " \(result.violations)")
            }
        }
        let sequential = SequentialConsistency.check(history)
        tally["sequential", default: [:]][sequential.verdict, default: 0] += 1
        let expected: CheckVerdict = reference.isSequential() ? .valid : .invalid
        if sequential.verdict != expected {
            complaints.append(
                "sequential is \(sequential.verdict), not \(expected): \(sequential.reason ?? "")")
        }
        let guarantees = ValueGuarantees.check(history)
        if !guarantees.values.contains(where: { $0.verdict == .unknown }),
            verdicts[.causal] != .unknown
        {
            let kept = reference.guarantees()
            for guarantee in SessionGuarantee.allCases
            where (guarantees[guarantee]?.verdict == .valid) != kept.contains(guarantee) {
                complaints.append("\(guarantee.rawValue) is not \(kept.contains(guarantee))")
            }
            for guarantee in SessionGuarantee.allCases where guarantee != .writesFollowReads {
                imply(verdicts[.pram], guarantees[guarantee]?.verdict, guarantee.rawValue)
            }
            imply(
                verdicts[.causal], guarantees[.writesFollowReads]?.verdict, "writes-follow-reads")
        }
        func imply(_ stronger: CheckVerdict?, _ weaker: CheckVerdict?, _ name: String) {
            if stronger == .valid, weaker == .invalid {
                complaints.append("\(name) does not hold though what implies it does")
            }
        }
        imply(sequential.verdict, verdicts[.causalMemory], "causal memory")
        imply(sequential.verdict, verdicts[.causalConvergence], "causal convergence")
        imply(verdicts[.causalMemory], verdicts[.causal], "causal")
        imply(verdicts[.causalConvergence], verdicts[.causal], "causal")
        imply(verdicts[.causalMemory], verdicts[.pram], "pram")
        return complaints.isEmpty ? [] : complaints + [Self.text(history)]
    }

    /// A history in one line, for a failure.
    package static func text(_ history: SessionHistory) -> String {
        (0..<history.sessionCount).map { session in
            history.operations(of: session).map { index in
                let key = history.keys[index] == 0 ? "x" : history.keys[index] == 1 ? "y" : "z"
                let read = history.isRead(index) ? "r\(key)\(history.reads[index])" : ""
                let write = history.isWrite(index) ? "w\(key)\(history.writes[index])" : ""
                return read + write
            }.joined(separator: " ")
        }.joined(separator: " | ")
    }
}

extension ReferenceComparison {
    /// Compares causal memory and PRAM with ``ReferenceViews`` on a generated history of some
    /// dozens of operations, in which up to three reads are disturbed. Says what is wrong, and
    /// whether the history had views.
    package static func compareViews(seed: UInt64) -> (complaints: [String], isValid: Bool) {
        var random = RandomStream(seed: seed, name: "views")
        var generator = HistoryGenerator(
            sessions: 2 + random.index(4), operations: 10 + random.index(30),
            keys: 1 + random.index(5))
        generator.choice = HistoryGenerator.Choice.allCases[random.index(3)]
        generator.seed = seed
        generator.pace = 0.3 + 3 * random.unit()
        generator.swapShare = random.chance(0.3) ? 0.2 : 0
        var operations = generator.generate()
        for _ in 0..<random.index(4) {
            _ = HistoryGenerator.disturb(&operations, &random)
        }
        let history = HistoryGenerator.history(operations)
        var complaints: [String] = []
        var isValid = true
        for model in [CausalModel.causalMemory, .pram] {
            let result = CausalConsistency.check(history, model)
            let isExpected = ReferenceViews.areConsistent(history, causal: model == .causalMemory)
            isValid = isValid && isExpected
            if (result.verdict == .valid) != isExpected {
                complaints.append(
                    "seed \(seed): \(model.rawValue) is \(result.verdict) "
                        + "\(result.violations): \(text(history))")
            } else if result.verdict == .invalid,
                result.violations.contains(where: \.operations.isEmpty)
            {
                complaints.append("seed \(seed): \(model.rawValue): a violation without operations")
            }
        }
        return (complaints, isValid)
    }
}
