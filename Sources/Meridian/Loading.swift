import Recording
import RegionCore
import Replication
import Scenarios

/// The scenario in the file at `path`. Throws `ScenarioError` with everything that is wrong with
/// it.
public func scenario(file path: String) throws(ScenarioError) -> Scenario {
    try Scenario.load(path: path, strategies: strategies.descriptions)
}

/// The plan of the scenario in the file at `path`, with `seed` in place of its own if given.
public func plan(file path: String, seed: UInt64? = nil) throws(ScenarioError) -> Plan {
    try Plan(try scenario(file: path), seed: seed)
}

/// The resolved scenario of the record in `folder`. If `pinned`, faults on leaders strike the
/// nodes that the recorded run struck.
public func recordedScenario(_ folder: String, pinned: Bool = false) throws -> Scenario {
    let record = try RecordFolder.open(at: folder)
    var scenario = try Scenario.decode(
        yaml: try record.readPlan(), file: record.path(of: .plan),
        strategies: strategies.descriptions)
    guard pinned else { return scenario }
    let plan = try Plan(scenario)
    let strikes = try record.read().events.compactMap(FaultStarted.init)
    for (index, fault) in plan.faults.enumerated() {
        guard let strike = strikes.first(where: { $0.id == fault.id }) else { continue }
        let struck = strike.targets.compactMap { plan.node(named: $0)?.id }
        scenario.faults[index].kind = fault.kind.pinned(to: struck)
    }
    return scenario
}

/// The engine that made the record in `folder`.
public func recordedEngine(_ folder: String) throws -> RunInformation.Engine {
    try RecordFolder.open(at: folder).readRun().engine
}

extension FaultKind {
    /// The fault with nodes in place of selectors that only a run can resolve.
    fileprivate func pinned(to nodes: [NodeID]) -> FaultKind {
        func pin(_ selector: NodeSelector) -> NodeSelector {
            switch selector {
            case .leader, .primary: .list(nodes.map { .place(.node($0)) })
            case .place, .list, .random, .minority, .majority, .all, .continent, .provider:
                selector
            }
        }
        switch self {
        case .isolate(let selector): return .isolate(pin(selector))
        case .refuse(let selector): return .refuse(pin(selector))
        case .kill(let selector, let disk): return .kill(pin(selector), disk: disk)
        case .pause(let selector): return .pause(pin(selector))
        case .clock(let selector, let error): return .clock(pin(selector), error)
        case .disk(let selector, let trouble): return .disk(pin(selector), trouble)
        case .slow(let selector, let factor): return .slow(pin(selector), factor: factor)
        case .surge(let selector, let factor): return .surge(pin(selector), factor: factor)
        case .partition, .cut, .degrade, .reset, .random: return self
        }
    }
}
