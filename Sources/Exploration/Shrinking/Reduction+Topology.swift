import Geography
import Replication
import Scenarios

/// Fewer regions and nodes, and a plainer network.
extension Reduction {
    static let regions = Reduction(name: "fewer regions") { candidate in
        let count = candidate.scenario.topology.regions.count
        return chunks(of: count).filter { $0.count < count }.map { chunk in
            // From the last on, so that the positions of the others stay right.
            chunk.reversed().reduce(candidate) { $0.removingRegion($1) }
        }
    }

    static let nodes = Reduction(name: "fewer nodes") { candidate in
        let regions = candidate.scenario.topology.regions
        let all = candidate.with { scenario in
            for index in regions.indices {
                scenario.topology.regions[index] = RegionSpec(regions[index].region)
            }
        }
        let each = regions.indices.flatMap { index in
            smaller(than: regions[index].nodeCount).map { count in
                candidate.with { scenario in
                    let zones = Array(regions[index].zones.prefix(count))
                    scenario.topology.regions[index] = RegionSpec(
                        regions[index].region, zones: zones, nodeCount: count)
                }
            }
        }
        return [all] + each
    }

    static let links = Reduction(name: "fewer refinements of links") { candidate in
        chunks(of: candidate.scenario.topology.links.count).map { chunk in
            candidate.with { $0.topology.links.removeSubrange(chunk) }
        }
    }

    static let linkParts = Reduction(name: "plainer links") { candidate in
        candidate.scenario.topology.links.indices.flatMap { index in
            let link = candidate.scenario.topology.links[index]
            var plainer: [LinkSpec] = []
            func propose(_ change: (inout LinkSpec) -> Void) {
                var changed = link
                change(&changed)
                if changed != link, !changed.isEmpty { plainer.append(changed) }
            }
            propose { $0.jitter = nil }
            propose { $0.loss = nil }
            propose { $0.bandwidth = nil }
            propose { $0.delay = nil }
            propose { $0.kind = nil }
            return plainer.map { link in candidate.with { $0.topology.links[index] = link } }
        }
    }

    static let surroundings = Reduction(name: "usual costs and times") { candidate in
        let standard = TopologySpec(regions: [])
        return [
            candidate.with { $0.topology.ordering = standard.ordering },
            candidate.with { $0.topology.priorities = standard.priorities },
            candidate.with { $0.topology.connectionTimeout = standard.connectionTimeout },
            candidate.with { $0.topology.clientRoundTrip = standard.clientRoundTrip },
            candidate.with { $0.topology.node = standard.node },
            candidate.with { $0.start = Scenario.defaultStart },
        ]
    }
}

extension LinkSpec {
    fileprivate var isEmpty: Bool {
        delay == nil && jitter == nil && loss == nil && bandwidth == nil
    }
}
