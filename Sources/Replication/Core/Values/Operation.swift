import Determinism

/// What a client asks of one key.
public enum Operation: Hashable, Sendable {
    /// Returns the value.
    case read
    /// Replaces a register's value.
    case write([UInt8])
    /// Removes the key.
    case delete
    /// Replaces a register's value if it is `expected` (`nil`: absent); otherwise a definite
    /// mismatch, which carries the actual value.
    case compareAndSet(expected: [UInt8]?, new: [UInt8])
    /// Adds an element at the end of a list, which is created if absent.
    case append([UInt8])
    /// Adds to a counter, which counts from 0 if absent.
    case increment(Int64)

    /// The operation without its arguments.
    public var kind: OperationKind {
        switch self {
        case .read: .read
        case .write: .write
        case .delete: .delete
        case .compareAndSet: .cas
        case .append: .append
        case .increment: .increment
        }
    }
}

/// The name of an operation, as scenario files and histories write it.
public enum OperationKind: String, CaseIterable, Hashable, Sendable, Codable {
    case read, write, delete, cas, append, increment

    /// Whether the operation can change the state.
    public var isUpdate: Bool { self != .read }
}

extension Operation: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .read, .delete: 1
        case .write(let bytes), .append(let bytes): 1 + ByteWriter.bytesSize(bytes.count)
        case .compareAndSet(let expected, let new):
            2 + (expected.map { ByteWriter.bytesSize($0.count) } ?? 0)
                + ByteWriter.bytesSize(new.count)
        case .increment: 9
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .read: writer.writeInteger(UInt8(1))
        case .write(let bytes):
            writer.writeInteger(UInt8(2))
            writer.writeBytes(bytes)
        case .delete: writer.writeInteger(UInt8(3))
        case .compareAndSet(let expected, let new):
            writer.writeInteger(UInt8(4))
            writer.writeBool(expected != nil)
            if let expected { writer.writeBytes(expected) }
            writer.writeBytes(new)
        case .append(let bytes):
            writer.writeInteger(UInt8(5))
            writer.writeBytes(bytes)
        case .increment(let amount):
            writer.writeInteger(UInt8(6))
            writer.writeInteger(amount)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Operation {
        let limit = Limits.valueBytesMax
        switch try reader.readInteger(UInt8.self) {
        case 1: return .read
        case 2: return .write(try reader.readBytes(limit: limit))
        case 3: return .delete
        case 4:
            let expected = try reader.readBool() ? try reader.readBytes(limit: limit) : nil
            return .compareAndSet(expected: expected, new: try reader.readBytes(limit: limit))
        case 5: return .append(try reader.readBytes(limit: limit))
        case 6: return .increment(try reader.readInteger())
        case let tag: throw MalformedBytes("operation \(tag) is unknown")
        }
    }
}
