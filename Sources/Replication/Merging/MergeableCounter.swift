import Determinism

/// A counter that members add to and take from independently: for each member, how much it added
/// and how much it took, neither of which ever shrinks (the PN-counter of Shapiro et al., SSS 2011).
public struct MergeableCounter: MergeableValue {
    private struct Share: Hashable, Sendable {
        var member: MemberID
        var added: UInt64
        var taken: UInt64
    }

    /// In order of member.
    private var shares: [Share] = []

    /// Nobody has counted.
    public init() {}

    /// The rule `sum`.
    public static let merging = MergeDescription(
        name: "sum", valueType: .counter, operations: [.read, .increment],
        help: "Every increment counts once.")

    /// Counts. A member whose increments would leave 64 bits stays at the end of the range.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        guard case .increment(let amount) = operation else { return }
        let index = place(of: update.dot.member)
        if amount >= 0 {
            shares[index].added = Self.sum(shares[index].added, amount.magnitude)
        } else {
            shares[index].taken = Self.sum(shares[index].taken, amount.magnitude)
        }
    }

    /// Takes over what is known to have been added and taken by each member: of two numbers the
    /// greater is the later one.
    public mutating func merge(_ other: MergeableCounter) {
        for theirs in other.shares {
            let index = place(of: theirs.member)
            #if PlantedBugs
                if PlantedBug.isPlanted(.counterMergedByAddition) {
                    shares[index].added = Self.sum(shares[index].added, theirs.added)
                    shares[index].taken = Self.sum(shares[index].taken, theirs.taken)
                    continue
                }
            #endif
            shares[index].added = max(shares[index].added, theirs.added)
            shares[index].taken = max(shares[index].taken, theirs.taken)
        }
    }

    /// All that was added less all that was taken; a sum beyond 64 bits shows as the end of the
    /// range.
    public var value: Value? {
        if shares.isEmpty { return nil }
        let reading = shares.reduce(Int128(0)) { $0 + Int128($1.added) - Int128($1.taken) }
        return .integer(Int64(clamping: reading))
    }

    /// Where the share of `member` is, made if there is none.
    private mutating func place(of member: MemberID) -> Int {
        let index = shares.firstIndex { $0.member >= member } ?? shares.count
        if index == shares.count || shares[index].member != member {
            shares.insert(Share(member: member, added: 0, taken: 0), at: index)
        }
        return index
    }

    private static func sum(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let (sum, isOver) = first.addingReportingOverflow(second)
        return isOver ? .max : sum
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        shares.reduce(ByteWriter.varintSize(UInt64(shares.count))) {
            $0 + 8 + ByteWriter.varintSize($1.added) + ByteWriter.varintSize($1.taken)
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(shares.count))
        for share in shares {
            share.member.encode(into: &writer)
            writer.writeVarint(share.added)
            writer.writeVarint(share.taken)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> MergeableCounter {
        var result = MergeableCounter()
        let limit = min(CausalCoding.membersMax, reader.remaining / 10)
        for _ in 0..<(try reader.readCount(limit: limit)) {
            let member = try MemberID.decode(from: &reader)
            if let last = result.shares.last, member <= last.member {
                throw MalformedBytes("a counter whose members are not in order")
            }
            let added = try reader.readVarint()
            result.shares.append(
                Share(member: member, added: added, taken: try reader.readVarint()))
        }
        return result
    }
}
