/// Appends numbers and byte strings to a growing array, big-endian.
///
/// What it writes, ``ByteReader`` reads back; each `write` has its `read` of the same name.
public struct ByteWriter: Sendable {
    /// Everything written so far.
    public var bytes: [UInt8]

    /// An empty writer with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends a fixed-width integer, most significant byte first.
    @inlinable
    public mutating func writeInteger<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends an unsigned number in 1 to 10 bytes, 7 bits each, least significant first
    /// (LEB128).
    @inlinable
    public mutating func writeVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends `true` as 1, `false` as 0.
    @inlinable
    public mutating func writeBool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Appends the length as a varint, then the bytes.
    @inlinable
    public mutating func writeBytes(_ value: [UInt8]) {
        writeVarint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Appends the length in UTF-8 as a varint, then the UTF-8.
    @inlinable
    public mutating func writeString(_ value: String) {
        let utf8 = value.utf8
        writeVarint(UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// Appends bytes without a length.
    @inlinable
    public mutating func writeRaw(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// How many bytes ``writeVarint(_:)`` takes for `number`.
    @inlinable
    public static func varintSize(_ number: UInt64) -> Int {
        number == 0 ? 1 : (70 - number.leadingZeroBitCount) / 7
    }

    /// How many bytes ``writeBytes(_:)`` takes for a string of `count` bytes.
    @inlinable
    public static func bytesSize(_ count: Int) -> Int { varintSize(UInt64(count)) + count }
}
