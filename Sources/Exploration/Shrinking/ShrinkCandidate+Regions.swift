import Geography
import Replication
import Scenarios

/// Taking a region out of a scenario.
///
/// A region is a position in the list of all, so everything that names a later one is numbered
/// anew. What named the region alone goes with it: faults, actions, links, expectations, options.
extension ShrinkCandidate {
    func removingRegion(_ index: Int) -> ShrinkCandidate {
        let map = RegionMap(removed: UInt16(index))
        let faults = scenario.faults.map { fault -> FaultSpec? in
            guard let kind = map.kind(fault.kind) else { return nil }
            var fault = fault
            fault.kind = kind
            return fault
        }
        var result = removingFaults(Set(faults.indices.filter { faults[$0] == nil }))
        result.scenario.faults = faults.compactMap { $0 }
        result = result.mappingExpectations { expectation in
            expectation.mapping(region: map.region)
        }
        return result.with { scenario in
            scenario.topology.regions.remove(at: index)
            scenario.topology.links = scenario.topology.links.compactMap { link in
                guard let scope = map.scope(link.scope) else { return nil }
                var link = link
                link.scope = scope
                return link
            }
            scenario.replication = map.replication(scenario.replication)
            if let sessions = scenario.services.sessions {
                var policies: [RegionID: SessionsSpec.Policy] = [:]
                for (region, policy) in sessions.policies {
                    if let region = map.region(region) { policies[region] = policy }
                }
                scenario.services.sessions?.policies = policies
            }
            for position in scenario.dataTypes.indices {
                scenario.dataTypes[position].replication = map.replication(
                    scenario.dataTypes[position].replication)
            }
            if let core = scenario.liveness?.core.compactMap(map.place) {
                scenario.liveness?.core = core
                if core.isEmpty { scenario.liveness = nil }
            }
            scenario.workload.clients = map.perRegion(scenario.workload.clients)
            if case .open(let rates) = scenario.workload.arrivals {
                scenario.workload.arrivals = .open(map.perRegion(rates))
            }
            scenario.actions = scenario.actions.compactMap { action in
                guard let kind = map.kind(action.kind) else { return nil }
                var action = action
                action.kind = kind
                return action
            }
        }
    }
}

/// Where regions stand when one is gone; `nil` for what is gone with it.
struct RegionMap {
    let removed: UInt16

    func region(_ id: RegionID) -> RegionID? {
        if id.index == removed { return nil }
        return id.index > removed ? RegionID(index: id.index - 1) : id
    }

    func place(_ place: Place) -> Place? {
        guard let region = region(place.region) else { return nil }
        switch place {
        case .region: return .region(region)
        case .zone(_, let zone): return .zone(region, zone: zone)
        case .node(let node):
            return .node(NodeID(region: region, zone: node.zone, ordinal: node.ordinal))
        }
    }

    func selector(_ selector: NodeSelector) -> NodeSelector? {
        switch selector {
        case .place(let place): return self.place(place).map { .place($0) }
        case .list(let parts):
            let kept = parts.compactMap(self.selector)
            return kept.isEmpty ? nil : .list(kept)
        case .leader, .primary, .random, .minority, .majority, .all, .continent, .provider:
            return selector
        }
    }

    func scope(_ scope: LinkScope) -> LinkScope? {
        switch scope {
        case .between(let one, let other):
            guard let one = place(one), let other = place(other) else { return nil }
            return .between(one, other)
        case .directed(let from, let to):
            guard let from = place(from), let to = place(to) else { return nil }
            return .directed(from: from, to: to)
        case .around(let selector): return self.selector(selector).map { .around($0) }
        case .all: return .all
        }
    }

    func kind(_ kind: FaultKind) -> FaultKind? {
        switch kind {
        case .partition(let groups):
            let kept = groups.compactMap(selector)
            return kept.count < 2 ? nil : .partition(kept)
        case .cut(let links, let layer): return scope(links).map { .cut($0, layer: layer) }
        case .degrade(let links, let change): return scope(links).map { .degrade($0, change) }
        case .reset(let links): return scope(links).map { .reset($0) }
        case .isolate, .refuse, .kill, .pause, .clock, .disk, .slow, .surge:
            return kind.replacingSelector(selector)
        case .random: return kind
        }
    }

    func kind(_ kind: ActionKind) -> ActionKind? {
        switch kind {
        case .transferLeader(let place): self.place(place).map { .transferLeader($0) }
        case .addMember(let place): self.place(place).map { .addMember($0) }
        case .removeMember(let place): self.place(place).map { .removeMember($0) }
        case .promote(let place): self.place(place).map { .promote($0) }
        case .stop(let selector): self.selector(selector).map { .stop($0) }
        case .start(let selector): self.selector(selector).map { .start($0) }
        case .failover(let place): self.place(place).map { .failover($0) }
        }
    }

    func replication(_ spec: ReplicationSpec) -> ReplicationSpec {
        var result = spec
        result.regions = spec.regions.map { $0.compactMap(region) }
        result.learners = spec.learners.compactMap(region)
        for (name, value) in spec.options.sorted {
            switch value {
            case .region(let id): result.options[name] = region(id).map { .region($0) }
            case .regions(let ids): result.options[name] = .regions(ids.compactMap(region))
            case .toggle, .choice, .duration, .durationRange, .integer, .size, .automatic,
                .unlimited:
                break
            }
        }
        return result
    }

    func perRegion<Value>(_ values: PerRegion<Value>) -> PerRegion<Value> {
        var result = PerRegion(values.others)
        for (id, value) in values.named.sorted(by: { $0.key < $1.key }) {
            if let id = region(id) { result.named[id] = value }
        }
        return result
    }
}
