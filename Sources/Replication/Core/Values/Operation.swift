import Determinism

/// What a client asks of one key, or, as a transaction, of several.
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
    /// Adds an element to a set.
    case add([UInt8])
    /// Removes an element from a set, or a field from a map.
    case remove([UInt8])
    /// Puts a field's content into a map.
    case put(field: [UInt8], content: [UInt8])
    /// Reads and changes several keys at once: the steps take effect in their order and all or
    /// none, nothing else comes between them, and a read sees the steps before it. Steps write to
    /// registers or append to lists, as the group has them.
    case transaction([MicroOperation])
    /// A request of a service, which no group can be asked.
    indirect case call(ServiceCall)

    /// The operation without its arguments.
    public var kind: OperationKind {
        switch self {
        case .read: .read
        case .write: .write
        case .delete: .delete
        case .compareAndSet: .cas
        case .append: .append
        case .increment: .increment
        case .add, .put: .add
        case .remove: .remove
        case .transaction: .txn
        case .call(let call): call.kind
        }
    }

    /// Whether it can change the state: a transaction of reads alone cannot.
    public var isUpdate: Bool {
        switch self {
        case .read: false
        case .write, .delete, .compareAndSet, .append, .increment, .add, .remove, .put: true
        case .transaction(let steps): steps.contains { !$0.isRead }
        case .call(let call): call.kind.isUpdate
        }
    }
}

/// The name of an operation, as scenario files and histories write it.
public enum OperationKind: String, CaseIterable, Hashable, Sendable, Codable {
    case read, write, delete, cas, append, increment, add, remove, txn
    /// Requests of the sessions.
    case login, validate, refresh, logout
    case listSessions = "list-sessions"
    case endSessions = "end-sessions"

    /// Whether an operation of the kind can change the state; see ``Operation/isUpdate``.
    public var isUpdate: Bool {
        switch self {
        case .read, .validate, .listSessions: false
        case .write, .delete, .cas, .append, .increment, .add, .remove, .txn, .login, .refresh,
            .logout, .endSessions:
            true
        }
    }

    /// The service whose request it is; `nil`: it works on keys.
    public var service: ServiceID? {
        switch self {
        case .read, .write, .delete, .cas, .append, .increment, .add, .remove, .txn: nil
        case .login, .validate, .refresh, .logout, .listSessions, .endSessions: .sessions
        }
    }

    /// The kinds that work on keys, in order.
    public static var ofKeys: [OperationKind] { allCases.filter { $0.service == nil } }
}

extension Operation: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch self {
        case .read, .delete: 1
        case .write(let bytes), .append(let bytes), .add(let bytes), .remove(let bytes):
            1 + ByteWriter.bytesSize(bytes.count)
        case .put(let field, let content):
            1 + ByteWriter.bytesSize(field.count) + ByteWriter.bytesSize(content.count)
        case .compareAndSet(let expected, let new):
            2 + (expected.map { ByteWriter.bytesSize($0.count) } ?? 0)
                + ByteWriter.bytesSize(new.count)
        case .increment: 9
        case .transaction(let steps):
            steps.reduce(1 + ByteWriter.varintSize(UInt64(steps.count))) { $0 + $1.encodedSize }
        case .call(let call): 1 + call.encodedSize
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
        case .transaction(let steps):
            writer.writeInteger(UInt8(7))
            writer.writeVarint(UInt64(steps.count))
            for step in steps { step.encode(into: &writer) }
        case .add(let bytes):
            writer.writeInteger(UInt8(8))
            writer.writeBytes(bytes)
        case .remove(let bytes):
            writer.writeInteger(UInt8(9))
            writer.writeBytes(bytes)
        case .put(let field, let content):
            writer.writeInteger(UInt8(10))
            writer.writeBytes(field)
            writer.writeBytes(content)
        case .call(let call):
            writer.writeInteger(UInt8(11))
            call.encode(into: &writer)
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
        case 7: return .transaction(try decodeSteps(from: &reader))
        case 8: return .add(try reader.readBytes(limit: limit))
        case 9: return .remove(try reader.readBytes(limit: limit))
        case 10:
            let field = try reader.readBytes(limit: Limits.keyBytesMax)
            return .put(field: field, content: try reader.readBytes(limit: limit))
        case 11: return .call(try ServiceCall.decode(from: &reader))
        case let tag: throw MalformedBytes("operation \(tag) is unknown")
        }
    }
}
