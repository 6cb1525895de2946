import Determinism
import Replication

extension Scenario {
    /// Everything that is wrong with the scenario beyond its form: what does not fit together,
    /// what a strategy does not support. Empty if it can run.
    ///
    /// - Parameter strategies: What the strategies that it may name say of themselves.
    public func problems(strategies: [StrategyDescription]) -> [ScenarioProblem] {
        var validator = Validator(self, strategies: strategies)
        validator.checkTimes()
        validator.checkReplication()
        validator.checkServices()
        validator.checkWorkload()
        validator.checkFaults()
        validator.checkActions()
        validator.checkExpectations()
        validator.checkLiveness()
        // A Plan finds what only its making shows: missing delays, targets that cannot be drawn.
        if validator.problems.isEmpty {
            do { _ = try Plan(single) } catch { validator.problems += error.problems }
        }
        return validator.problems
    }
}

/// Checks that the parts of a scenario fit each other. One file for each section.
struct Validator {
    let scenario: Scenario
    let groups: [DataTypeSpec]
    let nodes: [NodeID]
    let top = ScenarioPath()
    private let strategies: [StrategyDescription]
    var problems: [ScenarioProblem] = []

    init(_ scenario: Scenario, strategies: [StrategyDescription]) {
        self.scenario = scenario
        self.strategies = strategies
        groups = scenario.groups
        nodes = scenario.topology.regions.enumerated().flatMap { index, region in
            region.nodes(at: RegionID(index: UInt16(truncatingIfNeeded: index)))
        }
    }

    mutating func report(
        _ path: ScenarioPath, _ found: String, expected: String? = nil, suggestions: [String] = []
    ) {
        problems.append(
            ScenarioProblem(
                path: path, found: found, expected: expected, suggestions: suggestions))
    }

    /// What the strategy of `group` says of itself; `nil` if there is no such strategy.
    func description(of group: DataTypeSpec) -> StrategyDescription? {
        strategies.first { $0.name == group.replication.strategy }
    }

    var strategyNames: [String] { strategies.map(\.name) }

    func group(_ id: GroupID) -> DataTypeSpec? {
        groups.indices.contains(Int(id.index)) ? groups[Int(id.index)] : nil
    }

    func name(_ region: RegionID) -> String {
        let regions = scenario.topology.regions
        return regions.indices.contains(Int(region.index))
            ? regions[Int(region.index)].name : "region \(region.index)"
    }

    /// The regions whose nodes are founding members of `group`.
    func members(of group: DataTypeSpec) -> [RegionID] {
        let all = scenario.topology.regions.indices.map {
            RegionID(index: UInt16(truncatingIfNeeded: $0))
        }
        let chosen = group.replication.regions ?? all
        return all.filter { chosen.contains($0) || group.replication.learners.contains($0) }
    }

    /// Where the file says how `group` is replicated.
    func path(of group: DataTypeSpec) -> ScenarioPath {
        let isListed = scenario.dataTypes.contains { $0.name == group.name }
        return isListed ? top.key("data_types").key(group.name) : top.key("replication")
    }

    mutating func checkTimes() {
        if scenario.duration <= .zero {
            report(top.key("duration"), "\(scenario.duration)", expected: "a duration above 0")
        }
    }

    /// Reports a moment outside of the time in which clients run.
    mutating func checkMoment(_ moment: TimeSpan, _ path: ScenarioPath, what: String) {
        if moment < .zero {
            report(path, "\(what) at \(moment)", expected: "a time from 0 on")
        } else if moment >= scenario.duration {
            report(
                path, "\(what) at \(moment), but clients run for \(scenario.duration)",
                expected: "a time before the end, or a longer duration")
        }
    }
}

// MARK: - Replication

extension Validator {
    mutating func checkReplication() {
        for group in groups {
            let path = path(of: group)
            let known = description(of: group)
            if known == nil {
                report(
                    path.key("strategy"), "unknown strategy '\(group.replication.strategy)'",
                    expected: listed(strategyNames))
            }
            let before = problems.count
            checkMembers(of: group, path)
            if problems.count == before { checkOptions(of: group, known, path) }
            for (name, value) in group.replication.options.sorted {
                guard case .region(let region) = value, !members(of: group).contains(region) else {
                    continue
                }
                report(
                    path.key(name), "\(self.name(region)) is not a member of '\(group.name)'",
                    expected: listed(members(of: group).map { self.name($0) }))
            }
        }
    }

    /// Asks the strategy whether it can work with its options.
    private mutating func checkOptions(
        of group: DataTypeSpec, _ strategy: StrategyDescription?, _ path: ScenarioPath
    ) {
        guard let objection = strategy?.objection else { return }
        func nodes(_ regions: [RegionID]) -> [MemberID] {
            regions.flatMap { scenario.topology.regions[Int($0.index)].nodes(at: $0) }
                .map { MemberID($0) }
        }
        let learners = group.replication.learners
        let voters = nodes(members(of: group).filter { !learners.contains($0) })
        guard let member = voters.first else { return }
        let setup = GroupSetup(
            group: GroupID(index: 0), member: member, voters: voters, learners: nodes(learners),
            valueType: group.value,
            roundTrips: (try? PlannedNetwork(scenario.topology))?.roundTrips
                ?? RoundTripTable(regionCount: 0, spans: []),
            random: RandomStream(seed: 0, name: "validation"))
        guard let error = objection(setup, group.replication.options) else { return }
        report(path.key(error.option), error.description)
    }

    private mutating func checkMembers(of group: DataTypeSpec, _ path: ScenarioPath) {
        if case .regions(let named)? = group.replication.options["coordinators"],
            let both = named.first(where: members(of: group).contains)
        {
            report(
                path.key("coordinators"), "\(name(both)) has a replica",
                expected: "regions that 'regions' leaves out")
        }
        let learners = group.replication.learners
        let voters = members(of: group).filter { !learners.contains($0) }
        if voters.isEmpty {
            report(
                learners.isEmpty ? path : path.key("learners"),
                "no region is left that counts in '\(group.name)'",
                expected: "at least one that is not a learner")
        }
    }
}

// MARK: - Workload

extension Validator {
    mutating func checkWorkload() {
        let path = top.key("workload")
        let workload = scenario.workload
        let ids = scenario.topology.regions.indices.map {
            RegionID(index: UInt16(truncatingIfNeeded: $0))
        }
        if ids.allSatisfy({ workload.clients[$0] == 0 }) {
            report(path.key("clients"), "no client in any region", expected: "at least one")
        } else if case .open(let rates) = workload.arrivals {
            if ids.allSatisfy({ rates[$0] == 0 || workload.clients[$0] == 0 }) {
                report(path.key("rate"), "no operation in any region", expected: "a rate above 0")
            }
            for region in ids where workload.clients[region] == 0 && (rates.named[region] ?? 0) > 0
            {
                report(
                    path.key("rate").key(name(region)),
                    "a rate for \(name(region)), which has no clients",
                    expected: "clients there, or no rate")
            }
        }
        if let attempt = workload.givenAttemptTimeout, attempt > workload.timeout {
            report(
                path.key("attempt_timeout"),
                "\(attempt), longer than the timeout of the operation, \(workload.timeout)",
                expected: "at most that")
        }
        for id in workload.groups { checkOperations(on: id, path) }
        if let probes = workload.probes { checkProbes(probes, path.key("probes")) }
    }

    private mutating func checkProbes(_ probes: ProbeSpec, _ path: ScenarioPath) {
        if scenario.workload.isClosedLoop {
            report(
                path, "probes begin at times of their own, and clients in a closed loop do not",
                expected: "a rate in the workload, such as 'rate: 50/s'")
        }
        let longest = probes.after.max() ?? .zero
        if longest >= scenario.duration {
            report(
                path.key("after"), "\(longest), and the run lasts \(scenario.duration)",
                expected: "less")
        }
        let used = scenario.workload.groups
        guard let id = probes.dataType ?? used.first, let group = group(id),
            let strategy = description(of: group)
        else { return }
        if !used.contains(id) {
            report(
                path.key("data_type"), "the workload does not use '\(group.name)'",
                expected: listed(used.compactMap { self.group($0)?.name }))
        }
        for operation in ProbeSpec.operations
        where !strategy.supports(operation, on: group.value, with: group.replication.options) {
            report(
                path,
                "probes need \(operation.rawValue), which the strategy \(strategy.name) does "
                    + "not support for values of type \(group.value.rawValue)",
                expected: "a data type with values of type register")
        }
    }

    private mutating func checkOperations(on id: GroupID, _ path: ScenarioPath) {
        guard let group = group(id) else {
            report(path.key("data_type"), "a data type that the scenario does not have")
            return
        }
        guard let strategy = description(of: group) else { return }
        let options = group.replication.options
        for operation in scenario.operationKinds(on: id)
        where operation.service == nil
            && !strategy.supports(operation, on: group.value, with: options)
        {
            let supported = OperationKind.allCases.filter {
                strategy.supports($0, on: group.value, with: options)
            }
            var operationPath: ScenarioPath
            switch scenario.workload.mix {
            case .operations: operationPath = path.key("operations").key(operation.rawValue)
            case .ycsb: operationPath = path.key("ycsb")
            }
            if group.operations != nil {
                operationPath = self.path(of: group).key("operations").key(operation.rawValue)
            }
            report(
                operationPath,
                "\(operation.rawValue) on '\(group.name)', which the strategy \(strategy.name) "
                    + "does not support for values of type \(group.value.rawValue)",
                expected: supported.isEmpty ? nil : listed(supported.map(\.rawValue)))
        }
    }
}
