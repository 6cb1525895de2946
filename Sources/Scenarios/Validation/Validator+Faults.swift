import Determinism
import Geography
import Replication

extension Validator {
    mutating func checkFaults() {
        for (index, fault) in scenario.faults.enumerated() {
            let path = top.key("faults").index(index)
            let moments = fault.timing.moments
            if let first = moments.first, let last = moments.last {
                let moment = first < .zero ? first : last
                let key: String
                switch fault.timing {
                case .once: key = "at"
                case .repeated: key = "until"
                }
                checkMoment(moment, path.key(key), what: "a fault")
            } else {
                report(path, "a fault that never strikes", expected: "a time")
            }
            checkDuration(of: fault, path)
            check(fault.kind, path.key(fault.kind.name), cutsClients: fault.cutsClients)
            if case .random(let random) = fault.kind { checkRandom(fault, random, path) }
        }
        for (index, link) in scenario.topology.links.enumerated() {
            let path = top.key("topology").key("links").index(index)
            checkScope(link.scope, path)
            checkLoss(link.loss, path.key("loss"))
        }
    }

    private mutating func checkDuration(of fault: FaultSpec, _ path: ScenarioPath) {
        if let duration = fault.duration, duration <= .zero {
            report(path.key("for"), "a fault of \(duration)", expected: "a duration above 0")
        }
        let isMomentary: Bool
        let hasOwnDuration: Bool
        switch fault.kind {
        case .reset:
            isMomentary = true
            hasOwnDuration = false
        case .random:
            isMomentary = false
            hasOwnDuration = true
        case .partition, .isolate, .cut, .degrade, .refuse, .kill, .pause, .clock, .disk, .slow,
            .surge:
            isMomentary = false
            hasOwnDuration = false
        }
        if isMomentary, fault.duration != nil {
            report(
                path.key("for"), "a duration for '\(fault.kind.name)', which takes no time",
                expected: "none")
        }
        if case .repeated = fault.timing, fault.duration == nil, !isMomentary, !hasOwnDuration {
            report(
                path.key("every"), "a fault that repeats and never heals",
                expected: "how long it lasts each time, with 'for'")
        }
    }

    private mutating func check(_ kind: FaultKind, _ path: ScenarioPath, cutsClients: Bool) {
        switch kind {
        case .partition(let groups):
            checkPartition(groups, path)
        case .isolate(let selector):
            checkSelector(selector, path)
            if !cutsClients, let selected = staticNodes(selector), selected.count == nodes.count {
                report(
                    path, "every node is selected, so there is none to isolate from",
                    expected: "fewer nodes")
            }
        case .refuse(let selector), .kill(let selector, _), .pause(let selector):
            checkSelector(selector, path)
        case .cut(let scope, _), .reset(let scope):
            checkScope(scope, path)
        case .degrade(let scope, let change):
            checkScope(scope, path)
            checkLoss(change.loss, path.key("loss"))
        case .clock(let selector, _), .disk(let selector, _), .slow(let selector, _),
            .surge(let selector, _):
            checkSelector(selector, path.key("region"))
        case .random: break
        }
    }

    private mutating func checkLoss(_ loss: Double?, _ path: ScenarioPath) {
        if let loss, loss >= 1 {
            report(path, "a link that loses everything", expected: "less than 100%, or a cut")
        }
    }

    private mutating func checkPartition(_ groups: [NodeSelector], _ path: ScenarioPath) {
        var seen: Set<NodeID> = []
        for (index, group) in groups.enumerated() {
            checkSelector(group, path.index(index))
            guard let selected = staticNodes(group) else { continue }
            if let twice = nodes.first(where: { seen.contains($0) && selected.contains($0) }) {
                report(
                    path.index(index),
                    "\(name(twice.region)) is in more than one group of the partition",
                    expected: "groups that have no node in common")
            }
            seen.formUnion(selected)
        }
    }

    /// Checks that a selector can select something, and knows whose leader it means.
    mutating func checkSelector(_ selector: NodeSelector, _ path: ScenarioPath) {
        switch selector {
        case .leader(let group): checkLeader("leader", of: group, path)
        case .primary(let group): checkLeader("primary", of: group, path)
        case .list(let parts):
            for (index, part) in parts.enumerated() { checkSelector(part, path.index(index)) }
        case .place, .random, .minority, .majority, .all, .continent, .provider:
            if staticNodes(selector)?.isEmpty == true { report(path, "no node is selected") }
        }
    }

    private mutating func checkLeader(_ word: String, of id: GroupID?, _ path: ScenarioPath) {
        if let id, let group = group(id) {
            if description(of: group)?.hasLeader == false {
                report(
                    path,
                    "'\(group.name)' has no \(word) with the strategy "
                        + "\(group.replication.strategy)",
                    expected: "a data type that has one")
            }
            return
        }
        let leading = groups.filter { description(of: $0)?.hasLeader ?? true }
        if leading.isEmpty {
            report(
                path, "no data type of the scenario has a \(word)",
                expected: "another selector, or a strategy with a \(word)")
        } else if leading.count > 1 {
            report(
                path, "'\(word)', but \(leading.count) data types have one",
                expected: listed(leading.map { "{\(word): \($0.name)}" }))
        }
    }

    private mutating func checkScope(_ scope: LinkScope, _ path: ScenarioPath) {
        if case .around(let selector) = scope { checkSelector(selector, path.key("region")) }
        let isEmpty: Bool
        switch scope {
        case .around: isEmpty = nodes.count < 2
        case .between, .directed, .all:
            isEmpty = !nodes.contains { source in
                nodes.contains { $0 != source && scope.containsLink(from: source, to: $0) }
            }
        }
        if isEmpty { report(path, "no link between two nodes", expected: "two different places") }
    }

    /// The nodes of a selector that needs no draw and no leader, else `nil`.
    func staticNodes(_ selector: NodeSelector) -> Set<NodeID>? {
        func inRegions(where condition: (Region) -> Bool) -> Set<NodeID> {
            let regions = scenario.topology.regions
            return Set(nodes.filter { condition(regions[Int($0.region.index)].region) })
        }
        switch selector {
        case .place(let place): return Set(nodes.filter(place.contains))
        case .list(let parts):
            return parts.reduce(Set()) { union, part in
                guard let union, let more = staticNodes(part) else { return nil }
                return union.union(more)
            }
        case .all: return Set(nodes)
        case .continent(let continent): return inRegions { $0.continent == continent }
        case .provider(let provider): return inRegions { $0.provider == provider }
        case .leader, .primary, .random, .minority, .majority: return nil
        }
    }
}
