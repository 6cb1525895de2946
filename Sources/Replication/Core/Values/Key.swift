import Determinism

/// The name that a value is stored under: up to 1 KiB, hashed once when it is made.
public struct Key: Hashable, Comparable, Sendable {
    /// The key's bytes, at most ``Limits/keyBytesMax``.
    public let bytes: [UInt8]
    /// A hash that is the same in every process: places the key in hash trees and tables.
    public let stableHash: UInt64

    /// The key with these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        stableHash = Determinism.stableHash(of: bytes)
    }

    /// The key with this text in UTF-8.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// The key as text; bytes that are not UTF-8 show as replacement characters.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether both are the same.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool {
        left.stableHash == right.stableHash && left.bytes == right.bytes
    }

    /// Feeds the hash that was computed when the value was made.
    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(stableHash) }

    /// Whether `left` comes before `right`.
    public static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Key: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { ByteWriter.bytesSize(bytes.count) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) { writer.writeBytes(bytes) }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Key {
        Key(try reader.readBytes(limit: Limits.keyBytesMax))
    }
}
