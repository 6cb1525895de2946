/// A region of a run: its position in the scenario's list of regions.
public struct RegionID: Hashable, Comparable, Sendable, Codable {
    /// The position in the scenario's list of regions, from 0.
    public var index: UInt16

    /// The region at `index` of the scenario's list.
    @inlinable
    public init(index: UInt16) { self.index = index }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// A node of a run: the `ordinal`-th (from 1) of a zone (a position in the region's list of
/// zones) of a region. It names the machine, not what the machine remembers: see ``MemberID``.
public struct NodeID: Hashable, Comparable, Sendable {
    /// All parts in 32 bits, in the order of comparison.
    public let packed: UInt32

    /// The node whose ``packed`` form this is.
    @inlinable
    public init(packed: UInt32) { self.packed = packed }

    /// The node `ordinal` of `zone` of `region`.
    @inlinable
    public init(region: RegionID, zone: UInt8 = 0, ordinal: UInt8 = 1) {
        packed = UInt32(region.index) << 16 | UInt32(zone) << 8 | UInt32(ordinal)
    }

    /// The region that the node stands in.
    @inlinable
    public var region: RegionID { RegionID(index: UInt16(packed >> 16)) }
    /// The position of the node's zone in its region's list of zones, from 0.
    @inlinable
    public var zone: UInt8 { UInt8(truncatingIfNeeded: packed >> 8) }
    /// The number of the node in its zone, from 1.
    @inlinable
    public var ordinal: UInt8 { UInt8(truncatingIfNeeded: packed) }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.packed < right.packed }
}

/// A member of replication groups: a node, and which of its lives.
///
/// A node that lost what it had promised (its vote, its term, its disk) must not act as the
/// member that made the promise. It comes back under the next `incarnation`, as a learner.
public struct MemberID: Hashable, Comparable, Sendable {
    /// Both parts in 64 bits, in the order of comparison.
    public let packed: UInt64

    /// The member whose ``packed`` form this is.
    @inlinable
    public init(packed: UInt64) { self.packed = packed }

    /// The life `incarnation` of `node`.
    @inlinable
    public init(_ node: NodeID, incarnation: UInt32 = 0) {
        packed = UInt64(node.packed) << 32 | UInt64(incarnation)
    }

    /// The node.
    @inlinable
    public var node: NodeID { NodeID(packed: UInt32(packed >> 32)) }
    /// 0 for a founding member; larger for each life that began with an empty disk.
    @inlinable
    public var incarnation: UInt32 { UInt32(truncatingIfNeeded: packed) }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.packed < right.packed }
}

extension MemberID {
    /// Who a node is that comes back without its memory: `life`, which none before had.
    package static func withoutMemory(_ node: NodeID, life: UInt32) -> MemberID {
        #if PlantedBugs
            if PlantedBug.isPlanted(.identityKeptWithoutDisk) { return MemberID(node) }
        #endif
        return MemberID(node, incarnation: life)
    }
}

extension MemberID: CustomStringConvertible {
    /// `region.zone.ordinal`, with `#incarnation` when it is not the first.
    public var description: String {
        let name = "\(node.region.index).\(node.zone).\(node.ordinal)"
        return incarnation == 0 ? name : "\(name)#\(incarnation)"
    }
}

/// A replication group of a run: its position in the scenario's list of data types.
public struct GroupID: Hashable, Comparable, Sendable, Codable {
    /// The position in the list of data types, from 0.
    public var index: UInt16

    /// The group at `index`.
    @inlinable
    public init(index: UInt16) { self.index = index }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// A client of a run. Its requests carry it, with a sequence number, so that repeats are known.
public struct ClientID: Hashable, Comparable, Sendable, Codable {
    /// The number of the client, from 1.
    public var rawValue: UInt64

    /// The client numbered `rawValue`.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
