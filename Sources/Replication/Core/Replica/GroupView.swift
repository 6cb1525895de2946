/// How a group looks from one of its members, for panels, reports and the conduct of a run.
public struct GroupView: Hashable, Sendable {
    /// The member's part in the group now.
    public var role: Role
    /// Whom the member takes for the leader or primary.
    public var leader: MemberID?
    /// The term or epoch that the member has durably; 0 where the strategy has none.
    public var term: UInt64
    /// What is known to be decided, as an index; 0 where the strategy has no log.
    public var commitIndex: UInt64
    /// The last index of the own log; 0 where the strategy has no log.
    public var lastIndex: UInt64
    /// What is applied to the state.
    public var applied: AppliedPosition
    /// The term or epoch of the last entry that is applied; 0 where the strategy has no log.
    public var appliedTerm: UInt64
    /// How many writes the member knows of that it has not applied, or has not yet passed on.
    public var lag: UInt64
    /// The logical digest of the state.
    public var digest: StateDigest
    /// The keys that hold a value.
    public var keyCount: UInt64
    /// The members that count.
    public var voters: [MemberID]
    /// The members that only listen.
    public var learners: [MemberID]
    /// Whether the member serves as the strategy promises: recovered, joined, caught up.
    public var isReady: Bool

    /// A member's part in its group.
    public enum Role: UInt8, CaseIterable, Hashable, Sendable, Codable {
        /// Leads: decides the order of writes.
        case leader = 1
        /// Follows a leader.
        case follower = 2
        /// Seeks election.
        case candidate = 3
        /// Listens without a vote.
        case learner = 4
        /// One among equals.
        case peer = 5
    }

    /// A view with these parts.
    public init(
        role: Role, leader: MemberID?, term: UInt64, commitIndex: UInt64, lastIndex: UInt64,
        applied: AppliedPosition, appliedTerm: UInt64 = 0, lag: UInt64, digest: StateDigest,
        keyCount: UInt64,
        voters: [MemberID], learners: [MemberID], isReady: Bool
    ) {
        self.role = role
        self.leader = leader
        self.term = term
        self.commitIndex = commitIndex
        self.lastIndex = lastIndex
        self.applied = applied
        self.appliedTerm = appliedTerm
        self.lag = lag
        self.digest = digest
        self.keyCount = keyCount
        self.voters = voters
        self.learners = learners
        self.isReady = isReady
    }
}

extension GroupView: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 90 + applied.encodedSize + 8 * (voters.count + learners.count) }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(role.rawValue)
        writer.writeBool(leader != nil)
        writer.writeInteger(leader?.packed ?? 0)
        writer.writeVarint(term)
        writer.writeVarint(commitIndex)
        writer.writeVarint(lastIndex)
        applied.encode(into: &writer)
        writer.writeVarint(appliedTerm)
        writer.writeVarint(lag)
        writer.writeInteger(digest.high)
        writer.writeInteger(digest.low)
        writer.writeVarint(keyCount)
        for members in [voters, learners] {
            writer.writeVarint(UInt64(members.count))
            for member in members { member.encode(into: &writer) }
        }
        writer.writeBool(isReady)
    }

    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> GroupView {
        func members(_ reader: inout ByteReader) throws(MalformedBytes) -> [MemberID] {
            var result: [MemberID] = []
            for _ in 0..<(try reader.readCount(limit: 4096)) {
                result.append(try MemberID.decode(from: &reader))
            }
            return result
        }
        let number: UInt8 = try reader.readInteger()
        guard let role = Role(rawValue: number) else {
            throw MalformedBytes("role \(number) is unknown")
        }
        let hasLeader = try reader.readBool()
        let leader = MemberID(packed: try reader.readInteger())
        let term = try reader.readVarint()
        let commitIndex = try reader.readVarint()
        let lastIndex = try reader.readVarint()
        let applied = try AppliedPosition.decode(from: &reader)
        let appliedTerm = try reader.readVarint()
        let lag = try reader.readVarint()
        let high: UInt64 = try reader.readInteger()
        let low: UInt64 = try reader.readInteger()
        let keyCount = try reader.readVarint()
        let voters = try members(&reader)
        let learners = try members(&reader)
        return GroupView(
            role: role, leader: hasLeader ? leader : nil, term: term, commitIndex: commitIndex,
            lastIndex: lastIndex, applied: applied, appliedTerm: appliedTerm, lag: lag,
            digest: StateDigest(high: high, low: low), keyCount: keyCount, voters: voters,
            learners: learners, isReady: try reader.readBool())
    }
}
