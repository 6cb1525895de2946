import Determinism
import Geography
import Replication

/// A scenario with every random choice made: what a run carries out.
///
/// Repeated faults stand one by one with their times, drawn targets are named, and after the
/// faults of the file come those that its random faults have drawn. Only `leader` and `primary`
/// stay open, because only the run can tell who that is. A Plan written out (``yaml``) is a
/// scenario file that gives the same Plan again.
public struct Plan: Sendable, Equatable {
    /// The scenario with its choices made; its faults strike once each.
    public let scenario: Scenario
    /// The regions; a ``RegionID`` is a position in this list.
    public let regions: [PlannedRegion]
    /// The nodes, in the order of ``NodeID``.
    public let nodes: [PlannedNode]
    /// The replication groups; a ``GroupID`` is a position in this list.
    public let groups: [PlannedGroup]
    /// The faults in the order of the file; `f1` is the first.
    public let faults: [PlannedFault]
    /// What the network is like when nothing is wrong.
    public let network: PlannedNetwork
    /// Who must get on at the end, when all that was to strike has struck.
    public var liveness: LivenessSpec? { scenario.liveness }

    /// The scenario's name.
    public var name: String { scenario.name }
    /// The scenario's title, or its name.
    public var title: String { scenario.title ?? scenario.name }
    /// What every random choice of the run is derived from.
    public var seed: UInt64 { scenario.seed }
    /// What the regions' wall clocks say at time 0.
    public var start: WallTime { scenario.start }
    /// How long clients run.
    public var duration: TimeSpan { scenario.duration }
    /// What the regions offer beside their data types.
    public var services: ServicesSpec { scenario.services }
    /// The names of the data types that keep services' state: no client works on their keys.
    public var serviceDataTypes: [String] {
        groups.filter { $0.id == services.sessions?.dataType }.map(\.name)
    }
    /// What the clients do.
    public var workload: WorkloadSpec { scenario.workload }
    /// What an operator does.
    public var actions: [ActionSpec] { scenario.actions }
    /// What must hold.
    public var expectations: [Expectation] { scenario.expectations }
    /// What a node's disk and processor cost.
    public var nodeCost: NodeCost { scenario.topology.node }

    /// The Plan of `scenario`, with `seed` in place of its own if given.
    ///
    /// - Throws: ``ScenarioError`` if the scenario has a matrix, which is of several runs, if the
    ///   network has no delay for some pair of regions, or a target cannot be drawn. A scenario
    ///   that was decoded from a file has none of the latter problems.
    public init(_ scenario: Scenario, seed: UInt64? = nil) throws(ScenarioError) {
        guard scenario.sweep.isEmpty else {
            throw ScenarioError([
                ScenarioProblem(
                    path: ScenarioPath().key("matrix"), found: "a matrix, which is of several runs",
                    expected: "'meridian sweep', which makes them")
            ])
        }
        var resolved = scenario
        resolved.seed = seed ?? scenario.seed
        regions = scenario.topology.regions.enumerated().map { index, spec in
            let id = RegionID(index: UInt16(truncatingIfNeeded: index))
            return PlannedRegion(id: id, spec: spec, nodes: spec.nodes(at: id))
        }
        nodes = regions.flatMap { region in
            region.nodes.map { PlannedNode(id: $0, in: region) }
        }
        network = try PlannedNetwork(scenario.topology)
        let resolution = FaultResolution(seed: resolved.seed, nodes: nodes, regions: regions)
        resolved.faults = try resolution.resolve(scenario.faults)
        let memberNodes = regions
        groups = resolved.groups.enumerated().map { index, spec in
            PlannedGroup(
                id: GroupID(index: UInt16(truncatingIfNeeded: index)), spec, regions: memberNodes)
        }
        let nemesis = Nemesis(
            scenario, groups: groups, resolution: resolution, beside: resolved.faults)
        resolved.faults += nemesis.drawn
        if resolved.liveness == nil { resolved.liveness = try nemesis.liveness() }
        faults = resolved.faults.enumerated().map { index, fault in
            PlannedFault(number: index + 1, fault)
        }
        self.scenario = resolved
    }
}

/// A region of a Plan.
public struct PlannedRegion: Sendable, Equatable {
    /// Its position among the regions.
    public let id: RegionID
    /// What the scenario says of it.
    public let spec: RegionSpec
    /// Its nodes, in order.
    public let nodes: [NodeID]

    /// Its name.
    public var name: String { spec.name }
    /// Its name and what is known of it: place, provider, jurisdiction.
    public var region: Region { spec.region }
}

/// A node of a Plan.
public struct PlannedNode: Sendable, Equatable {
    /// Its identity.
    public let id: NodeID
    /// Its name: the region's if that has no other node, else `region/zone/ordinal`.
    public let name: String
    /// The name of its zone.
    public let zone: String

    init(id: NodeID, in region: PlannedRegion) {
        self.id = id
        let zones = region.spec.zones
        zone = zones.indices.contains(Int(id.zone)) ? zones[Int(id.zone)] : "\(id.zone)"
        name = region.nodes.count == 1 ? region.name : "\(region.name)/\(zone)/\(id.ordinal)"
    }
}

/// A replication group of a Plan.
public struct PlannedGroup: Sendable, Equatable {
    /// Its position among the groups.
    public let id: GroupID
    /// The data type and how it is replicated.
    public let spec: DataTypeSpec
    /// The founding members that count, in order.
    public let voters: [NodeID]
    /// The founding members that only listen, in order.
    public let learners: [NodeID]

    /// The nodes that are no members and serve clients all the same, in order.
    public let coordinators: [NodeID]

    /// The name of the data type.
    public var name: String { spec.name }
    /// The name of the strategy.
    public var strategy: String { spec.replication.strategy }
    /// The options that the scenario gives; what is missing has the strategy's default.
    public var options: StrategyOptions { spec.replication.options }
    /// What kind of values it holds.
    public var valueType: ValueType { spec.value }
    /// How urgent its replication is.
    public var priority: DataTypePriority { spec.priority }

    init(id: GroupID, _ spec: DataTypeSpec, regions: [PlannedRegion]) {
        self.id = id
        self.spec = spec
        let listening = spec.replication.learners
        let members = spec.replication.regions ?? regions.map(\.id)
        learners = regions.filter { listening.contains($0.id) }.flatMap(\.nodes)
        voters = regions.filter { members.contains($0.id) && !listening.contains($0.id) }
            .flatMap(\.nodes)
        var named: [RegionID] = []
        if case .regions(let regions)? = spec.replication.options["coordinators"] {
            named = regions
        }
        coordinators = regions.filter { named.contains($0.id) }.flatMap(\.nodes)
    }
}

/// A fault of a Plan.
public struct PlannedFault: Sendable, Equatable {
    /// Its number, from 1.
    public let number: Int
    /// When it strikes, counted from time 0.
    public let at: TimeSpan
    /// How long it lasts; `nil`: to the end of the run.
    public let duration: TimeSpan?
    /// What happens.
    public let kind: FaultKind
    /// Whether the nodes struck are also cut off from all clients.
    public let cutsClients: Bool
    /// Whether the verdict is unknown if it has no effect.
    public let mustBite: Bool

    /// `f1` for the first.
    public var id: String { FaultReference(number: number).id }
    /// When it heals; `nil`: never.
    public var end: TimeSpan? { duration.map { at + $0 } }

    init(number: Int, _ fault: FaultSpec) {
        self.number = number
        at = fault.timing.moments.first ?? .zero
        duration = fault.duration
        kind = fault.kind
        cutsClients = fault.cutsClients
        mustBite = fault.mustBite
    }
}
