import Determinism
import Foundation
import Geography
import RegionCore
import Replication
import Tokens

/// Everything that a node's process is told when it starts: a JSON file, one object.
///
/// Whoever conducts a run writes one for each node and each launch. What may change during the
/// run (addresses of peers, links, the wall clock) is set again over the control connection.
package struct NodeConfiguration: Codable, Hashable, Sendable {
    /// Which node this is.
    package var node: NodeID
    /// Every node of the run with its name, this one included. Others are strangers.
    package var nodes: [NamedNode]
    /// What all nodes and clients of the run show each other; a random secret.
    package var runToken: String
    /// What whoever conducts the run shows; a random secret.
    package var controlToken: String
    /// Where to listen.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 lets the kernel choose, and the ready line tells.
    package var port = 0
    /// The node's database; its directory must exist.
    package var databasePath: String
    /// A registered SQLite file system to use instead of the default one.
    package var databaseVFS: String?
    /// The seed of the run.
    package var seed: UInt64
    /// Which launch of this node it is: 0 for the first, larger each time. A node that finds its
    /// database gone or damaged comes back under this number as its incarnation.
    package var launch: UInt32
    /// The groups of the run, in order of their identity, hosted here or not.
    package var groups: [GroupConfiguration]
    /// The number of regions.
    package var regionCount: Int
    /// Expected round trips between regions, row by row: from i to j at `i * regionCount + j`.
    package var roundTrips: [TimeSpan]
    /// How fast or slow, as a share, monotonic clocks may run against each other.
    package var clockDriftMax = 0.001
    /// How far ahead of the own wall clock a received timestamp may be.
    package var wallClockSkewMax = TimeSpan.seconds(60)
    /// What the wall clock says; without it, what the host's says.
    package var wallClock: WallClockSetting?
    /// What faults do to the node when it starts; without it, nothing. Troubles of the disk need
    /// the file system `meridian`.
    package var condition: NodeCondition?
    /// How many of the corruptions in ``condition`` earlier launches were told of.
    package var corruptionsBefore: Int?
    /// The links from this node. A node without a link to another cannot send to it.
    package var links: [LinkConfiguration]
    /// The services that the nodes of the run offer; none, if it is missing.
    package var services: ServicesSetup?
    /// The keys of session tokens; needed where sessions are offered.
    package var tokens: TokenKeyRing?
    /// How often each link is probed.
    package var probeInterval = TimeSpan.milliseconds(100)
    /// Whether the node tells of every write that reaches it; not, if it is missing.
    package var logsReplication: Bool?
    /// The process that started this one: the node ends when it does.
    package var parentProcess: Int32?
    /// Where to log; without it, standard error.
    package var logPath: String?
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
    package var logLevel = "info"

    /// A configuration with what has no default.
    package init(
        node: NodeID, nodes: [NamedNode], runToken: String, controlToken: String,
        databasePath: String, seed: UInt64, launch: UInt32 = 0, groups: [GroupConfiguration],
        roundTrips: RoundTripTable, links: [LinkConfiguration]
    ) {
        self.node = node
        self.nodes = nodes
        self.runToken = runToken
        self.controlToken = controlToken
        self.databasePath = databasePath
        self.seed = seed
        self.launch = launch
        self.groups = groups
        self.links = links
        let regions = (0..<roundTrips.regionCount).map { RegionID(index: UInt16($0)) }
        regionCount = roundTrips.regionCount
        self.roundTrips = regions.flatMap { from in regions.map { roundTrips[from, $0] } }
    }

    /// How many records to damage before the database is opened.
    var damages: Int {
        max(0, (condition?.disk.corruptions ?? 0) - (corruptionsBefore ?? 0))
    }

    /// The name of `node`, for logs.
    package func name(of node: NodeID) -> String {
        nodes.first { $0.node == node }?.name ?? MemberID(node).description
    }

    /// The file's content.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// The configuration in a file's content. Throws ``InvalidConfiguration``.
    package static func decoded(_ data: Data) throws(InvalidConfiguration) -> NodeConfiguration {
        let configuration: NodeConfiguration
        do {
            configuration = try JSONDecoder().decode(NodeConfiguration.self, from: data)
        } catch let error as DecodingError {
            throw InvalidConfiguration("the configuration: \(error.explanation)")
        } catch {
            throw InvalidConfiguration("the configuration: \(error)")
        }
        try configuration.check()
        return configuration
    }
}

/// A node with the name that people know it by.
package struct NamedNode: Codable, Hashable, Sendable {
    /// The node.
    package var node: NodeID
    /// Its name, such as `us-east-1/a/1`.
    package var name: String

    /// `node` called `name`.
    package init(node: NodeID, name: String) {
        self.node = node
        self.name = name
    }
}

/// A replication group, as a configuration writes it.
package struct GroupConfiguration: Codable, Hashable, Sendable {
    /// The name of the data type.
    package var name: String
    /// The name of the strategy.
    package var strategy: String
    /// The options that the scenario gave.
    package var options: [String: OptionValue]
    /// The founding members that count, in order of identity.
    package var voters: [MemberID]
    /// The founding members that only listen, in order of identity.
    package var learners: [MemberID]
    /// The nodes that are no members but may become so; none, if it is missing.
    package var candidates: [NodeID]?
    /// The type of the group's values.
    package var valueType: ValueType
    /// How urgent its messages are on a narrow link; `normal`, if it is missing.
    package var priority: TrafficPriority?

    /// The configuration of a placement.
    package init(_ placement: GroupPlacement) {
        name = placement.name
        strategy = placement.strategy
        options = Dictionary(
            uniqueKeysWithValues: placement.options.sorted.map { ($0.name, $0.value) })
        voters = placement.voters
        learners = placement.learners
        candidates = placement.candidates
        valueType = placement.valueType
        priority = placement.priority == .normal ? nil : placement.priority
    }

    /// The placement that this describes.
    package var placement: GroupPlacement {
        GroupPlacement(
            name: name, strategy: strategy, options: StrategyOptions(options), voters: voters,
            learners: learners, candidates: candidates ?? [], valueType: valueType,
            priority: priority ?? .normal)
    }
}

/// A link from the configured node, as it is when the node starts.
package struct LinkConfiguration: Codable, Hashable, Sendable {
    /// The other end.
    package var target: NodeID
    /// What the link is like without faults.
    package var profile: LinkProfile
    /// The faults in force, in the order of the scenario file.
    package var conditions: [LinkCondition]

    /// The link to `target` with these properties.
    package init(target: NodeID, profile: LinkProfile, conditions: [LinkCondition] = []) {
        self.target = target
        self.profile = profile
        self.conditions = conditions
    }
}

/// What a wall clock says: `wall` at `monotonic`, and from there on as time goes by.
package struct WallClockSetting: Codable, Hashable, Sendable {
    /// An instant on the host's monotonic clock, in nanoseconds.
    package var monotonicNanoseconds: Int64
    /// What the wall clock says then, in nanoseconds since 1970.
    package var wallNanoseconds: Int64

    /// A clock that says `wall` at `monotonic`.
    package init(wall: WallTime, at monotonic: Instant) {
        monotonicNanoseconds = monotonic.nanoseconds
        wallNanoseconds = wall.nanosecondsSince1970
    }
}

/// A configuration that a node cannot start from.
package struct InvalidConfiguration: Error, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what would be right.
    package var description: String
    /// An error with this explanation.
    package init(_ description: String) { self.description = description }
}
