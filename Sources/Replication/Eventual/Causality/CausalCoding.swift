import Determinism

/// Decodes causality from untrusted bytes: whatever it returns is sorted, bounded, and small
/// enough to calculate with.
enum CausalCoding {
    /// The most members in one vector: more than any run has, over all their lives.
    static let membersMax = 4096
    /// Wall times later than this (in the year 2116) are not believed.
    static let wallNanosecondsMax: Int64 = 1 << 62

    /// Takes a version vector, with members in order and counters in range.
    static func decodeVector(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> VersionVector {
        let count = try reader.readCount(limit: min(membersMax, reader.remaining / 9))
        var vector = VersionVector()
        var last: MemberID?
        for _ in 0..<count {
            let dot = try decodeDot(from: &reader)
            if let last, dot.member <= last {
                throw MalformedBytes("a version vector whose members are not in order")
            }
            last = dot.member
            vector[dot.member] = dot.counter
        }
        return vector
    }

    /// Takes a dot with a counter in range.
    static func decodeDot(from reader: inout ByteReader) throws(MalformedBytes) -> Dot {
        let member = try MemberID.decode(from: &reader)
        return Dot(member: member, counter: try decodeCounter(from: &reader))
    }

    /// Takes the number of a write: from 1, below ``KnownDots/counterMax``.
    static func decodeCounter(from reader: inout ByteReader) throws(MalformedBytes) -> UInt64 {
        let counter = try reader.readVarint()
        guard counter > 0, counter < KnownDots.counterMax else {
            throw MalformedBytes("\(counter) is not the number of a write")
        }
        return counter
    }

    /// Takes a hybrid time that can be calculated with.
    static func decodeTimestamp(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> HybridTimestamp {
        let timestamp = try HybridTimestamp.decode(from: &reader)
        let nanoseconds = timestamp.wall.nanosecondsSince1970
        guard nanoseconds >= 0, nanoseconds <= wallNanosecondsMax else {
            throw MalformedBytes("a wall time of \(nanoseconds) ns since 1970")
        }
        return timestamp
    }
}
