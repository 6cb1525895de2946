import Determinism

/// Compares the checkers of sessions with ``ReferenceHistory`` and with one another.
package struct ReferenceComparison {
    private var orders = PartialOrders()
    /// What was compared so far, for each model, session guarantee, and sequential consistency
    /// by its name.
    package private(set) var tallies: [String: AgreementTally] = [:]

    /// Nothing compared yet.
    package init() {}

    /// The name of sequential consistency among ``tallies``.
    package static let sequential = "sequential"
    /// All names.
    package static let models =
        CausalModel.allCases.map(\.rawValue) + [sequential]
        + SessionGuarantee.allCases.map(\.rawValue)

    /// The first differences found, of any model.
    package var differences: [String] {
        Self.models.compactMap { tallies[$0]?.firstDifference }
    }

    private mutating func count(
        _ model: String, _ verdict: CheckVerdict, isRight: Bool, _ history: SessionHistory,
        _ why: @autoclosure () -> String
    ) {
        if isRight {
            tallies[model, default: AgreementTally()].count(verdict)
        } else {
            tallies[model, default: AgreementTally()].countDifference(
                "\(model) should not be \(verdict) \(why())\n  \(Self.text(history))")
        }
    }

    /// Compares the verdicts on `history`. Without `allOrders` only PRAM, the session guarantees
    /// and sequential consistency are compared with the definitions.
    package mutating func compare(_ history: SessionHistory, allOrders: Bool = true) {
        let reference = ReferenceHistory(history)
        let results = CausalConsistency.check(history, CausalModel.allCases)
        var verdicts: [CausalModel: CheckVerdict] = [:]
        for result in results { verdicts[result.model] = result.verdict }
        let sequential = SequentialConsistency.check(history)
        let isSequential = reference.isSequential()
        // A model that holds makes weaker ones hold.
        let stronger: [CausalModel: [CheckVerdict?]] = [
            .causal: [verdicts[.causalMemory], verdicts[.causalConvergence]],
            .causalMemory: [sequential.verdict], .causalConvergence: [sequential.verdict],
            .pram: [verdicts[.causalMemory]],
        ]
        let allowed =
            allOrders
            ? reference.causalModels(&orders) : reference.isPRAM() ? [CausalModel.pram] : []
        for result in results {
            let isImplied = stronger[result.model]?.contains(.valid) ?? false
            var isRight = !isImplied || result.verdict != .invalid
            if allOrders || result.model == .pram {
                let expected: CheckVerdict = allowed.contains(result.model) ? .valid : .invalid
                // What cannot be told may be either; a violation must be one all the same.
                let isOpen = result.verdict == .unknown && !result.ambiguous.isEmpty
                isRight = isRight && (isOpen || result.verdict == expected)
            } else if isRight {
                continue
            }
            count(
                result.model.rawValue, result.verdict, isRight: isRight, history,
                "\(result.violations)")
        }
        count(
            Self.sequential, sequential.verdict,
            isRight: sequential.verdict == (isSequential ? .valid : .invalid), history,
            sequential.reason ?? "")
        compareGuarantees(history, reference, verdicts)
    }

    private mutating func compareGuarantees(
        _ history: SessionHistory, _ reference: ReferenceHistory,
        _ verdicts: [CausalModel: CheckVerdict]
    ) {
        let results = ValueGuarantees.check(history)
        let kept = reference.guarantees()
        let isOpen =
            verdicts[.causal] == .unknown || results.values.contains { $0.verdict == .unknown }
        for guarantee in SessionGuarantee.allCases {
            guard let verdict = results[guarantee]?.verdict else { continue }
            let stronger = verdicts[guarantee == .writesFollowReads ? .causal : .pram]
            let isImplied = stronger != .valid || verdict != .invalid
            let isRight = isImplied && (verdict == .valid) == kept.contains(guarantee)
            count(
                guarantee.rawValue, isOpen ? .unknown : verdict, isRight: isOpen || isRight,
                history, "")
        }
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
    /// dozens of operations, in which up to three reads are disturbed. Says whether the history
    /// had views.
    @discardableResult
    package mutating func compareViews(seed: UInt64) -> Bool {
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
        var isValid = true
        for model in [CausalModel.causalMemory, .pram] {
            let result = CausalConsistency.check(history, model)
            let isExpected = ReferenceViews.areConsistent(history, causal: model == .causalMemory)
            isValid = isValid && isExpected
            // A violation names operations.
            let isNamed = !result.violations.contains(where: \.operations.isEmpty)
            count(
                model.rawValue, result.verdict,
                isRight: (result.verdict == .valid) == isExpected && isNamed, history,
                "\(result.violations)")
        }
        return isValid
    }

    /// Compares all histories of up to `count` operations.
    package mutating func compareAll(upTo count: Int, swaps: Bool) {
        for size in stride(from: 1, through: count, by: 1) {
            SmallHistories.forEach(count: size, swaps: swaps) { compare($0) }
        }
    }

    /// Compares larger histories for each of `seeds`: of six, of eight, and of some dozens of
    /// operations.
    package mutating func compareSeeded(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var stream = RandomStream(seed: seed, name: "check-exhaust")
            for count in [6, 8] {
                let history = SmallHistories.random(
                    count: count, sessions: 2 + stream.index(2), keys: 1 + stream.index(3),
                    &stream)
                compare(history, allOrders: count == 6)
            }
            compareViews(seed: seed)
        }
    }
}
