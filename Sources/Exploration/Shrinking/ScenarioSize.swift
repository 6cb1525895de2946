import Determinism
import Replication
import Scenarios

/// How large a scenario is, in everything that a person has to take in and a run has to carry
/// out.
package struct ScenarioSize: Hashable, Sendable {
    /// Faults.
    package var faults: Int
    /// Actions of an operator.
    package var actions: Int
    /// How long clients run.
    package var duration: TimeSpan
    /// When faults and actions happen, and how long faults last, added up.
    package var timeline: TimeSpan
    /// Regions.
    package var regions: Int
    /// Nodes in all of them.
    package var nodes: Int
    /// Clients beside all of them.
    package var clients: Int
    /// Operations a second that they begin; 0 for clients that wait for their answers.
    package var rate: Double
    /// Keys, or records.
    package var keys: Int
    /// Kinds of operations.
    package var operations: Int
    /// The most steps of a transaction; 0 without transactions.
    package var steps: Int
    /// Data types.
    package var dataTypes: Int
    /// Expectations, a core that must get on among them.
    package var expectations: Int

    /// The size of `scenario`, whose faults strike once each.
    package init(_ scenario: Scenario) {
        let workload = scenario.workload
        let ids = scenario.topology.regions.indices.map { RegionID(index: UInt16($0)) }
        faults = scenario.faults.count
        actions = scenario.actions.count
        duration = scenario.duration
        timeline = scenario.actions.reduce(.zero) { $0 + $1.at }
        for fault in scenario.faults {
            let start = fault.timing.moments.first ?? .zero
            timeline += start + (fault.duration ?? max(.zero, scenario.duration - start))
        }
        regions = ids.count
        nodes = scenario.topology.regions.reduce(0) { $0 + $1.nodeCount }
        clients = ids.reduce(0) { $0 + workload.clients[$1] }
        switch workload.arrivals {
        case .open(let rates):
            rate = ids.reduce(0) { $0 + (workload.clients[$1] == 0 ? 0 : rates[$1]) }
        case .closed: rate = 0
        }
        switch workload.mix {
        case .operations(_, let spec): keys = spec.count
        case .ycsb(_, let records): keys = records
        }
        operations = scenario.operationKinds.count
        steps = workload.hasTransactions ? workload.transactions.operations.upperBound : 0
        dataTypes = scenario.groups.count
        expectations = scenario.expectations.count + (scenario.liveness == nil ? 0 : 1)
        timeline += scenario.liveness?.from ?? .zero
    }

    /// Whether nothing of it is larger than in `other`.
    package func isWithin(_ other: ScenarioSize) -> Bool {
        faults <= other.faults && actions <= other.actions && duration <= other.duration
            && timeline <= other.timeline && regions <= other.regions && nodes <= other.nodes
            && clients <= other.clients && rate <= other.rate && keys <= other.keys
            && operations <= other.operations && steps <= other.steps
            && dataTypes <= other.dataTypes
            && expectations <= other.expectations
    }
}
