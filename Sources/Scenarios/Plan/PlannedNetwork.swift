import Determinism
import Geography
import Replication

/// What the links of a run are like when nothing is wrong: the latency matrix with the scenario's
/// own `links:` laid over it, the later over the earlier.
public struct PlannedNetwork: Sendable, Equatable {
    private let topology: TopologySpec
    /// Half the matrix's round trip for each ordered pair of regions; `nil` where it has none.
    private let oneWay: [TimeSpan?]

    /// The network of `topology`.
    ///
    /// - Throws: ``ScenarioError`` for pairs of regions without any delay.
    init(_ topology: TopologySpec) throws(ScenarioError) {
        self.topology = topology
        let regions = topology.regions.map(\.region)
        oneWay = regions.flatMap { source in
            regions.map { destination in
                topology.latency.roundTrip(from: source, to: destination).map { $0.time / 2 }
            }
        }
        var problems: [ScenarioProblem] = []
        var reported: Set<Int> = []
        for (row, source) in topology.regions.enumerated() {
            for (column, destination) in topology.regions.enumerated()
            where matrixDelay(row, column) == nil {
                if hasOwnDelay(row, column) { continue }
                let unplaced = source.region.location == nil ? row : column
                // One problem per region is enough.
                guard reported.insert(unplaced).inserted else { continue }
                problems.append(
                    ScenarioProblem(
                        path: ScenarioPath([
                            .key("topology"), .key("regions"), .index(unplaced),
                        ]),
                        found: """
                            no round trip is known from \(source.name) to \(destination.name), and \
                            without the location of both none can be estimated
                            """,
                        expected: "a location, or an rtt under topology.links"))
            }
        }
        if !problems.isEmpty { throw ScenarioError(problems) }
    }

    /// The link from `source` to `destination`, two different nodes of the run.
    public func link(from source: NodeID, to destination: NodeID) -> LinkProfile {
        let there = state(from: source, to: destination)
        let back = state(from: destination, to: source)
        return profile(there, returning: back)
    }

    /// The path of a client beside the region `client` to a node in `destination`: the round trip
    /// to the own region, and that between the regions on top. It is without loss and without
    /// bounds, and no fault between regions touches it.
    public func clientLink(from client: RegionID, to destination: RegionID) -> LinkProfile {
        let there = clientDelay(from: client, to: destination)
        let back = clientDelay(from: destination, to: client)
        return LinkProfile(
            oneWay: there, returnDelay: back, ordering: topology.ordering,
            connectionTimeout: topology.connectionTimeout)
    }

    /// The expected round trip from `source` to `destination` and back, jitter aside.
    public func roundTrip(from source: RegionID, to destination: RegionID) -> TimeSpan {
        delay(from: source, to: destination) + delay(from: destination, to: source)
    }

    /// The expected round trips between all regions, as strategies want them.
    public var roundTrips: Replication.RoundTripTable {
        let ids = topology.regions.indices.map { RegionID(index: UInt16(truncatingIfNeeded: $0)) }
        return Replication.RoundTripTable(
            regionCount: ids.count,
            spans: ids.flatMap { source in
                ids.map { destination in roundTrip(from: source, to: destination) }
            })
    }

    private func clientDelay(from client: RegionID, to destination: RegionID) -> TimeSpan {
        let beside = topology.clientRoundTrip / 2
        return client == destination ? beside : beside + delay(from: client, to: destination)
    }

    /// The expected delay from the first node of one region to the first, or within a region the
    /// second, node of the other.
    private func delay(from source: RegionID, to destination: RegionID) -> TimeSpan {
        let target = NodeID(region: destination, ordinal: source == destination ? 2 : 1)
        return state(from: NodeID(region: source), to: target).model(of: .other).typical
    }

    private func matrixDelay(_ source: Int, _ destination: Int) -> TimeSpan? {
        oneWay[source * topology.regions.count + destination]
    }

    /// Whether the scenario gives all messages between all nodes of the two regions a delay.
    private func hasOwnDelay(_ source: Int, _ destination: Int) -> Bool {
        let from = RegionID(index: UInt16(truncatingIfNeeded: source))
        let to = RegionID(index: UInt16(truncatingIfNeeded: destination))
        return topology.regions[source].nodes(at: from).allSatisfy { start in
            topology.regions[destination].nodes(at: to).allSatisfy { end in
                topology.links.contains {
                    $0.kind == nil && $0.delay != nil && $0.scope.containsLink(from: start, to: end)
                }
            }
        }
    }

    private func state(from source: NodeID, to destination: NodeID) -> LinkState {
        var state = LinkState(
            base: matrixDelay(Int(source.region.index), Int(destination.region.index)) ?? .zero)
        for line in topology.links
        where line.scope.containsLink(from: source, to: destination) {
            state.apply(line)
        }
        return state
    }

    private func profile(_ there: LinkState, returning back: LinkState) -> LinkProfile {
        let common = there.model(of: .other)
        var profile = LinkProfile(
            oneWay: .zero, returnDelay: back.model(of: .other).typical, loss: there.loss,
            bandwidth: there.bandwidth, ordering: topology.ordering,
            connectionTimeout: topology.connectionTimeout)
        profile.delay = common
        for kind in MessageKind.allCases where there.model(of: kind) != common {
            profile.delayByKind.append(KindDelay(kind, there.model(of: kind)))
        }
        return profile
    }
}

/// A directed link while lines of `topology.links` are laid over it.
private struct LinkState {
    private struct Delay {
        var base: TimeSpan
        var distribution: DelayDistribution?
        var jitter: DelayDistribution?
    }
    private var delays: [Delay]
    private(set) var loss = 0.0
    private(set) var bandwidth: UInt64?

    init(base: TimeSpan) {
        delays = MessageKind.allCases.map { _ in Delay(base: base) }
    }

    func model(of kind: MessageKind) -> DelayModel {
        let delay = delays[Int(kind.rawValue)]
        return DelayModel(
            base: delay.base, jitters: [delay.distribution, delay.jitter].compactMap { $0 })
    }

    mutating func apply(_ line: LinkSpec) {
        for kind in MessageKind.allCases where line.kind == nil || line.kind == kind {
            let index = Int(kind.rawValue)
            switch line.delay {
            case .roundTrip(let span): set(index, base: span / 2, nil)
            case .oneWay(let span): set(index, base: span, nil)
            case .distribution(let distribution): set(index, base: .zero, distribution)
            case nil: break
            }
            if let jitter = line.jitter { delays[index].jitter = jitter }
        }
        if let loss = line.loss { self.loss = loss }
        if let bandwidth = line.bandwidth { self.bandwidth = bandwidth }
    }

    private mutating func set(_ index: Int, base: TimeSpan, _ whole: DelayDistribution?) {
        delays[index].base = base
        delays[index].distribution = whole
    }
}
