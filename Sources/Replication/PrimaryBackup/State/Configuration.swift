import Determinism

/// Who is the primary of a group, and whose acknowledgements count: what the failover manager
/// decides. At most one primary ever has an epoch.
struct Configuration: Hashable, Sendable {
    /// The number of the decision; each is later than those before.
    var epoch: Term
    /// The primary; `nil` while one is being chosen.
    var primary: MemberID?
    /// Everybody who holds the data, in order of identity.
    var members: [MemberID]

    /// The most members.
    static let membersMax = Limits.nodesMax

    /// The members that replicate what the primary has.
    var replicas: [MemberID] { members.filter { $0 != primary } }

    /// Whether `other` was decided after this.
    func isBefore(_ other: Configuration) -> Bool { order < other.order }

    private var order: (Term, Int, UInt64) {
        let lives = members.reduce(0) { $0 &+ UInt64($1.incarnation) }
        return (epoch, primary == nil ? 0 : 1, lives)
    }

    /// The same with `life` in the place of earlier lives of its node.
    func with(_ life: MemberID) -> Configuration {
        var result = self
        result.members = members.map { $0.node == life.node ? max($0, life) : $0 }
        return result
    }

    /// The member of this node, in whatever life.
    func member(of node: NodeID) -> MemberID? { members.first { $0.node == node } }
}

extension Configuration: ByteCodable {
    var encodedSize: Int {
        epoch.encodedSize + 9 + ByteWriter.varintSize(UInt64(members.count)) + 8 * members.count
    }

    func encode(into writer: inout ByteWriter) {
        epoch.encode(into: &writer)
        writer.writeBool(primary != nil)
        writer.writeInteger(primary?.packed ?? 0)
        writer.writeVarint(UInt64(members.count))
        for member in members { member.encode(into: &writer) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Configuration {
        let epoch = try Term.decode(from: &reader)
        let hasPrimary = try reader.readBool()
        let primary = MemberID(packed: try reader.readInteger())
        var members: [MemberID] = []
        for _ in 0..<(try reader.readCount(limit: membersMax)) {
            members.append(try MemberID.decode(from: &reader))
        }
        return Configuration(
            epoch: epoch, primary: hasPrimary ? primary : nil, members: members)
    }
}
