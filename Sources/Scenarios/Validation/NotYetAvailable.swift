import Replication

/// What the format has and this version cannot do yet. It is refused, never ignored; whoever adds
/// one of these takes it out of here.
extension Scenario {
    var notYetAvailable: [ScenarioProblem] {
        let top = ScenarioPath()
        var problems: [ScenarioProblem] = []
        for (index, fault) in faults.enumerated() where !fault.kind.isAvailable {
            problems.append(
                ScenarioProblem(
                    path: top.key("faults").index(index).key(fault.kind.name),
                    found: "the fault '\(fault.kind.name)' is not available in meridian run yet"))
        }
        for (index, action) in actions.enumerated() where !action.kind.isAvailable {
            problems.append(
                ScenarioProblem(
                    path: top.key("actions").index(index).key(action.kind.name),
                    found: "the action '\(action.kind.name)' is not available in meridian run yet"))
        }
        return problems
    }
}

extension FaultKind {
    /// Whether a run can inject it.
    var isAvailable: Bool {
        switch self {
        case .partition, .isolate, .cut, .degrade, .reset, .refuse, .kill, .pause, .surge, .clock,
            .disk, .slow, .random:
            true
        }
    }
}

extension ActionKind {
    /// Whether a run can carry it out.
    var isAvailable: Bool {
        switch self {
        case .transferLeader, .addMember, .removeMember, .promote, .stop, .start: true
        case .failover: false
        }
    }
}
