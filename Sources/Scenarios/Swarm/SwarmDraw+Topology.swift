import Determinism
import Geography
import Replication

/// Where the service runs: three to seven nodes in one to five regions, from one hall to the world.
extension SwarmDraw {
    func topology() -> TopologySpec {
        var random = stream("topology")
        let nodeCount = 3 + random.index(5)
        let regionCount = 1 + random.index(min(5, nodeCount))
        let matrices: [LatencyMatrix] = [.aws, .aws, .aws, .azure, .gcp, .distance, .none, .none]
        let latency = random.element(of: matrices)
        // Regions of one provider: names of several could mean each other.
        let known = (latency.measured?.catalogue ?? .aws).regions
        var counts = Array(repeating: 1, count: regionCount)
        for _ in regionCount..<nodeCount { counts[random.index(regionCount)] += 1 }
        let regions = zip(random.shuffled(known), counts).map { region, count in
            let zones = ["a", "b", "c"].prefix(1 + random.index(min(3, count)))
            return RegionSpec(region, zones: Array(zones), nodeCount: count)
        }
        var topology = TopologySpec(latency: latency, regions: regions)
        topology.clientRoundTrip = random.milliseconds(in: 0...20)
        topology.ordering = random.chance(0.75) ? .fifo : .none
        topology.connectionTimeout = random.milliseconds(in: 1_000...8_000, step: 500)
        topology.node = nodeCost()
        topology.links = links(between: regionCount, latency)
        // Where messages overtake each other `raft` repeats so many that a narrow link never gets
        // rid of its queue, however few clients there are.
        if topology.ordering == .none { topology.links.removeAll { $0.bandwidth != nil } }
        return topology
    }

    private func links(between regionCount: Int, _ latency: LatencyMatrix) -> [LinkSpec] {
        var random = stream("links")
        var lines: [LinkSpec] = []
        if latency == .none {
            // A hall, or a city.
            let microseconds = random.chance(0.5) ? 100...2_000 : 2_000...30_000
            let rtt = microseconds.lowerBound + random.index(microseconds.count)
            lines.append(LinkSpec(.all, delay: .roundTrip(.microseconds(rtt))))
        }
        if random.chance(0.6) { lines.append(LinkSpec(.all, jitter: jitter(&random))) }
        if random.chance(0.4) {
            lines.append(LinkSpec(.all, loss: Double(1 + random.index(30)) / 1000))
        }
        if random.chance(0.25) {
            lines.append(LinkSpec(.all, bandwidth: UInt64(5 + random.index(100)) * 1_000_000))
        }
        if regionCount > 1, random.chance(0.3) {
            // One way is longer than back.
            let ends = random.shuffled(Array(0..<regionCount)).map {
                Place.region(RegionID(index: UInt16($0)))
            }
            lines.append(
                LinkSpec(
                    .directed(from: ends[0], to: ends[1]),
                    delay: .oneWay(random.milliseconds(in: 1...150))))
        }
        return lines
    }

    private func jitter(_ random: inout RandomStream) -> DelayDistribution {
        let span = random.milliseconds(in: 1...20)
        switch random.index(5) {
        case 0: return .uniform(minimum: .zero, maximum: span)
        case 1: return .normal(mean: .zero, deviation: span / 2)
        case 2: return .exponential(mean: span / 2)
        case 3: return .pareto(minimum: span / 4, shape: Double(15 + random.index(20)) / 10)
        case _:
            return .mixture([
                WeightedDelay(0.9, .exponential(mean: span / 8)),
                WeightedDelay(0.1, .uniform(minimum: span, maximum: span * 4)),
            ])
        }
    }

    private func nodeCost() -> NodeCost {
        var random = stream("node")
        return NodeCost(
            fsync: .microseconds(random.element(of: [20, 200, 2_000, 10_000])),
            perOperation: .microseconds(random.element(of: [2, 20, 200])),
            perMessage: .microseconds(random.element(of: [1, 5, 50])),
            queue: random.element(of: [100, 1_000, 10_000]))
    }
}
