import Replication

/// How data is replicated: the `replication:` section, or a data type's part of it.
public struct ReplicationSpec: Sendable, Equatable {
    /// The name of the strategy.
    public var strategy: String
    /// The options that the file gives, checked against the strategy's description. What is
    /// missing has the strategy's default.
    public var options: StrategyOptions
    /// The regions whose nodes are members; `nil`: all.
    public var regions: [RegionID]?
    /// The regions whose nodes only listen, without a vote.
    public var learners: [RegionID]

    /// Replication by `strategy` with these options and members.
    public init(
        strategy: String = "raft", options: StrategyOptions = StrategyOptions(),
        regions: [RegionID]? = nil, learners: [RegionID] = []
    ) {
        self.strategy = strategy
        self.options = options
        self.regions = regions
        self.learners = learners
    }
}

/// One data type, which is one replication group: an entry of `data_types:`.
public struct DataTypeSpec: Sendable, Equatable {
    /// What the file calls it.
    public var name: String
    /// How it is replicated, with what it takes over from the scenario's default: everything
    /// that it does not say itself, unless it names another strategy.
    public var replication: ReplicationSpec
    /// What kind of values it holds.
    public var value: ValueType
    /// How urgent its replication is next to that of others.
    public var priority: DataTypePriority
    /// What clients do with it, in place of what the workload says; `nil`: that.
    public var operations: [Share<OperationKind>]?

    /// The data type `name` with these properties.
    public init(
        name: String, replication: ReplicationSpec = ReplicationSpec(),
        value: ValueType = .register, priority: DataTypePriority = .normal,
        operations: [Share<OperationKind>]? = nil
    ) {
        self.name = name
        self.replication = replication
        self.value = value
        self.priority = priority
        self.operations = operations
    }
}

extension DataTypeSpec {
    /// Whether checkers know a model of its values: none of maps, and none of registers that merge
    /// writes otherwise than by the last writer, where a read may show another value than the last.
    public var hasModel: Bool {
        guard value != .map else { return false }
        guard value == .register, replication.options["resolve"] == .choice("merge"),
            let rule = replication.options["merge"]
        else { return true }
        return rule == .choice("last-writer")
    }
}

/// How urgent the replication of a data type is next to that of others on the same link.
public enum DataTypePriority: String, CaseIterable, Sendable {
    /// Before all others.
    case high
    /// Neither.
    case normal
    /// After all others.
    case low
}
