import Determinism
import Geography
import Replication

extension ScenarioEncoder {
    var topology: [(String, YAMLOutput)] {
        let topology = scenario.topology
        let standard = TopologySpec(regions: [])
        var entries: [(String, YAMLOutput)] = []
        if says(topology.latency, standard.latency) {
            entries.append(("latency", .text(topology.latency.rawValue)))
        }
        let regions = topology.regions.map(region)
        let areNames = regions.allSatisfy { if case .text = $0 { true } else { false } }
        entries.append(("regions", isConcise && areNames ? .list(regions) : .lines(regions)))
        if says(topology.clientRoundTrip, standard.clientRoundTrip) {
            entries.append(("client_rtt", write(topology.clientRoundTrip)))
        }
        if says(topology.links, []) {
            entries.append(("links", .lines(topology.links.map(link))))
        }
        if says(topology.ordering, standard.ordering) {
            entries.append(("ordering", .text(topology.ordering.rawValue)))
        }
        if topology.priorities != standard.priorities {
            entries.append(("priorities", write(topology.priorities)))
        }
        if says(topology.connectionTimeout, standard.connectionTimeout) {
            entries.append(("connection_timeout", write(topology.connectionTimeout)))
        }
        let node = node(topology.node)
        if !node.isEmpty { entries.append(("node", .map(node))) }
        return entries
    }

    private func node(_ cost: NodeCost) -> [(String, YAMLOutput)] {
        let standard = NodeCost()
        var entries: [(String, YAMLOutput)] = []
        if says(cost.fsync, standard.fsync) { entries.append(("fsync", write(cost.fsync))) }
        if says(cost.perOperation, standard.perOperation) {
            entries.append(("per_operation", write(cost.perOperation)))
        }
        if says(cost.perMessage, standard.perMessage) {
            entries.append(("per_message", write(cost.perMessage)))
        }
        if says(cost.queue, standard.queue) {
            entries.append(("queue", .text(String(cost.queue))))
        }
        return entries
    }

    private func region(_ spec: RegionSpec) -> YAMLOutput {
        let known = scenario.topology.latency.catalogue.region(named: spec.name)
        if spec == known.map({ RegionSpec($0) }) { return .text(spec.name) }
        let region = spec.region
        var entries: [(String, YAMLOutput)] = [("name", .text(spec.name))]
        func add(_ key: String, _ value: String?, _ standard: String?) {
            if let value, says(value, standard) { entries.append((key, .text(value))) }
        }
        if let location = region.location, says(location, known?.location) {
            let latitude = write(location.latitude, .degrees(90))
            entries.append(
                ("location", .list([latitude, write(location.longitude, .degrees(180))])))
        }
        add("city", region.city, known?.city)
        add("country", region.country, known?.country)
        add("continent", region.continent?.rawValue, known?.continent?.rawValue)
        add("provider", region.provider, known?.provider)
        add("jurisdiction", region.jurisdiction, known?.jurisdiction)
        if says(spec.nodeCount, spec.zones.count) {
            entries.append(("nodes", .text(String(spec.nodeCount))))
        }
        if says(spec.zones, RegionSpec.defaultZones) {
            entries.append(("zones", .list(spec.zones.map { .text($0) })))
        }
        return .map(entries)
    }

    private func link(_ link: LinkSpec) -> YAMLOutput {
        var entries = scope(link.scope)
        if let kind = link.kind { entries.append(("for", .text(kind.name))) }
        switch link.delay {
        case .roundTrip(let span): entries.append(("rtt", write(span)))
        case .oneWay(let span): entries.append(("one_way", write(span)))
        case .distribution(let whole): entries.append(("one_way", distribution(whole)))
        case nil: break
        }
        if let jitter = link.jitter { entries.append(("jitter", distribution(jitter))) }
        if let loss = link.loss { entries.append(("loss", write(loss, .share))) }
        if let bandwidth = link.bandwidth {
            entries.append(("bandwidth", write(bandwidth, .bandwidth)))
        }
        return .map(entries)
    }

    func scope(_ scope: LinkScope) -> [(String, YAMLOutput)] {
        switch scope {
        case .between(let one, let other): [("between", .list([place(one), place(other)]))]
        case .directed(let from, let to): [("from", place(from)), ("to", place(to))]
        case .around(let selected): [("region", selector(selected))]
        case .all: [("all", .text("true"))]
        }
    }

    func distribution(_ distribution: DelayDistribution) -> YAMLOutput {
        func map(_ kind: String, _ entries: [(String, YAMLOutput)]) -> YAMLOutput {
            .map([("distribution", .text(kind))] + entries)
        }
        switch distribution {
        case .constant(let span):
            return map("constant", [("delay", write(span))])
        case .uniform(let minimum, let maximum):
            return map("uniform", [("minimum", write(minimum)), ("maximum", write(maximum))])
        case .normal(let mean, let deviation):
            return map("normal", [("mean", write(mean)), ("deviation", write(deviation))])
        case .exponential(let mean):
            return map("exponential", [("mean", write(mean))])
        case .pareto(let minimum, let shape):
            return map("pareto", [("minimum", write(minimum)), ("shape", write(shape, .number))])
        case .mixture(let parts):
            let pairs = parts.map { part in
                YAMLOutput.list([write(part.weight, .share), self.distribution(part.distribution)])
            }
            return map("mixture", [("of", .list(pairs))])
        case .empirical(let samples):
            return map("empirical", [("samples", .list(samples.map(write)))])
        }
    }
}
