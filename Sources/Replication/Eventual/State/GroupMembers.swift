import Determinism

/// Who belongs to a group without a leader: for each node the life in which it belongs, or that
/// it was removed.
///
/// Every member keeps a copy; copies merge to the same, whatever the order. Of two rows of a
/// node the one with the later life holds, then the later revision, then the removal.
struct GroupMembers: Hashable, Sendable {
    /// What is known of a node, in order of node.
    private(set) var rows: [Row] = []

    /// What is known of one node.
    struct Row: Hashable, Sendable, Comparable {
        /// The node, in the life that the row is about.
        var member: MemberID
        /// Grows when the life is removed and when it is added again.
        var revision: UInt32
        var isRemoved: Bool

        private var order: (UInt32, UInt32, Int) {
            (member.incarnation, revision, isRemoved ? 1 : 0)
        }
        /// Of two rows of the same node: whether the other holds.
        static func < (left: Self, right: Self) -> Bool { left.order < right.order }
    }

    /// The founding members.
    init(founders: [MemberID]) {
        for member in founders { put(Row(member: member, revision: 0, isRemoved: false)) }
    }

    /// The members that count, in order.
    var active: [MemberID] { rows.filter { !$0.isRemoved }.map(\.member) }

    /// Whether `member` belongs, in this life.
    func contains(_ member: MemberID) -> Bool {
        row(of: member.node).map { $0.member == member && !$0.isRemoved } ?? false
    }

    /// What is known of `node`.
    func row(of node: NodeID) -> Row? { rows.first { $0.member.node == node } }

    /// Lets a life of a node that belongs take the place of an earlier one; returns whether it
    /// belongs now.
    mutating func renew(_ member: MemberID) -> Bool {
        guard let row = row(of: member.node), !row.isRemoved else { return false }
        if row.member.incarnation < member.incarnation {
            put(Row(member: member, revision: 0, isRemoved: false))
        }
        return contains(member)
    }

    /// Removes `member`; returns whether it belonged.
    mutating func remove(_ member: MemberID) -> Bool {
        guard contains(member), let row = row(of: member.node), row.revision < .max else {
            return false
        }
        put(Row(member: member, revision: row.revision + 1, isRemoved: true))
        return true
    }

    /// Adds `member`; returns whether it belongs now. An earlier life than one that is known
    /// cannot be added.
    mutating func add(_ member: MemberID) -> Bool {
        guard let row = row(of: member.node) else {
            put(Row(member: member, revision: 0, isRemoved: false))
            return true
        }
        if contains(member) { return true }
        guard member.incarnation >= row.member.incarnation, row.revision < .max else {
            return false
        }
        let revision = member == row.member ? row.revision + 1 : 0
        put(Row(member: member, revision: revision, isRemoved: false))
        return true
    }

    /// Takes over what `other` knows better; returns whether anything changed.
    @discardableResult
    mutating func merge(_ other: GroupMembers) -> Bool {
        let before = rows
        for row in other.rows { put(row) }
        return rows != before
    }

    private mutating func put(_ row: Row) {
        let index = rows.firstIndex { $0.member.node >= row.member.node } ?? rows.count
        if index < rows.count, rows[index].member.node == row.member.node {
            if rows[index] < row { rows[index] = row }
        } else if rows.count < Limits.nodesMax {
            rows.insert(row, at: index)
        }
    }

    /// A hash by which members notice that their copies differ.
    var fingerprint: UInt64 {
        rows.reduce(0) {
            mixed($0 ^ $1.member.packed) &+ UInt64($1.revision) << 1 &+ ($1.isRemoved ? 1 : 0)
        }
    }
}

extension GroupMembers: ByteCodable {
    var encodedSize: Int { ByteWriter.varintSize(UInt64(rows.count)) + 13 * rows.count }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(rows.count))
        for row in rows {
            row.member.encode(into: &writer)
            writer.writeInteger(row.revision)
            writer.writeBool(row.isRemoved)
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> GroupMembers {
        let count = try reader.readCount(limit: min(Limits.nodesMax, reader.remaining / 13))
        var members = GroupMembers(founders: [])
        for _ in 0..<count {
            let member = try MemberID.decode(from: &reader)
            let revision: UInt32 = try reader.readInteger()
            members.put(
                Row(member: member, revision: revision, isRemoved: try reader.readBool()))
        }
        return members
    }
}
