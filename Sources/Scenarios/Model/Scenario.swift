import Determinism
import Replication

/// What a scenario file says, typed: where the service runs, how it replicates, what its clients
/// do, what breaks and when, and what must hold.
///
/// Names of regions, zones, nodes and data types are resolved to their identities. Random choices
/// (a drawn target, a repeated fault) are still open: a ``Plan`` makes them.
public struct Scenario: Sendable, Equatable {
    /// Letters, digits and hyphens.
    public var name: String
    /// A line for people.
    public var title: String?
    /// What every random choice of the run is derived from.
    public var seed: UInt64
    /// What the regions' wall clocks say at time 0.
    public var start: WallTime
    /// How long clients run.
    public var duration: TimeSpan
    /// The regions and the network between them.
    public var topology: TopologySpec
    /// How data is replicated, unless a data type says otherwise.
    public var replication: ReplicationSpec
    /// The data types that the file lists, in its order. See ``groups`` for those of the run.
    public var dataTypes: [DataTypeSpec]
    /// What the regions offer beside their data types.
    public var services: ServicesSpec
    /// What the clients do.
    public var workload: WorkloadSpec
    /// What breaks, in the order of the file.
    public var faults: [FaultSpec]
    /// What an operator does, in the order of the file.
    public var actions: [ActionSpec]
    /// What must hold.
    public var expectations: [Expectation]
    /// Who must get on at the end when everybody else is left broken; `nil`: nobody is asked to.
    public var liveness: LivenessSpec?
    /// Whether the record gets a row for each write that reaches a replica.
    public var logsReplication = false
    /// Other runs to derive from this one: each combination of values is one.
    public var sweep: [SweepSpec]

    /// The start of 2026 in UTC.
    public static let defaultStart = WallTime(nanosecondsSince1970: 1_767_225_600_000_000_000)
    /// How long clients run when a scenario does not say.
    public static let defaultDuration = TimeSpan.seconds(30)
    /// The name of the data type of a scenario that lists none.
    public static let defaultDataType = "default"

    /// A scenario with these parts; the defaults are those of the scenario format.
    public init(
        name: String, title: String? = nil, seed: UInt64 = 1,
        start: WallTime = Scenario.defaultStart,
        duration: TimeSpan = Scenario.defaultDuration, topology: TopologySpec,
        replication: ReplicationSpec = ReplicationSpec(), dataTypes: [DataTypeSpec] = [],
        services: ServicesSpec = ServicesSpec(),
        workload: WorkloadSpec = WorkloadSpec(), faults: [FaultSpec] = [],
        actions: [ActionSpec] = [], expectations: [Expectation] = [],
        liveness: LivenessSpec? = nil, sweep: [SweepSpec] = []
    ) {
        self.name = name
        self.title = title
        self.seed = seed
        self.start = start
        self.duration = duration
        self.topology = topology
        self.replication = replication
        self.dataTypes = dataTypes
        self.services = services
        self.workload = workload
        self.faults = faults
        self.actions = actions
        self.expectations = expectations
        self.liveness = liveness
        self.sweep = sweep
    }

    /// The data types of the run, in the order of their ``GroupID``: those listed and, if none is
    /// listed or the workload uses it, the one called `default` at the end.
    public var groups: [DataTypeSpec] {
        let position = GroupID(index: UInt16(truncatingIfNeeded: dataTypes.count))
        let used = workload.usesKeys && workload.dataTypes.contains { $0.item == position }
        guard dataTypes.isEmpty || used else { return dataTypes }
        return dataTypes + [DataTypeSpec(name: Self.defaultDataType, replication: replication)]
    }

    /// The scenario itself, without what derives other runs from it.
    var single: Scenario {
        var single = self
        single.sweep = []
        return single
    }

    /// The kinds of operations that clients do with a data type, in the order of
    /// ``OperationKind``: its own, or those of the workload.
    public func operationKinds(on group: GroupID) -> [OperationKind] {
        let groups = self.groups
        guard groups.indices.contains(Int(group.index)),
            let own = groups[Int(group.index)].operations
        else { return workload.operationKinds }
        let used = own.filter { $0.weight > 0 }.map(\.item)
        return OperationKind.allCases.filter(used.contains)
    }

    /// The kinds of operations that clients do with any data type of the workload, and what they ask
    /// of services.
    public var operationKinds: [OperationKind] {
        let used =
            workload.groups.map { operationKinds(on: $0) }
            + [workload.operationKinds.filter { $0.service != nil }]
        return OperationKind.allCases.filter { kind in used.contains { $0.contains(kind) } }
    }

    /// The data type named `name`, if the run has it.
    public func group(named name: String) -> GroupID? {
        groups.firstIndex { $0.name == name }.map {
            GroupID(index: UInt16(truncatingIfNeeded: $0))
        }
    }
}

/// One key of a scenario and the values that a sweep gives it, as they would stand in the file.
public struct SweepSpec: Sendable, Equatable {
    /// The way to the key, such as `["replication", "strategy"]`.
    public var path: [String]
    /// The values, in order.
    public var values: [String]

    /// A sweep of `path` over `values`.
    public init(path: [String], values: [String]) {
        self.path = path
        self.values = values
    }
}
