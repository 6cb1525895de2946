import Determinism
import Replication

/// An auction as a list of bids, of which the highest of each bidder stays. A bid is written as
/// `bidder:amount`, and a read shows the winner's.
struct HighestBids: MergeableValue {
    /// The highest bid of each bidder.
    private var bids: [[UInt8]: UInt64] = [:]

    static let merging = MergeDescription(
        name: "highest-bids", valueType: .register, operations: [.read, .write],
        help: "The highest bid of each bidder stays, and a read shows the highest of all.")

    init() {}

    mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        guard case .write(let bytes) = operation,
            let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let amount = UInt64(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        else { return }
        take(Array(bytes[..<colon]), amount)
    }

    mutating func merge(_ other: HighestBids) {
        for (bidder, amount) in other.bids { take(bidder, amount) }
    }

    private mutating func take(_ bidder: [UInt8], _ amount: UInt64) {
        bids[bidder] = max(bids[bidder] ?? 0, amount)
    }

    /// In order of name, so that the order of the dictionary never shows.
    private var sorted: [(bidder: [UInt8], amount: UInt64)] {
        bids.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (bidder: $0.key, amount: $0.value) }
    }

    var value: Value? {
        sorted.max { $0.amount < $1.amount }
            .map { .bytes($0.bidder + [UInt8(ascii: ":")] + Array("\($0.amount)".utf8)) }
    }

    var encodedSize: Int {
        bids.reduce(ByteWriter.varintSize(UInt64(bids.count))) {
            $0 + ByteWriter.bytesSize($1.key.count) + ByteWriter.varintSize($1.value)
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(bids.count))
        for (bidder, amount) in sorted {
            writer.writeBytes(bidder)
            writer.writeVarint(amount)
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> HighestBids {
        var result = HighestBids()
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 2)) {
            let bidder = try reader.readBytes(limit: Limits.valueBytesMax)
            let amount = try reader.readVarint()
            guard result.bids.updateValue(amount, forKey: bidder) == nil else {
                throw MalformedBytes("a bidder twice")
            }
        }
        return result
    }
}
