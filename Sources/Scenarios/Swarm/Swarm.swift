import Determinism
import Geography
import Replication

/// Draws whole scenarios from seeds: the same strategy each time, everything else by chance.
///
/// Faults alone find what one deployment gets wrong. Other bugs want a certain number of nodes, a
/// link that loses, an option off, a log that is compacted after every few writes. Groce et al.
/// ("Swarm Testing", ISSTA 2012) found that many runs which each leave some features out find more
/// than runs with all of them, so every kind of fault, operation and option is left out of many
/// scenarios here.
///
/// Each part draws from a stream of its own, so that a change of one leaves the others as they
/// were. What a drawn scenario expects is what its strategy promises under what was drawn.
public enum Swarm {
    /// A scenario like `scenario`: with its name and strategy, and everything else drawn from
    /// `seed`. It always validates.
    ///
    /// - Parameter strategies: What the strategies say of themselves: their options and operations
    ///   are drawn from that. Of a strategy that is not among them only defaults are used.
    public static func draw(
        from scenario: Scenario, seed: UInt64, strategies: [StrategyDescription]
    ) -> Scenario {
        let name = scenario.replication.strategy
        return SwarmDraw(
            base: scenario, seed: seed, description: strategies.first { $0.name == name }
        ).scenario
    }
}

/// One draw of a ``Swarm``, part by part.
struct SwarmDraw {
    let base: Scenario
    let seed: UInt64
    /// What the strategy says of itself.
    let description: StrategyDescription?

    var scenario: Scenario {
        var result = Scenario(
            name: base.name, title: "\(base.title ?? base.name), drawn from seed \(seed)",
            seed: seed, start: base.start, duration: duration, topology: topology())
        let slowest = Self.slowestRoundTrip(result.topology)
        result.replication = replication(result.topology, slowest: slowest)
        let value = merge?.description.valueType ?? valueType()
        if value != .register {
            result.dataTypes = [
                DataTypeSpec(name: "data", replication: result.replication, value: value)
            ]
        }
        result.workload = workload(value, slowest: slowest, &result.topology)
        result.actions = actions(result)
        result.faults = standingFaults(result) + [storm(result)]
        result.expectations = promises(of: result)
        return result
    }

    /// The stream of a part.
    func stream(_ part: String) -> RandomStream { RandomStream(seed: seed, name: "swarm/\(part)") }

    /// By which rule values are merged, if the scenario is about merges: its own, or any.
    var merge: MergeRule? {
        guard base.replication.options["resolve"] == .choice("merge"),
            let rules = description?.merges?.all, !rules.isEmpty
        else { return nil }
        var random = stream("merge")
        return random.element(of: rules)
    }

    private var duration: TimeSpan {
        var random = stream("duration")
        // Short ones are the most: they are cheap, and most bugs need only a few faults.
        let shortest = random.chance(0.7) ? 5_000...12_000 : 12_000...30_000
        return random.milliseconds(in: shortest, step: 500)
    }

    private func valueType() -> ValueType {
        var random = stream("value")
        // In the order and number of those that there were first: seeds stay what they are.
        let supported = [ValueType.register, .counter, .list].filter { type in
            description?.operations[type]?.isEmpty == false
        }
        guard supported.count > 1, random.chance(0.3) else { return .register }
        return supported[random.index(supported.count)]
    }

    /// The longest expected round trip between two regions: timeouts must leave time for it.
    private static func slowestRoundTrip(_ topology: TopologySpec) -> TimeSpan {
        guard let network = try? PlannedNetwork(topology) else { return .seconds(1) }
        let regions = topology.regions.indices.map { RegionID(index: UInt16($0)) }
        return regions.flatMap { source in
            regions.map { network.roundTrip(from: source, to: $0) }
        }.max() ?? .zero
    }
}

extension RandomStream {
    /// Milliseconds in `range`, in steps of `step` from its lower end.
    mutating func milliseconds(in range: ClosedRange<Int>, step: Int = 1) -> TimeSpan {
        .milliseconds(
            range.lowerBound + step * index((range.upperBound - range.lowerBound) / step + 1))
    }

    /// One of `elements`, of which there must be one.
    mutating func element<Element>(of elements: [Element]) -> Element {
        elements[index(elements.count)]
    }

    /// Some of `elements`, at least one if there is one, in an order of chance.
    mutating func some<Element>(of elements: [Element]) -> [Element] {
        guard !elements.isEmpty else { return [] }
        return Array(shuffled(elements).prefix(1 + index(elements.count)))
    }
}
