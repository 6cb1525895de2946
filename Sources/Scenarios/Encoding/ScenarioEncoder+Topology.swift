import Determinism
import Geography
import Replication

extension ScenarioEncoder {
    var topology: YAMLOutput {
        let topology = scenario.topology
        return .block([
            ("latency", .text(topology.latency.rawValue)),
            ("regions", .lines(topology.regions.map(region))),
            ("client_rtt", write(topology.clientRoundTrip)),
            ("links", .lines(topology.links.map(link))),
            ("ordering", .text(topology.ordering.rawValue)),
            ("connection_timeout", write(topology.connectionTimeout)),
            (
                "node",
                .map([
                    ("fsync", write(topology.node.fsync)),
                    ("per_operation", write(topology.node.perOperation)),
                    ("per_message", write(topology.node.perMessage)),
                    ("queue", .text(String(topology.node.queue))),
                ])
            ),
        ])
    }

    private func region(_ spec: RegionSpec) -> YAMLOutput {
        let known = scenario.topology.latency.catalogue.region(named: spec.name)
        if spec == known.map({ RegionSpec($0) }) { return .text(spec.name) }
        let region = spec.region
        var entries: [(String, YAMLOutput)] = [("name", .text(spec.name))]
        func add(_ key: String, _ value: String?) {
            if let value { entries.append((key, .text(value))) }
        }
        if let location = region.location {
            let latitude = write(location.latitude, .degrees(90))
            entries.append(
                ("location", .list([latitude, write(location.longitude, .degrees(180))])))
        }
        add("city", region.city)
        add("country", region.country)
        add("continent", region.continent?.rawValue)
        add("provider", region.provider)
        add("jurisdiction", region.jurisdiction)
        entries.append(("nodes", .text(String(spec.nodeCount))))
        entries.append(("zones", .list(spec.zones.map { .text($0) })))
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
