import Determinism

/// A register of which the greatest or the least value that was ever written stays.
///
/// Values compare as byte strings: the first byte that differs decides, and what another one opens
/// with is less.
public struct ExtremeRegister<Order: ExtremeOrder>: MergeableValue {
    /// The value that stays; `nil`: none was written.
    public private(set) var content: [UInt8]?

    /// Nothing was written.
    public init() {}

    /// The rule of this order.
    public static var merging: MergeDescription { Order.merging }

    /// Writes a value.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        if case .write(let bytes) = operation { take(bytes) }
    }

    /// Keeps that value of the two which the order prefers.
    public mutating func merge(_ other: Self) {
        if let theirs = other.content { take(theirs) }
    }

    /// The value that stays.
    public var value: Value? { content.map { .bytes($0) } }

    private mutating func take(_ bytes: [UInt8]) {
        if content.map({ Order.prefers(bytes, to: $0) }) ?? true { content = bytes }
    }
}

/// Which of two values an ``ExtremeRegister`` keeps.
public protocol ExtremeOrder: SendableMetatype {
    /// What the register's rule says of itself.
    static var merging: MergeDescription { get }
    /// Whether `new` takes the place of `held`. Must be a strict total order.
    static func prefers(_ new: [UInt8], to held: [UInt8]) -> Bool
}

/// Prefers what is greater.
public enum GreatestFirst: ExtremeOrder {
    /// The rule `max`.
    public static let merging = MergeDescription(
        name: "max", valueType: .register, operations: [.read, .write],
        help: "The greatest value ever written stays, by byte order.")
    /// Whether `new` is greater.
    public static func prefers(_ new: [UInt8], to held: [UInt8]) -> Bool {
        held.lexicographicallyPrecedes(new)
    }
}

/// Prefers what is less.
public enum LeastFirst: ExtremeOrder {
    /// The rule `min`.
    public static let merging = MergeDescription(
        name: "min", valueType: .register, operations: [.read, .write],
        help: "The least value ever written stays, by byte order.")
    /// Whether `new` is less.
    public static func prefers(_ new: [UInt8], to held: [UInt8]) -> Bool {
        new.lexicographicallyPrecedes(held)
    }
}

/// A register of which the greatest value stays.
public typealias MaximumRegister = ExtremeRegister<GreatestFirst>
/// A register of which the least value stays.
public typealias MinimumRegister = ExtremeRegister<LeastFirst>

extension ExtremeRegister {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 1 + (content.map { ByteWriter.bytesSize($0.count) } ?? 0) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeBool(content != nil)
        if let content { writer.writeBytes(content) }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Self {
        var result = Self()
        if try reader.readBool() {
            result.content = try reader.readBytes(limit: Limits.valueBytesMax)
        }
        return result
    }
}

/// A register of which the value that was written last stays, by hybrid time and, among equals, by
/// dot (Thomas's write rule, as a state that merges).
public struct LastWriterRegister: MergeableValue {
    private struct Write: Hashable, Sendable {
        var timestamp: HybridTimestamp
        var dot: Dot
        /// `nil`: a delete.
        var content: [UInt8]?

        func isLater(than other: Write) -> Bool {
            if (timestamp, dot) != (other.timestamp, other.dot) {
                return (timestamp, dot) > (other.timestamp, other.dot)
            }
            // One name for two writes, after a disk that lied: still the same everywhere.
            return (other.content ?? []).lexicographicallyPrecedes(content ?? [])
        }
    }

    private var last: Write?

    /// Nothing was written.
    public init() {}

    /// The rule `last-writer`.
    public static let merging = MergeDescription(
        name: "last-writer", valueType: .register, operations: [.read, .write, .delete],
        help: "The value written last stays, by hybrid time.")

    /// Writes a value or deletes it.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        let content: [UInt8]?
        switch operation {
        case .write(let bytes): content = bytes
        case .delete: content = nil
        default: return
        }
        take(Write(timestamp: update.timestamp, dot: update.dot, content: content))
    }

    /// Keeps the later write.
    public mutating func merge(_ other: Self) {
        if let theirs = other.last { take(theirs) }
    }

    /// What the last write wrote.
    public var value: Value? { last?.content.map { .bytes($0) } }

    private mutating func take(_ write: Write) {
        if last.map({ write.isLater(than: $0) }) ?? true { last = write }
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        guard let last else { return 1 }
        return 2 + last.timestamp.encodedSize + last.dot.encodedSize
            + (last.content.map { ByteWriter.bytesSize($0.count) } ?? 0)
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeBool(last != nil)
        guard let last else { return }
        last.timestamp.encode(into: &writer)
        last.dot.encode(into: &writer)
        writer.writeBool(last.content != nil)
        if let content = last.content { writer.writeBytes(content) }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Self {
        var result = Self()
        guard try reader.readBool() else { return result }
        let timestamp = try CausalCoding.decodeTimestamp(from: &reader)
        let dot = try CausalCoding.decodeDot(from: &reader)
        let content =
            try reader.readBool() ? try reader.readBytes(limit: Limits.valueBytesMax) : nil
        result.last = Write(timestamp: timestamp, dot: dot, content: content)
        return result
    }
}
