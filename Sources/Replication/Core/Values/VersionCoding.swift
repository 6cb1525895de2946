import Determinism

extension Dot: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 8 + ByteWriter.varintSize(counter) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        member.encode(into: &writer)
        writer.writeVarint(counter)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Dot {
        let member = try MemberID.decode(from: &reader)
        return Dot(member: member, counter: try reader.readVarint())
    }
}

extension VersionVector: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        entries.reduce(ByteWriter.varintSize(UInt64(entries.count))) { $0 + $1.encodedSize }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(entries.count))
        for entry in entries { entry.encode(into: &writer) }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> VersionVector {
        let count = try reader.readCount(limit: min(4096, reader.remaining / 9 + 1))
        var vector = VersionVector()
        for _ in 0..<count {
            let dot = try Dot.decode(from: &reader)
            vector[dot.member] = dot.counter
        }
        return vector
    }
}

extension HybridTimestamp: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 12 }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(wall.nanosecondsSince1970)
        writer.writeInteger(logical)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> HybridTimestamp {
        let wall = WallTime(nanosecondsSince1970: try reader.readInteger())
        return HybridTimestamp(wall: wall, logical: try reader.readInteger())
    }
}

extension Version: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .sequence(let epoch, let index):
            1 + ByteWriter.varintSize(epoch) + ByteWriter.varintSize(index)
        case .causal(let dot, let context, let timestamp):
            1 + dot.encodedSize + context.encodedSize + timestamp.encodedSize
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .sequence(let epoch, let index):
            writer.writeInteger(UInt8(1))
            writer.writeVarint(epoch)
            writer.writeVarint(index)
        case .causal(let dot, let context, let timestamp):
            writer.writeInteger(UInt8(2))
            dot.encode(into: &writer)
            context.encode(into: &writer)
            timestamp.encode(into: &writer)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Version {
        switch try reader.readInteger(UInt8.self) {
        case 1:
            let epoch = try reader.readVarint()
            return .sequence(epoch: epoch, index: try reader.readVarint())
        case 2:
            let dot = try Dot.decode(from: &reader)
            let context = try VersionVector.decode(from: &reader)
            return .causal(
                dot: dot, context: context, timestamp: try HybridTimestamp.decode(from: &reader))
        case let tag: throw MalformedBytes("version form \(tag) is unknown")
        }
    }
}

extension AppliedPosition: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .index(let index): 1 + ByteWriter.varintSize(index)
        case .vector(let vector): 1 + vector.encodedSize
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .index(let index):
            writer.writeInteger(UInt8(1))
            writer.writeVarint(index)
        case .vector(let vector):
            writer.writeInteger(UInt8(2))
            vector.encode(into: &writer)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> AppliedPosition {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .index(try reader.readVarint())
        case 2: return .vector(try VersionVector.decode(from: &reader))
        case let tag: throw MalformedBytes("position form \(tag) is unknown")
        }
    }
}
