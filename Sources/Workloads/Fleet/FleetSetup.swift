import Determinism
import Replication
import Scenarios

/// What a fleet of clients starts from.
package struct FleetSetup: Sendable {
    /// What the clients do.
    package var workload: WorkloadSpec
    /// The names of the run's regions, in the order of ``RegionID``. Random streams are named
    /// after them.
    package var regionNames: [String]
    /// Round trips between a client beside one region and another region; only their order
    /// counts.
    package var roundTrips: RoundTripTable
    /// The groups that the workload's data types are kept by, in any order.
    package var groups: [FleetGroup]
    /// The seed of the run.
    package var seed: UInt64

    /// A setup with these parts.
    package init(
        workload: WorkloadSpec, regionNames: [String], roundTrips: RoundTripTable,
        groups: [FleetGroup], seed: UInt64
    ) {
        self.workload = workload
        self.regionNames = regionNames
        self.roundTrips = roundTrips
        self.groups = groups
        self.seed = seed
    }
}

/// A replication group as clients see it.
package struct FleetGroup: Sendable {
    /// The group.
    package var id: GroupID
    /// The data type's name, for errors.
    package var name: String
    /// What its strategy says of itself.
    package var strategy: StrategyDescription
    /// The type of its values.
    package var valueType: ValueType
    /// The options of its strategy.
    package var options: StrategyOptions
    /// What clients do with it, in place of what the workload says; `nil`: that.
    package var operations: [Share<OperationKind>]?
    /// The nodes that take requests for it.
    package var members: [NodeID]

    /// Whether clients may ask this of it.
    func supports(_ kind: OperationKind) -> Bool {
        strategy.supports(kind, on: valueType, with: options)
    }

    /// What clients do with it under `workload`.
    func operationKinds(in workload: WorkloadSpec) -> [OperationKind] {
        operations.map { $0.filter { $0.weight > 0 }.map(\.item) } ?? workload.operationKinds
    }

    /// A group with these properties.
    package init(
        id: GroupID, name: String, strategy: StrategyDescription, valueType: ValueType,
        options: StrategyOptions = StrategyOptions(), operations: [Share<OperationKind>]? = nil,
        members: [NodeID]
    ) {
        self.id = id
        self.name = name
        self.strategy = strategy
        self.valueType = valueType
        self.options = options
        self.operations = operations
        self.members = members
    }
}
