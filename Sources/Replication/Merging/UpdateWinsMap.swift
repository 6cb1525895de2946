import Determinism

/// A map of registers by field. A field that one member updates while another removes it stays,
/// and of concurrent updates the last writer's shows.
public struct UpdateWinsMap: MergeableValue {
    /// A field's content and when it was written.
    private struct Written: ObservedContent {
        var timestamp: HybridTimestamp
        var bytes: [UInt8]

        var encodedSize: Int { timestamp.encodedSize + ByteWriter.bytesSize(bytes.count) }
        func encode(into writer: inout ByteWriter) {
            timestamp.encode(into: &writer)
            writer.writeBytes(bytes)
        }
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Written {
            let timestamp = try CausalCoding.decodeTimestamp(from: &reader)
            return Written(
                timestamp: timestamp, bytes: try reader.readBytes(limit: Limits.valueBytesMax))
        }
        func isPreferred(to other: Written) -> Bool {
            timestamp != other.timestamp
                ? timestamp > other.timestamp : other.bytes.lexicographicallyPrecedes(bytes)
        }
    }

    private var table = ObservedRemoveTable<Written>()

    /// The empty map.
    public init() {}

    /// The rule `update-wins`.
    public static let merging = MergeDescription(
        name: "update-wins", valueType: .map, operations: [.read, .add, .remove, .delete],
        help: "A field updated while it is removed elsewhere stays; the last writer's shows.")

    /// Puts a field, removes one, or, as a delete, removes all.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        switch operation {
        case .put(let field, let content):
            table.put(
                Written(timestamp: update.timestamp, bytes: content), at: field, update.dot)
        case .remove(let field): table.remove(field, update.dot)
        case .delete: table.removeAll(update.dot)
        default: break
        }
    }

    /// Keeps the updates that both hold, and those that one holds and the other has not heard of.
    public mutating func merge(_ other: UpdateWinsMap) { table.merge(other.table) }

    /// The fields in order, each with what the last of its updates wrote.
    public var value: Value? {
        guard table.context != VersionVector() else { return nil }
        return .map(
            table.rows.compactMap { row in
                let last = row.puts.max {
                    ($0.content.timestamp, $0.dot) < ($1.content.timestamp, $1.dot)
                }
                return last.map { MapField(row.name, $0.content.bytes) }
            })
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { table.encodedSize }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) { table.encode(into: &writer) }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> UpdateWinsMap {
        var result = UpdateWinsMap()
        result.table = try ObservedRemoveTable.decode(from: &reader)
        return result
    }
}
