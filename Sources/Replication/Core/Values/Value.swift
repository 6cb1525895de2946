import Determinism

/// What kind of value a data type stores; decides which operations it supports.
public enum ValueType: String, CaseIterable, Hashable, Sendable, Codable {
    /// A byte string that writes replace.
    case register
    /// A number that increments change.
    case counter
    /// A list of byte strings that appends extend.
    case list
}

/// A stored value. Absence is not a value: a key that was never written or was deleted has none.
public enum Value: Hashable, Sendable {
    /// A register's content.
    case bytes([UInt8])
    /// A counter's reading.
    case integer(Int64)
    /// A list's elements, oldest first.
    case list([[UInt8]])

    /// The type of which this is a value.
    public var type: ValueType {
        switch self {
        case .bytes: .register
        case .integer: .counter
        case .list: .list
        }
    }
}

extension Value: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .bytes(let bytes): 1 + ByteWriter.bytesSize(bytes.count)
        case .integer: 9
        case .list(let elements):
            elements.reduce(1 + ByteWriter.varintSize(UInt64(elements.count))) {
                $0 + ByteWriter.bytesSize($1.count)
            }
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .bytes(let bytes):
            writer.writeInteger(UInt8(1))
            writer.writeBytes(bytes)
        case .integer(let number):
            writer.writeInteger(UInt8(2))
            writer.writeInteger(number)
        case .list(let elements):
            writer.writeInteger(UInt8(3))
            writer.writeVarint(UInt64(elements.count))
            for element in elements { writer.writeBytes(element) }
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Value {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .bytes(try reader.readBytes(limit: Limits.valueBytesMax))
        case 2: return .integer(try reader.readInteger())
        case 3:
            let count = try reader.readCount(limit: Limits.listElementsMax)
            var elements: [[UInt8]] = []
            for _ in 0..<count {
                elements.append(try reader.readBytes(limit: Limits.valueBytesMax))
            }
            return .list(elements)
        case let tag: throw MalformedBytes("value type \(tag) is unknown")
        }
    }
}
