/// How numbers of a history are called in explanations.
public struct TransactionNames: Sendable {
    /// The name of a key.
    public var key: @Sendable (Int32) -> String
    /// The name of an element or value; not asked for absence.
    public var value: @Sendable (_ key: Int32, _ value: Int32) -> String

    /// Names by these functions; without them numbers are their own names.
    public init(
        key: @escaping @Sendable (Int32) -> String = { String($0) },
        value: @escaping @Sendable (_ key: Int32, _ value: Int32) -> String = { String($1) }
    ) {
        self.key = key
        self.value = value
    }
}

/// One step of a cycle: why one transaction must come before another.
public struct TransactionDependency: Hashable, Sendable {
    /// The identity of the one that comes first.
    public var from: Int
    /// The identity of the one that comes after it.
    public var to: Int
    /// What the dependency is; never a passage.
    public var kind: DependencyKind
    /// The key that it is about; `nil` for the order of processes and of real time.
    public var key: Int32?
    /// The reason in a sentence.
    public var reason: String
}

/// One thing that is wrong with a history.
public struct TransactionAnomaly: Hashable, Sendable {
    /// What it is.
    public var anomaly: AnomalyClass
    /// The identities of the transactions that take part; those of a cycle in its order.
    public var transactions: [Int]
    /// The key, if it is about one.
    public var key: Int32?
    /// The steps of a cycle; the last leads back to the first transaction.
    public var edges: [TransactionDependency]
    /// The contradiction, line by line.
    public var explanation: [String]
}

/// The outcome of a check of transactions.
public struct TransactionCheckResult: Sendable {
    /// Whether the history is one of ``model``. An anomaly that breaks it outweighs anything
    /// unknown.
    public var verdict: CheckVerdict
    /// The model that was asked about.
    public var model: TransactionModel
    /// How many transactions were looked at.
    public var checked: Int
    /// The anomalies, the worst first; of each class a few.
    public var anomalies: [TransactionAnomaly]
    /// How many there are of each class, the worst first; of a cycle at most one per component
    /// of the graph is looked for.
    public var counts: [(anomaly: AnomalyClass, count: Int)]
    /// The strongest models that the history may be one of, as far as was judged.
    public var allowed: [TransactionModel]
    /// The weakest models that it breaks (Elle's "not").
    public var broken: [TransactionModel]
    /// The stronger ones, which it breaks too (Elle's "also-not").
    public var alsoBroken: [TransactionModel]
    /// How many dependencies by data there are.
    public var dependencies: Int
    /// How many nodes the searches for cycles went through.
    public var states: Int
    /// Why the verdict is unknown, or what was left open although it is invalid.
    public var reason: String?
}
