import Determinism
import Replication
import Scenarios

/// A workload that was checked against the groups that it is for.
struct CheckedWorkload {
    /// The workload's groups, in order of identity.
    let groups: [FleetGroup]
    let planner: OperationPlanner
    let keyNames: KeyNames

    init(_ setup: FleetSetup) throws(InvalidWorkload) {
        let workload = setup.workload
        var groups: [FleetGroup] = []
        var weights: [Double] = []
        for id in Set(workload.groups).sorted() {
            guard let group = setup.groups.first(where: { $0.id == id }) else {
                throw InvalidWorkload("the workload uses data type \(id.index), there is none")
            }
            guard !group.members.isEmpty else {
                throw InvalidWorkload("data type \(group.name) has no members to send to")
            }
            for kind in group.operationKinds(in: workload)
            where kind.service == nil && !group.supports(kind) {
                throw InvalidWorkload(
                    "data type \(group.name) (\(group.strategy.name), \(group.valueType.rawValue)) "
                        + "does not support \(kind.rawValue); leave it out of the workload or "
                        + "choose another strategy or value type")
            }
            let isProbed =
                workload.probes.map { ($0.dataType ?? workload.groups.first) == id } ?? false
            if isProbed, !ProbeSpec.operations.allSatisfy({ group.supports($0) }) {
                throw InvalidWorkload(
                    "probes write and read, which data type \(group.name) does not support")
            }
            groups.append(group)
            weights.append(workload.dataTypes.reduce(0) { $0 + ($1.item == id ? $1.weight : 0) })
        }
        if workload.usesSessions {
            let scope = ServiceID.sessions.scope
            guard let group = setup.groups.first(where: { $0.id == scope }) else {
                throw InvalidWorkload("the workload asks for sessions, which nobody offers")
            }
            groups.append(group)
            weights.append(0)
        }
        self.groups = groups
        planner = try OperationPlanner(
            mix: workload.mix, transactions: workload.transactions, groupWeights: weights,
            groupOperations: groups.map(\.operations))
        try Self.checkFigures(setup)
        switch workload.mix {
        case .operations(_, let keys):
            keyNames = KeyNames(count: keys.count, size: keys.size)
        case .ycsb(_, let records): keyNames = KeyNames(count: records, size: 0)
        }
    }

    private static func checkFigures(_ setup: FleetSetup) throws(InvalidWorkload) {
        let workload = setup.workload
        var total = 0
        for (position, name) in setup.regionNames.enumerated() {
            let region = RegionID(index: UInt16(position))
            let count = workload.clients[region]
            guard (0...ClientFleet.openPerRegionMax).contains(count) else {
                throw InvalidWorkload(
                    "\(count) clients beside \(name); between 0 and "
                        + "\(ClientFleet.openPerRegionMax) are possible")
            }
            total += count
            guard case .open(let rates) = workload.arrivals else { continue }
            guard rates[region] >= 0, rates[region].isFinite else {
                throw InvalidWorkload("a rate of \(rates[region])/s beside \(name)")
            }
        }
        guard total > 0 else { throw InvalidWorkload("the workload has no clients") }
        guard workload.timeout > .zero, workload.attemptTimeout > .zero else {
            throw InvalidWorkload("the workload's timeouts must be longer than 0")
        }
    }
}
