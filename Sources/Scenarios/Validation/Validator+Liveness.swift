import Determinism
import Replication

/// Checks of random faults and of what is asked of a run after them.
extension Validator {
    mutating func checkRandom(_ fault: FaultSpec, _ random: RandomFaults, _ path: ScenarioPath) {
        let own = path.key(fault.kind.name)
        if random.kinds.isEmpty {
            report(own.key("faults"), "an empty list", expected: "at least one fault")
        }
        for (index, kind) in random.kinds.enumerated() {
            let path = own.key("faults").index(index)
            if random.kinds[..<index].contains(kind) {
                report(path, "'\(kind.rawValue)' stands here twice")
            }
            checkCanHappen(kind, random.budget, path)
        }
        if random.every <= .zero {
            report(own.key("every"), "\(random.every)", expected: "a duration above 0")
        } else if let first = fault.timing.moments.first,
            (scenario.duration - first).nanoseconds / random.every.nanoseconds > 10_000
        {
            report(own.key("every"), "more than 10000 strikes", expected: "a longer time between")
        }
        if random.duration.lowerBound <= .zero {
            report(
                own.key("for"), "a fault of \(random.duration.lowerBound)",
                expected: "durations above 0")
        } else if random.duration.upperBound > scenario.duration {
            report(
                own.key("for"),
                "a fault of \(random.duration.upperBound), but clients run for "
                    + "\(scenario.duration)", expected: "at most that, or a longer duration")
        }
        if fault.mustBite {
            report(
                path.key("must_bite"), "'must_bite' for faults that nobody has chosen",
                expected: "off")
        }
    }

    /// Reports a kind that no draw can ever give.
    private mutating func checkCanHappen(
        _ kind: RandomFaultKind, _ budget: FaultBudget, _ path: ScenarioPath
    ) {
        let needsLinks: Bool
        let alwaysBreaks: Bool
        switch kind {
        case .partition, .isolate, .cut, .refuse: (needsLinks, alwaysBreaks) = (true, true)
        case .degrade, .reset: (needsLinks, alwaysBreaks) = (true, false)
        case .kill, .pause: (needsLinks, alwaysBreaks) = (false, true)
        case .clock, .disk, .slow, .surge: (needsLinks, alwaysBreaks) = (false, false)
        }
        if needsLinks, nodes.count < 2 {
            report(path, "'\(kind.rawValue)' in a run of one node", expected: "a second node")
            return
        }
        guard budget == .minority, alwaysBreaks else { return }
        let small = groups.first { voters(of: $0).count < 3 }
        if let small, nodes.allSatisfy({ isVoterOfSmallGroup($0) }) {
            let count = voters(of: small).count
            report(
                path,
                "'\(kind.rawValue)' within a budget that keeps a majority whole, but of "
                    + "\(count) node\(count == 1 ? "" : "s") none can be missing",
                expected: "at least 3 nodes, or another budget")
        }
    }

    private func isVoterOfSmallGroup(_ node: NodeID) -> Bool {
        groups.contains { group in
            let voters = voters(of: group)
            return voters.count < 3 && voters.contains(node)
        }
    }

    /// The founding members of `group` that count.
    private func voters(of group: DataTypeSpec) -> [NodeID] {
        let regions = members(of: group).filter { !group.replication.learners.contains($0) }
        return nodes.filter { regions.contains($0.region) }
    }

    /// Whether some faults are drawn without leaving anything whole.
    var isUnbounded: Bool {
        scenario.faults.contains { fault in
            if case .random(let random) = fault.kind { random.budget == .none } else { false }
        }
    }

    mutating func checkLiveness() {
        guard let liveness = scenario.liveness else { return }
        let path = top.key("liveness")
        if isUnbounded {
            report(
                path, "a core that gets on, beside random faults with 'budget: none'",
                expected: "another budget, or no liveness")
        }
        if liveness.within <= .zero {
            report(path.key("within"), "\(liveness.within)", expected: "a duration above 0")
        }
        if liveness.core.isEmpty {
            report(path.key("core"), "an empty list", expected: "at least one place")
        }
        let core = nodes.filter { node in liveness.core.contains { $0.contains(node) } }
        for group in groups {
            let voters = voters(of: group)
            if core.count(where: voters.contains) * 2 <= voters.count {
                report(
                    path.key("core"), "no majority of '\(group.name)'",
                    expected: "more than half of its \(voters.count) voters")
            }
        }
        // What stands at `from` or later would never happen.
        let strikes = scenario.faults.flatMap { fault -> [TimeSpan] in
            if case .random = fault.kind { return fault.timing.moments.first.map { [$0] } ?? [] }
            return fault.timing.moments
        }
        if let last = (strikes + scenario.actions.map(\.at)).max(), last >= liveness.from {
            report(
                path.key("from"), "\(liveness.from), and a fault or action at \(last)",
                expected: "a time after the last of them")
        }
    }
}
