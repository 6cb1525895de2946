/// A value of a history that is no collection, in 64 bits. Equal values of one ``History`` have
/// equal scalars and different ones different scalars, so that checkers compare numbers.
///
/// The two highest bits say what the others are: a text by its number, a client's token, a whole
/// number of 62 bits, or a wider one by its number in a table.
package struct Scalar: Hashable, Sendable {
    package let bits: UInt64

    private enum Tag {
        static let text: UInt64 = 0
        static let token: UInt64 = 1
        static let integer: UInt64 = 2
        static let wide: UInt64 = 3
    }

    private static let payloadBits: UInt64 = 62
    private static let payloadMask: UInt64 = 1 << payloadBits - 1
    private static let tokenBits: UInt64 = 31
    private static let integerMax: Int64 = 1 << 61 - 1

    /// The scalar with these bits.
    init(bits: UInt64) { self.bits = bits }

    /// No value: absence.
    package static let null = Scalar(bits: 0)
    /// Whether it is no value.
    package var isNull: Bool { bits == 0 }

    private init(_ tag: UInt64, _ payload: UInt64) {
        bits = tag << Self.payloadBits | payload & Self.payloadMask
    }

    /// A token of a client.
    init(_ token: ClientToken) {
        self.init(Tag.token, UInt64(token.client) << Self.tokenBits | UInt64(token.ordinal))
    }

    /// A whole number, if it has no more than 62 bits.
    init?(exactly number: Int64) {
        guard (-Self.integerMax...Self.integerMax).contains(number) else { return nil }
        self.init(Tag.integer, UInt64(bitPattern: number))
    }

    /// The text with this number in ``HistoryTables``; 0 is none.
    init(text number: UInt32) { self.init(Tag.text, UInt64(number)) }

    /// The whole number with this place in ``HistoryTables``.
    init(wide place: Int) { self.init(Tag.wide, UInt64(place)) }

    /// The whole number that it is, if it is one from 0 on.
    @inline(__always)
    package var smallInteger: Int? {
        guard bits >> (Self.payloadBits - 1) == Tag.integer << 1 else { return nil }
        return Int(truncatingIfNeeded: bits & Self.payloadMask)
    }

    /// What it stands for.
    enum Meaning {
        case null
        case text(UInt32)
        case token(ClientToken)
        case integer(Int64)
        case wide(Int)
    }

    var meaning: Meaning {
        let payload = bits & Self.payloadMask
        switch bits >> Self.payloadBits {
        case Tag.text: return payload == 0 ? .null : .text(UInt32(truncatingIfNeeded: payload))
        case Tag.token:
            return .token(
                ClientToken(
                    client: UInt32(truncatingIfNeeded: payload >> Self.tokenBits),
                    ordinal: UInt32(truncatingIfNeeded: payload & (1 << Self.tokenBits - 1))))
        case Tag.integer: return .integer(Int64(bitPattern: payload << 2) >> 2)
        case _: return .wide(Int(payload))
        }
    }
}
