/// Bytes that do not have the form they should have. The input is at fault, not the reader.
public struct MalformedBytes: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong, for a log: "expected 8 bytes, 3 left".
    public var description: String
    /// An error with this explanation.
    public init(_ description: String) { self.description = description }
}

/// Takes numbers and byte strings from the front of an array, checking every length.
///
/// Nothing is allocated for a length that the remaining bytes cannot hold.
public struct ByteReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var position: Int
    @usableFromInline let end: Int

    /// A reader at the front of `bytes`.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// How many bytes are left.
    @inlinable
    public var remaining: Int { end - position }
    /// Whether every byte was read.
    @inlinable
    public var isAtEnd: Bool { position == end }

    @inlinable
    mutating func take(_ count: Int) throws(MalformedBytes) -> Int {
        guard count >= 0, count <= end - position else { throw shortage(count) }
        defer { position += count }
        return position
    }

    @usableFromInline
    func shortage(_ count: Int) -> MalformedBytes {
        MalformedBytes("expected \(count) bytes at \(position), \(end - position) left")
    }

    /// Takes a fixed-width integer, most significant byte first.
    @inlinable
    public mutating func readInteger<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(MalformedBytes) -> Number {
        let start = try take(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes { buffer in
            Number(bigEndian: buffer.loadUnaligned(fromByteOffset: start, as: Number.self))
        }
    }

    /// Takes a LEB128 number of at most 64 bits.
    @inlinable
    public mutating func readVarint() throws(MalformedBytes) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[try take(1)]
            if shift == 63, byte > 1 { throw MalformedBytes("a varint above 64 bits") }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    /// Takes a varint that must not exceed `limit`, as a count.
    @inlinable
    public mutating func readCount(limit: Int) throws(MalformedBytes) -> Int {
        let count = try readVarint()
        guard count <= UInt64(limit) else {
            throw MalformedBytes("a count of \(count), at most \(limit) allowed")
        }
        return Int(count)
    }

    /// Takes 0 as `false`, 1 as `true`; anything else is malformed.
    @inlinable
    public mutating func readBool() throws(MalformedBytes) -> Bool {
        switch bytes[try take(1)] {
        case 0: return false
        case 1: return true
        case let other: throw MalformedBytes("\(other) is neither 0 nor 1")
        }
    }

    /// Takes a length and that many bytes, at most `limit`.
    @inlinable
    public mutating func readBytes(limit: Int = Int.max) throws(MalformedBytes) -> [UInt8] {
        let count = try readCount(limit: min(limit, remaining))
        let start = try take(count)
        return Array(bytes[start..<start + count])
    }

    /// Takes exactly `count` bytes.
    @inlinable
    public mutating func readRaw(_ count: Int) throws(MalformedBytes) -> [UInt8] {
        let start = try take(count)
        return Array(bytes[start..<start + count])
    }

    /// Takes a length and that many bytes of UTF-8, at most `limit`.
    public mutating func readString(limit: Int = 65_536) throws(MalformedBytes) -> String {
        let utf8 = try readBytes(limit: limit)
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw MalformedBytes("text that is not UTF-8")
        }
        return text
    }
}
