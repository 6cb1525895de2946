import Determinism
import Replication

extension Validator {
    mutating func checkServices() {
        let asked = scenario.workload.operationKinds.filter { $0.service == .sessions }
        guard let spec = scenario.services.sessions else {
            if let kind = asked.first {
                report(
                    top.key("workload").key("operations").key(kind.rawValue),
                    "\(kind.rawValue) is a request of the sessions, which the scenario does not offer",
                    expected: "'services: {sessions: {data_type: …}}'")
            }
            return
        }
        let path = top.key("services").key("sessions")
        checkDataType(of: spec, path)
        for (index, region) in scenario.topology.regions.enumerated() {
            let id = RegionID(index: UInt16(truncatingIfNeeded: index))
            let own = spec.policies[id].map { _ in path.key("policies").key(region.name) }
            if spec.access(in: id) > spec.duration(in: id) {
                report(
                    (own ?? path).key("access"),
                    "\(spec.access(in: id)), longer than a session of \(region.name), "
                        + "\(spec.duration(in: id))", expected: "at most that")
                if own == nil { break }
            }
        }
        if spec.lookupTimeout >= scenario.workload.attemptTimeout, !asked.isEmpty {
            report(
                path.key("lookup_timeout"),
                "\(spec.lookupTimeout), and clients wait \(scenario.workload.attemptTimeout) for an "
                    + "attempt", expected: "less, or a longer 'timeout' in the workload")
        }
    }

    private mutating func checkDataType(of spec: SessionsSpec, _ path: ScenarioPath) {
        let path = path.key("data_type")
        guard let group = group(spec.dataType) else {
            report(path, "a data type that the scenario does not have")
            return
        }
        if scenario.workload.groups.contains(spec.dataType) {
            report(
                path, "the workload uses '\(group.name)', which would be the sessions' own",
                expected: "a data type of its own in 'data_types'")
        }
        if group.operations != nil {
            report(
                self.path(of: group).key("operations"),
                "clients do nothing with '\(group.name)' themselves, it is the sessions'",
                expected: "no 'operations'")
        }
        if group.value != .register {
            report(
                path,
                "sessions are values of type register, and those of '\(group.name)' are of type "
                    + group.value.rawValue, expected: "a data type whose values are registers")
        }
        let members = members(of: group)
        let all = scenario.topology.regions.indices.map {
            RegionID(index: UInt16(truncatingIfNeeded: $0))
        }
        if let without = all.first(where: { !members.contains($0) }) {
            report(
                path, "'\(group.name)' has no replica in \(name(without))",
                expected: "a data type with replicas in every region")
        }
        if case .regions(let named)? = group.replication.options["coordinators"], !named.isEmpty {
            report(
                path, "'\(group.name)' has regions without a replica",
                expected: "a data type with replicas in every region")
        }
    }
}
