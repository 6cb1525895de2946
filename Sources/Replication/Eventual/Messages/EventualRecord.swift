import Determinism

/// What an eventually consistent member writes to its journal.
///
/// The content is the strategy's own affair; the host stores it as bytes.
public struct EventualRecord: ByteCodable, Hashable {
    let body: Body

    init(_ body: Body) { self.body = body }

    /// The records, as they are applied again after a restart.
    enum Body: Hashable, Sendable {
        /// A write that this member took in itself.
        case taken(Key, Sibling)
        /// Entries of other members, merged; then these dots of a member are known.
        case merged([KeyedEntry], known: MemberID?, ClosedRange<UInt64>?)
        /// A whole comparison with another member: all that it knew is known.
        case learned(KnownDots)
        /// Who belongs to the group.
        case members(GroupMembers)
        /// Keys that were deleted everywhere, forgotten.
        case forgotten([Key])
        /// Whether the state must be completed from another member before it may be used.
        case incomplete(Bool)
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch body {
        case .taken(let key, let sibling): 1 + key.encodedSize + sibling.encodedSize
        case .merged(let entries, let member, let range):
            2 + KeyedEntry.encodedSize(entries)
                + (member == nil || range == nil ? 0 : 8 + (range?.encodedSize ?? 0))
        case .learned(let known): 1 + known.encodedSize
        case .members(let members): 1 + members.encodedSize
        case .forgotten(let keys):
            keys.reduce(1 + ByteWriter.varintSize(UInt64(keys.count))) { $0 + $1.encodedSize }
        case .incomplete: 2
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch body {
        case .taken(let key, let sibling):
            writer.writeInteger(UInt8(1))
            key.encode(into: &writer)
            sibling.encode(into: &writer)
        case .merged(let entries, let member, let range):
            writer.writeInteger(UInt8(2))
            KeyedEntry.encode(entries, into: &writer)
            if let member, let range {
                writer.writeBool(true)
                member.encode(into: &writer)
                range.encode(into: &writer)
            } else {
                writer.writeBool(false)
            }
        case .learned(let known):
            writer.writeInteger(UInt8(3))
            known.encode(into: &writer)
        case .members(let members):
            writer.writeInteger(UInt8(4))
            members.encode(into: &writer)
        case .forgotten(let keys):
            writer.writeInteger(UInt8(5))
            writer.writeVarint(UInt64(keys.count))
            for key in keys { key.encode(into: &writer) }
        case .incomplete(let isIncomplete):
            writer.writeInteger(UInt8(6))
            writer.writeBool(isIncomplete)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> EventualRecord {
        switch try reader.readInteger(UInt8.self) {
        case 1:
            let key = try Key.decode(from: &reader)
            return EventualRecord(.taken(key, try Sibling.decode(from: &reader)))
        case 2:
            let entries = try KeyedEntry.decodeList(from: &reader)
            guard try reader.readBool() else {
                return EventualRecord(.merged(entries, known: nil, nil))
            }
            let member = try MemberID.decode(from: &reader)
            let range = try ClosedRange<UInt64>.decode(from: &reader)
            return EventualRecord(.merged(entries, known: member, range))
        case 3: return EventualRecord(.learned(try KnownDots.decode(from: &reader)))
        case 4: return EventualRecord(.members(try GroupMembers.decode(from: &reader)))
        case 5:
            var keys: [Key] = []
            for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
                keys.append(try Key.decode(from: &reader))
            }
            return EventualRecord(.forgotten(keys))
        case 6: return EventualRecord(.incomplete(try reader.readBool()))
        case let tag: throw MalformedBytes("eventual record \(tag) is unknown")
        }
    }
}

/// A range of writes of one member, by their numbers.
extension ClosedRange<UInt64> {
    var encodedSize: Int {
        ByteWriter.varintSize(lowerBound) + ByteWriter.varintSize(upperBound - lowerBound)
    }
    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(lowerBound)
        writer.writeVarint(upperBound - lowerBound)
    }
    static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ClosedRange<UInt64> {
        let lower = try CausalCoding.decodeCounter(from: &reader)
        let span = try reader.readVarint()
        guard span < KnownDots.counterMax - lower else {
            throw MalformedBytes("a range of \(span) writes from \(lower)")
        }
        return lower...lower + span
    }
}
