/// The number of a leader's reign: at most one leader per term (Ongaro, dissertation, 3.4).
struct Term: Hashable, Comparable, Sendable {
    /// The number; 0 before the first election.
    var rawValue: UInt64

    init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first election.
    static let zero = Term(0)
    /// The term after this one.
    var next: Term { Term(rawValue &+ 1) }

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A position in the log, from 1; 0 is before the first entry.
struct LogIndex: Hashable, Comparable, Sendable {
    /// The position.
    var rawValue: UInt64

    init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first entry.
    static let zero = LogIndex(0)
    /// The position after this one.
    var next: LogIndex { LogIndex(rawValue &+ 1) }
    /// The position before this one; zero's is zero.
    var previous: LogIndex { LogIndex(rawValue == 0 ? 0 : rawValue - 1) }

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The position `count` entries later.
    static func + (index: Self, count: Int) -> Self {
        LogIndex(index.rawValue &+ UInt64(truncatingIfNeeded: count))
    }
    /// The position `count` entries earlier, not below zero.
    static func - (index: Self, count: Int) -> Self {
        let amount = UInt64(truncatingIfNeeded: count)
        return LogIndex(amount >= index.rawValue ? 0 : index.rawValue - amount)
    }
    /// How many entries `right` is behind `left`; 0 if it is not behind.
    static func - (left: Self, right: Self) -> Int {
        left.rawValue <= right.rawValue ? 0 : Int(clamping: left.rawValue - right.rawValue)
    }
}

extension Term: ByteCodable {
    /// Numbers from outside stay below this, so that counting on from them cannot overflow.
    static let numberMax: UInt64 = 1 << 62

    var encodedSize: Int { ByteWriter.varintSize(rawValue) }
    func encode(into writer: inout ByteWriter) { writer.writeVarint(rawValue) }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Term {
        let number = try reader.readVarint()
        guard number < numberMax else { throw MalformedBytes("a term of \(number)") }
        return Term(number)
    }
}

extension LogIndex: ByteCodable {
    var encodedSize: Int { ByteWriter.varintSize(rawValue) }
    func encode(into writer: inout ByteWriter) { writer.writeVarint(rawValue) }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> LogIndex {
        let number = try reader.readVarint()
        guard number < Term.numberMax else { throw MalformedBytes("a log index of \(number)") }
        return LogIndex(number)
    }
}
