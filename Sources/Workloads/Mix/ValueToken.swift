import Replication

/// What clients write: a short token, unique over the run, padded on the wire.
///
/// A token is `c`, the client's number, a dot, and the number of the write within its client:
/// `c3.17`. On the wire it is followed by a byte 0 and as many zero bytes as the workload's value
/// size asks for; a token contains no byte 0, so that everything from the first one on is
/// padding. A value whose size leaves no room for padding is the bare token; tokens are never
/// cut. Histories hold bare tokens.
package enum ValueToken {
    /// The token of the `ordinal`-th write of `client`.
    package static func make(client: ClientID, ordinal: UInt64) -> [UInt8] {
        var token: [UInt8] = []
        token.reserveCapacity(16)
        token.append(UInt8(ascii: "c"))
        append(client.rawValue, to: &token)
        token.append(UInt8(ascii: "."))
        append(ordinal, to: &token)
        return token
    }

    /// The token as it goes over the wire, `size` bytes long if the token is shorter.
    package static func padded(_ token: [UInt8], to size: Int) -> [UInt8] {
        if token.count >= size { return token }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            _ = buffer.initialize(from: token)
            buffer[token.count...].initialize(repeating: 0)
            count = size
        }
    }

    /// The token that `wire` carries.
    package static func stripped(_ wire: [UInt8]) -> [UInt8] {
        guard let end = wire.firstIndex(of: 0) else { return wire }
        return Array(wire[..<end])
    }

    /// The value with the padding of all its tokens removed.
    package static func stripped(_ value: Value) -> Value {
        switch value {
        case .bytes(let bytes): .bytes(stripped(bytes))
        case .integer: value
        case .list(let elements): .list(elements.map(stripped))
        case .set(let elements): .set(elements.map(stripped))
        case .map(let fields): .map(fields.map { MapField($0.field, stripped($0.content)) })
        }
    }

    /// The outcome with the padding of all its tokens removed.
    package static func stripped(_ outcome: ClientReply.Outcome) -> ClientReply.Outcome {
        switch outcome {
        case .values(let values): .values(values.map(stripped))
        case .done(let value): .done(value.map(stripped))
        case .transaction(let reads): .transaction(reads: reads.map { $0.map(stripped) })
        case .mismatch(let actual): .mismatch(actual: actual.map(stripped))
        case .sessionOpened, .called, .failed: outcome
        }
    }

    private static func append(_ number: UInt64, to token: inout [UInt8]) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            token.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
