/// Who belongs to a group. Members are in order of identity.
struct Membership: Hashable, Sendable {
    /// The members that count.
    private(set) var voters: [MemberID]
    /// The members that only listen.
    private(set) var learners: [MemberID]
    /// The learners that become voters once they are caught up, because an earlier life of their
    /// node was a voter.
    private(set) var joining: [MemberID]

    init(voters: [MemberID], learners: [MemberID] = [], joining: [MemberID] = []) {
        self.voters = voters.sorted()
        self.learners = learners.sorted()
        self.joining = joining.sorted()
    }

    /// How many voters make a majority.
    var quorum: Int { voters.count / 2 + 1 }
    /// Voters and learners, in order of identity.
    var members: [MemberID] { (voters + learners).sorted() }

    func isVoter(_ member: MemberID) -> Bool { Self.contains(voters, member) }
    func contains(_ member: MemberID) -> Bool {
        Self.contains(voters, member) || Self.contains(learners, member)
    }

    private static func contains(_ members: [MemberID], _ member: MemberID) -> Bool {
        let place = members.firstPlace { $0 >= member }
        return place < members.count && members[place] == member
    }

    /// Whether the member was replaced by a later life of its node.
    func isSuperseded(_ member: MemberID) -> Bool {
        Self.replaces(voters, member) || Self.replaces(learners, member)
    }

    /// Whether a later life of the member's node is among `members`: it would come right after.
    private static func replaces(_ members: [MemberID], _ member: MemberID) -> Bool {
        let place = members.firstPlace { $0 > member }
        return place < members.count && members[place].node == member.node
    }

    /// The earlier life of a member's node that still belongs, if one does.
    func earlierLife(of member: MemberID) -> MemberID? {
        func precedes(_ other: MemberID) -> Bool {
            other.node == member.node && other.incarnation < member.incarnation
        }
        return voters.first(where: precedes) ?? learners.first(where: precedes)
    }

    func addingLearner(_ member: MemberID, becomesVoter: Bool = false) -> Membership {
        Membership(
            voters: voters, learners: learners + [member],
            joining: becomesVoter ? joining + [member] : joining)
    }
    func promoting(_ member: MemberID) -> Membership {
        Membership(
            voters: voters + [member], learners: learners.filter { $0 != member },
            joining: joining.filter { $0 != member })
    }
    func removing(_ member: MemberID) -> Membership {
        Membership(
            voters: voters.filter { $0 != member }, learners: learners.filter { $0 != member },
            joining: joining.filter { $0 != member })
    }

    /// "regions" if every voter stands in a region of its own, else "members".
    var countedNoun: String {
        let regions = voters.map(\.node.region).sorted()
        let repeated = zip(regions, regions.dropFirst()).contains { $0 == $1 }
        return repeated ? "members" : "regions"
    }
}

extension Array {
    /// The first place whose element fulfils `condition`, in an array in which all that do stand
    /// after all that do not.
    func firstPlace(where condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Membership: ByteCodable {
    private static let membersMax = 1024

    var encodedSize: Int {
        [voters, learners, joining].reduce(0) { size, list in
            size + ByteWriter.varintSize(UInt64(list.count)) + 8 * list.count
        }
    }
    func encode(into writer: inout ByteWriter) {
        for list in [voters, learners, joining] {
            writer.writeVarint(UInt64(list.count))
            for member in list { member.encode(into: &writer) }
        }
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Membership {
        func list(_ reader: inout ByteReader) throws(MalformedBytes) -> [MemberID] {
            var members: [MemberID] = []
            for _ in 0..<(try reader.readCount(limit: membersMax)) {
                members.append(try MemberID.decode(from: &reader))
            }
            return members
        }
        let voters = try list(&reader)
        let learners = try list(&reader)
        return Membership(voters: voters, learners: learners, joining: try list(&reader))
    }
}

/// The memberships that a log brings: one is in effect as soon as its entry is in the log, and
/// no longer when the entry is removed again (dissertation, 4.1).
struct MembershipHistory: Sendable {
    /// The membership at the log's base.
    private(set) var base: Membership
    /// The membership in effect.
    private(set) var current: Membership
    private var changes: [Change] = [] {
        didSet { current = changes.last?.membership ?? base }
    }

    private struct Change {
        var index: LogIndex
        var membership: Membership
    }

    init(base: Membership) {
        self.base = base
        current = base
    }

    /// The index of the entry that brought it; zero if that is behind the base.
    var currentIndex: LogIndex { changes.last?.index ?? .zero }

    /// The membership as of the entry at `index`.
    func membership(at index: LogIndex) -> Membership {
        changes.last { $0.index <= index }?.membership ?? base
    }

    mutating func append(_ membership: Membership, at index: LogIndex) {
        changes.append(Change(index: index, membership: membership))
    }
    mutating func truncate(after index: LogIndex) {
        while let last = changes.last, last.index > index { changes.removeLast() }
    }
    /// Replaces what is known about the base.
    mutating func rebase(_ membership: Membership) {
        base = membership
        if changes.isEmpty { current = membership }
    }
    mutating func compact(through index: LogIndex) {
        base = membership(at: index)
        changes.removeAll { $0.index <= index }
    }
}
