/// What a check of transactions looks for, and how much it may spend.
public struct TransactionCheckOptions: Sendable {
    /// The model that the history should be one of.
    public var model: TransactionModel
    /// Registers: whether a version that a transaction wrote comes after the one it read.
    public var writesFollowReads: Bool
    /// Registers: whether every key by itself is known to be sequentially consistent. If that is
    /// not so, what is found is only as good as this.
    public var sequentialKeys: Bool
    /// Registers: whether every key by itself is known to be linearizable.
    public var linearizableKeys: Bool
    /// Edges that searches for cycles may follow, and bytes that the check may hold.
    public var budget: CheckBudget
    /// What numbers are called.
    public var names: TransactionNames

    /// Options with these values.
    public init(
        model: TransactionModel = .strictSerializable, writesFollowReads: Bool = true,
        sequentialKeys: Bool = false, linearizableKeys: Bool = false,
        budget: CheckBudget = CheckBudget(statesMax: 200_000_000, bytesMax: 1 << 34),
        names: TransactionNames = TransactionNames()
    ) {
        self.model = model
        self.writesFollowReads = writesFollowReads
        self.sequentialKeys = sequentialKeys
        self.linearizableKeys = linearizableKeys
        self.budget = budget
        self.names = names
    }
}

/// Which models a history of transactions may be one of, from the anomalies in it.
///
/// After Elle (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental
/// Observations", VLDB 2020): what clients saw tells which transaction must have come before
/// which others; a cycle of these dependencies is one of Adya's phenomena, and each of those
/// rules out models. What is reported did happen, whatever the database did inside. What is not
/// may have escaped: orders of versions are complete only as far as reads show them.
public enum TransactionConsistency {
    /// Why nothing can be said of transactions none of which saw or replaced what another wrote.
    package static let noDependencies = "no transaction depends on another"

    /// Checks `history`.
    public static func check(
        _ history: TransactionHistory, options: TransactionCheckOptions = TransactionCheckOptions()
    ) -> TransactionCheckResult {
        var findings = TransactionFindings(history, options.names)
        let needed = history.count * 300 + history.operationCount * 120 + history.bytes
        // Nodes and edges are numbers of 32 bits, whatever the budget.
        guard needed <= options.budget.bytesMax, history.operationCount < operationsMax else {
            return result(
                findings, options, dependencies: 0, states: 0,
                unknown: [
                    "\(history.count) transactions need \(needed >> 20) MB, with a budget of "
                        + "\(options.budget.bytesMax >> 20) MB"
                ])
        }
        let index = TransactionIndex(history)
        addDuplicates(index, &findings)
        var edges = DependencyEdges(transactionCount: history.count)
        let reasons: DependencyReasons
        switch history.kind {
        case .listAppend:
            let analysis = ListAppendAnalysis(index, &findings)
            analysis.findAnomalies(&findings)
            analysis.addEdges(to: &edges)
            reasons = .lists(analysis)
        case .readWriteRegister:
            let analysis = RegisterAnalysis(index, options, &findings)
            analysis.findAnomalies(&findings)
            analysis.addEdges(analysis.versionGraph(&findings), to: &edges)
            reasons = .registers(analysis)
        }
        let dependencies = edges.count
        TransactionOrder.addEdges(reasons.index, to: &edges)
        let search = findCycles(edges, reasons, options, &findings)

        var unknown: [String] = []
        let unjudged = findings.counted.filter { $0.anomaly.isUnjudgeable }
            .reduce(0) { $0 + $1.count }
        if unjudged > 0 {
            unknown.append("\(unjudged) keys were given a value twice and cannot be judged")
        }
        if history.rejectedCount > 0 {
            unknown.append("\(history.rejectedCount) operations do not fit the history")
        }
        if dependencies == 0 { unknown.append(noDependencies) }
        if search.isExhausted {
            unknown.append(
                "the search for cycles with one antidependency gave up after "
                    + "\(search.states) steps")
        }
        return result(
            findings, options, dependencies: dependencies, states: search.states, unknown: unknown)
    }

    private static func addDuplicates(
        _ index: TransactionIndex, _ findings: inout TransactionFindings
    ) {
        let isList = index.history.kind == .listAppend
        for (first, second) in index.duplicates {
            let pair = [index.transaction(first), index.transaction(second)]
            findings.add(
                isList ? .duplicateAppends : .duplicateWrites, pair, key: index.rawKey(first)
            ) { text in
                let again = first == second ? "" : ", and \(text.deed(first, by: pair[0])) too"
                return ["\(text.deed(second, by: pair[1]))\(again): reads of it say nothing"]
            }
        }
    }

    private static func findCycles(
        _ edges: DependencyEdges, _ reasons: DependencyReasons, _ options: TransactionCheckOptions,
        _ findings: inout TransactionFindings
    ) -> (states: Int, isExhausted: Bool) {
        let graph = DependencyGraph(edges)
        let components = StrongComponents(graph, mask: .max)
        var states = graph.nodeCount
        guard components.isCyclic else { return (states, false) }
        // The members of each component with a cycle, in order of nodes.
        var numbers = ContiguousArray<Int32>(repeating: -1, count: components.sizes.count)
        var members: [[Int32]] = []
        for node in 0..<graph.nodeCount {
            let component = Int(components.components[node])
            guard components.sizes[component] > 1 else { continue }
            if numbers[component] < 0 {
                numbers[component] = Int32(members.count)
                members.append([])
            }
            members[Int(numbers[component])].append(Int32(node))
        }
        var places = ContiguousArray<Int32>(repeating: -1, count: graph.nodeCount)
        var isExhausted = false
        for nodes in members {
            let part = graph.part(nodes, numbers: &places)
            let search = CycleSearch(part, stepsMax: options.budget.statesMax - states)
            states += search.steps
            isExhausted = isExhausted || search.isExhausted
            for cycle in search.cycles {
                let steps = cycle.steps.map { step in
                    CycleSearch.Step(
                        from: Int(nodes[step.from]), to: Int(nodes[step.to]), kind: step.kind,
                        witness: step.witness)
                }
                add(cycle.anomaly, steps, reasons, &findings)
            }
        }
        return (states, isExhausted)
    }

    private static let operationsMax = 1 << 28
    /// How many steps of a cycle are spelled out.
    private static let linesMax = 32

    private static func add(
        _ anomaly: AnomalyClass, _ steps: [CycleSearch.Step], _ reasons: DependencyReasons,
        _ findings: inout TransactionFindings
    ) {
        let explained =
            findings.isKept(anomaly) ? steps.map { reasons.dependency($0, findings) } : []
        let transactions = steps.map(\.from)
        findings.add(anomaly, transactions, edges: explained) { text in
            let left = explained.count - linesMax
            let shown = explained.prefix(linesMax)
                .map { "T\($0.from) < T\($0.to): \($0.reason) (\($0.kind))" }
            let names = transactions.prefix(linesMax).map(text.name) + (left > 0 ? ["..."] : [])
            let all = (names + [text.name(transactions[0])]).joined(separator: " < ")
            return shown + (left > 0 ? ["and \(left) steps more"] : [])
                + ["so \(all): a contradiction"]
        }
        // Adya's G-update: of the transactions at most one only reads.
        let isData = steps.allSatisfy { $0.kind != .process && $0.kind != .realtime }
        let isAnti = steps.contains { $0.kind == .rw }
        if isData, isAnti, transactions.count(where: { !reasons.writes($0) }) <= 1 {
            findings.note(.gUpdate)
        }
    }

    private static func result(
        _ findings: TransactionFindings, _ options: TransactionCheckOptions, dependencies: Int,
        states: Int, unknown: [String]
    ) -> TransactionCheckResult {
        let present = AnomalyClass.allCases.filter(findings.classes.contains)
        let boundary = TransactionModel.boundary(present)
        let isBroken = options.model.isBroken(by: present)
        return TransactionCheckResult(
            verdict: isBroken ? .invalid : unknown.isEmpty ? .valid : .unknown,
            model: options.model, checked: findings.history.count,
            anomalies: findings.sorted, counts: findings.counted, allowed: boundary.allowed,
            broken: boundary.broken, alsoBroken: boundary.alsoBroken, dependencies: dependencies,
            states: states, reason: unknown.isEmpty ? nil : unknown.joined(separator: "; "))
    }
}
