import Determinism

/// What kind of value a data type stores; decides which operations it supports.
public enum ValueType: String, CaseIterable, Hashable, Sendable, Codable {
    /// A byte string that writes replace.
    case register
    /// A number that increments change.
    case counter
    /// A list of byte strings that appends extend.
    case list
    /// A set of byte strings.
    case set
    /// Byte strings by field.
    case map
}

/// A stored value. Absence is not a value: a key that was never written or was deleted has none.
public enum Value: Hashable, Sendable {
    /// A register's content.
    case bytes([UInt8])
    /// A counter's reading.
    case integer(Int64)
    /// A list's elements, oldest first.
    case list([[UInt8]])
    /// A set's elements, each once and in order.
    case set([[UInt8]])
    /// A map's fields, each once and in order.
    case map([MapField])

    /// How many elements or fields it has: 1 for what has none.
    var elementCount: Int {
        switch self {
        case .bytes, .integer: 1
        case .list(let elements), .set(let elements): elements.count
        case .map(let fields): fields.count
        }
    }

    /// The type of which this is a value.
    public var type: ValueType {
        switch self {
        case .bytes: .register
        case .integer: .counter
        case .list: .list
        case .set: .set
        case .map: .map
        }
    }
}

/// A field of a map with its content.
public struct MapField: Hashable, Sendable {
    /// The field's name.
    public var field: [UInt8]
    /// What it holds.
    public var content: [UInt8]

    /// The field `field` with this content.
    public init(_ field: [UInt8], _ content: [UInt8]) {
        self.field = field
        self.content = content
    }

    /// Both as one byte string, as histories write them: `field=content`.
    public var joined: [UInt8] { field + [UInt8(ascii: "=")] + content }
}

extension Value: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .bytes(let bytes): 1 + ByteWriter.bytesSize(bytes.count)
        case .integer: 9
        case .list(let elements), .set(let elements):
            elements.reduce(1 + ByteWriter.varintSize(UInt64(elements.count))) {
                $0 + ByteWriter.bytesSize($1.count)
            }
        case .map(let fields):
            fields.reduce(1 + ByteWriter.varintSize(UInt64(fields.count))) {
                $0 + ByteWriter.bytesSize($1.field.count) + ByteWriter.bytesSize($1.content.count)
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
        case .set(let elements):
            writer.writeInteger(UInt8(4))
            writer.writeVarint(UInt64(elements.count))
            for element in elements { writer.writeBytes(element) }
        case .map(let fields):
            writer.writeInteger(UInt8(5))
            writer.writeVarint(UInt64(fields.count))
            for field in fields {
                writer.writeBytes(field.field)
                writer.writeBytes(field.content)
            }
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Value {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .bytes(try reader.readBytes(limit: Limits.valueBytesMax))
        case 2: return .integer(try reader.readInteger())
        case 3: return .list(try elements(from: &reader))
        case 4: return .set(try elements(from: &reader))
        case 5:
            var fields: [MapField] = []
            for _ in 0..<(try reader.readCount(limit: Limits.listElementsMax)) {
                let field = try reader.readBytes(limit: Limits.keyBytesMax)
                fields.append(
                    MapField(field, try reader.readBytes(limit: Limits.valueBytesMax)))
            }
            return .map(fields)
        case let tag: throw MalformedBytes("value type \(tag) is unknown")
        }
    }

    private static func elements(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> [[UInt8]] {
        let count = try reader.readCount(limit: Limits.listElementsMax)
        var elements: [[UInt8]] = []
        for _ in 0..<count { elements.append(try reader.readBytes(limit: Limits.valueBytesMax)) }
        return elements
    }
}
