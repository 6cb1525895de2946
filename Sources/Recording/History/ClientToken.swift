/// A token as clients write them, `c3.17`, as two numbers: the client's, and the token's own.
package struct ClientToken: Hashable, Sendable {
    let client: UInt32
    let ordinal: UInt32

    init(client: UInt32, ordinal: UInt32) {
        self.client = client
        self.ordinal = ordinal
    }

    /// The token that `text` is; `nil` if another text would say the same, or none.
    package init?(_ text: String) {
        var text = text
        guard let token = text.withUTF8({ Self(utf8: $0) }) else { return nil }
        self = token
    }

    /// The token whose text these bytes are.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 4, bytes[0] == UInt8(ascii: "c") else { return nil }
        var place = 1
        guard let client = Self.number(bytes, &place), place < bytes.count,
            bytes[place] == UInt8(ascii: ".")
        else { return nil }
        place += 1
        guard let ordinal = Self.number(bytes, &place), place == bytes.count else { return nil }
        self.init(client: client, ordinal: ordinal)
    }

    /// A number of at most nine digits, without zeros before it.
    private static func number(
        _ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int
    ) -> UInt32? {
        let start = place
        var number: UInt32 = 0
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit < 10 {
            guard place - start < 9 else { return nil }
            number = number * 10 + UInt32(digit)
            place += 1
        }
        guard place > start, place - start == 1 || bytes[start] != UInt8(ascii: "0") else {
            return nil
        }
        return number
    }

    /// The token as it is written.
    var text: String {
        String(unsafeUninitializedCapacity: 20) { buffer in
            buffer[0] = UInt8(ascii: "c")
            var count = 1
            Self.write(client, buffer, &count)
            buffer[count] = UInt8(ascii: ".")
            count += 1
            Self.write(ordinal, buffer, &count)
            return count
        }
    }

    private static func write(
        _ number: UInt32, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) {
        var divisor: UInt32 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer[count] = UInt8(ascii: "0") + UInt8(number / divisor % 10)
            count += 1
            divisor /= 10
        }
    }
}
