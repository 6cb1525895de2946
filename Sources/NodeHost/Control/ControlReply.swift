import Determinism
import RegionCore
import Replication

/// What a node answers to a ``ControlRequest``.
package enum ControlReply: Sendable {
    /// It was done.
    case done
    /// How the node is.
    case status(NodeStatus)
    /// A page of a group's final state.
    case finalState(FinalStatePage)
    /// What came of an operator's command.
    case administered(ClientReply)
    /// It was not done; a sentence that says why.
    case failed(String)
}

/// Some entries of a group's final state, in order of their keys.
package struct FinalStatePage: Sendable, Hashable {
    /// The number of the first entry, from 0.
    package var from: UInt64
    /// How many entries there are altogether.
    package var total: UInt64
    /// The entries of this page.
    package var entries: [FinalEntry]

    /// A page with these parts.
    package init(from: UInt64, total: UInt64, entries: [FinalEntry]) {
        self.from = from
        self.total = total
        self.entries = entries
    }

    /// The number of the first entry of the next page; `nil` if this is the last.
    package var next: UInt64? {
        let end = from + UInt64(entries.count)
        return end < total && !entries.isEmpty ? end : nil
    }

    /// A page ends with the entry that brings it to this size, in bytes.
    static let bytesMax = Limits.mebibyte
}

extension ControlReply: ByteCodable {
    package var encodedSize: Int {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes.count
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .done: writer.writeInteger(UInt8(1))
        case .status(let status):
            writer.writeInteger(UInt8(2))
            status.encode(into: &writer)
        case .finalState(let page):
            writer.writeInteger(UInt8(3))
            writer.writeVarint(page.from)
            writer.writeVarint(page.total)
            writer.writeVarint(UInt64(page.entries.count))
            for entry in page.entries {
                entry.key.encode(into: &writer)
                let values = entry.values
                writer.writeVarint(UInt64(values.count))
                for (value, version) in values {
                    writer.writeBool(value != nil)
                    value?.encode(into: &writer)
                    version.encode(into: &writer)
                }
            }
        case .administered(let reply):
            writer.writeInteger(UInt8(4))
            reply.encode(into: &writer)
        case .failed(let explanation):
            writer.writeInteger(UInt8(5))
            writer.writeString(explanation)
        }
    }

    package static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ControlReply {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .done
        case 2: return .status(try NodeStatus.decode(from: &reader))
        case 3:
            let from = try reader.readVarint()
            let total = try reader.readVarint()
            guard from <= total, total < 1 << 48 else {
                throw MalformedBytes("page \(from) of \(total)")
            }
            var entries: [FinalEntry] = []
            for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
                let key = try Key.decode(from: &reader)
                var values: [(value: Value?, version: Version)] = []
                for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
                    let value = try reader.readBool() ? try Value.decode(from: &reader) : nil
                    values.append((value, try Version.decode(from: &reader)))
                }
                entries.append(FinalEntry(key: key, values: values))
            }
            return .finalState(FinalStatePage(from: from, total: total, entries: entries))
        case 4: return .administered(try ClientReply.decode(from: &reader))
        case 5: return .failed(try reader.readString())
        case let tag: throw MalformedBytes("control reply \(tag) is unknown")
        }
    }
}
