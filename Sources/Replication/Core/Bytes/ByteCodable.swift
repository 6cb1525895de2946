/// A value with one encoding in bytes, whose size is known without encoding it.
///
/// `decode` reads back what `encode` wrote and leaves the reader after it; fields may be appended
/// at the end of a message in later versions, so a reader of a whole message ignores what is
/// left over.
public protocol ByteCodable: Sendable {
    /// How many bytes ``encode(into:)`` will append.
    var encodedSize: Int { get }
    /// Appends the encoding.
    func encode(into writer: inout ByteWriter)
    /// Takes a value from the front of `reader`.
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Self
}

extension ByteCodable {
    /// The encoding as an array of its own.
    public var encoded: [UInt8] {
        var writer = ByteWriter(capacity: encodedSize)
        encode(into: &writer)
        return writer.bytes
    }

    /// The value that `bytes` open with.
    public static func decoded(_ bytes: [UInt8]) throws(MalformedBytes) -> Self {
        var reader = ByteReader(bytes)
        return try decode(from: &reader)
    }
}

extension MemberID: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 8 }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) { writer.writeInteger(packed) }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> MemberID {
        MemberID(packed: try reader.readInteger())
    }
}
