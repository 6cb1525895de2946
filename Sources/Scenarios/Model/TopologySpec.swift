import Determinism
import Geography
import Replication

/// The regions of a scenario and the network between them: its `topology:` section.
public struct TopologySpec: Sendable, Equatable {
    /// Where round trips come from.
    public var latency: LatencyMatrix
    /// The regions; a ``RegionID`` is a position in this list.
    public var regions: [RegionSpec]
    /// The round trip between a client and the region that it is beside.
    public var clientRoundTrip: TimeSpan
    /// Overrides and refinements of the matrix; later ones win.
    public var links: [LinkSpec]
    /// In which order links deliver.
    public var ordering: LinkOrdering
    /// The silence after which a connection is reset.
    public var connectionTimeout: TimeSpan
    /// Whether narrow links serve urgent data types first; else in the order of sending.
    public var priorities = true
    /// What a node's disk and processor cost.
    public var node: NodeCost

    /// A topology with these parts; the defaults are those of the scenario format.
    public init(
        latency: LatencyMatrix = .aws, regions: [RegionSpec],
        clientRoundTrip: TimeSpan = .microseconds(500), links: [LinkSpec] = [],
        ordering: LinkOrdering = .fifo, connectionTimeout: TimeSpan = .seconds(5),
        node: NodeCost = NodeCost()
    ) {
        self.latency = latency
        self.regions = regions
        self.clientRoundTrip = clientRoundTrip
        self.links = links
        self.ordering = ordering
        self.connectionTimeout = connectionTimeout
        self.node = node
    }
}

/// One region: a known one, or one that the scenario describes.
public struct RegionSpec: Sendable, Equatable {
    /// Its name and what is known of it.
    public var region: Region
    /// Its zones by name, at least one.
    public var zones: [String]
    /// How many nodes it has, spread over its zones as evenly as can be, earlier zones first.
    public var nodeCount: Int

    /// `region` with `nodeCount` nodes (by default one per zone) in `zones`.
    public init(
        _ region: Region, zones: [String] = RegionSpec.defaultZones, nodeCount: Int? = nil
    ) {
        self.region = region
        self.zones = zones.isEmpty ? RegionSpec.defaultZones : zones
        self.nodeCount = nodeCount ?? self.zones.count
    }

    /// The zones of a region that names none.
    public static let defaultZones = ["a"]

    /// The name of the region.
    public var name: String { region.name }

    /// The nodes, if the region stands at `id` of its scenario's list, zone by zone.
    public func nodes(at id: RegionID) -> [NodeID] {
        let zoneCount = max(1, zones.count)
        var result: [NodeID] = []
        for zone in 0..<zoneCount {
            let count = nodeCount / zoneCount + (zone < nodeCount % zoneCount ? 1 : 0)
            for ordinal in 0..<count {
                result.append(
                    NodeID(
                        region: id, zone: UInt8(truncatingIfNeeded: zone),
                        ordinal: UInt8(truncatingIfNeeded: ordinal + 1)))
            }
        }
        return result
    }
}

/// A line of `topology.links`: what it says replaces what earlier lines and the matrix say.
public struct LinkSpec: Sendable, Equatable {
    /// The links that it is about.
    public var scope: LinkScope
    /// The kind of message that it is about; `nil`: every kind.
    public var kind: MessageKind?
    /// The delay; `nil`: as before.
    public var delay: LinkDelay?
    /// What varies on top of the delay; `nil`: as before.
    public var jitter: DelayDistribution?
    /// The share of frames lost, 0 to 1; `nil`: as before.
    public var loss: Double?
    /// Bits per second; `nil`: as before.
    public var bandwidth: UInt64?

    /// A line with these parts.
    public init(
        _ scope: LinkScope, kind: MessageKind? = nil, delay: LinkDelay? = nil,
        jitter: DelayDistribution? = nil, loss: Double? = nil, bandwidth: UInt64? = nil
    ) {
        self.scope = scope
        self.kind = kind
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.bandwidth = bandwidth
    }
}

/// A delay as scenarios give it.
public enum LinkDelay: Sendable, Equatable {
    /// `rtt:`, both ways together; each direction has half of it.
    case roundTrip(TimeSpan)
    /// `one_way:` as a duration.
    case oneWay(TimeSpan)
    /// `one_way:` as a distribution, which is the whole delay.
    case distribution(DelayDistribution)
}

/// Which links between nodes something is about.
public enum LinkScope: Sendable, Equatable {
    /// Both directions between any node of one place and any node of the other.
    case between(Place, Place)
    /// One direction.
    case directed(from: Place, to: Place)
    /// Every link that begins or ends at the selected nodes.
    case around(NodeSelector)
    /// Every link between two nodes.
    case all
}

/// What a node's disk and processor cost, for the virtual engine.
public struct NodeCost: Sendable, Equatable {
    /// How long the disk takes to make data durable.
    public var fsync: TimeSpan
    /// Processor time of one operation.
    public var perOperation: TimeSpan
    /// Processor time of one message.
    public var perMessage: TimeSpan
    /// How many requests wait at most; more are turned away.
    public var queue: Int

    /// These costs; the defaults are those of the scenario format.
    public init(
        fsync: TimeSpan = .microseconds(200), perOperation: TimeSpan = .microseconds(20),
        perMessage: TimeSpan = .microseconds(5), queue: Int = 10_000
    ) {
        self.fsync = fsync
        self.perOperation = perOperation
        self.perMessage = perMessage
        self.queue = queue
    }
}
