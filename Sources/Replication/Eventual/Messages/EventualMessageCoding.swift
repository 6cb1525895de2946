import Determinism

extension EventualMessage {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch body {
        case .hello(let hello): 11 + ByteWriter.varintSize(hello.knownOfReceiver)
        case .members(let members): 1 + members.encodedSize
        case .writes(let writes):
            1 + writes.range.encodedSize + KeyedEntry.encodedSize(writes.entries)
        case .writesAck(let ack):
            1 + ack.range.encodedSize + ByteWriter.varintSize(ack.knownOfReceiver)
        case .compare(let request): 1 + request.encodedSize
        case .compareReply(let reply): 1 + reply.encodedSize
        case .repair(let request): 1 + request.encodedSize
        case .repairReply(let reply): 1 + reply.encodedSize
        case .finished(let exchange, let known):
            1 + ByteWriter.varintSize(exchange) + known.encodedSize
        case .get(let request):
            1 + ByteWriter.varintSize(request.number) + request.key.encodedSize
        case .getReply(let reply):
            2 + ByteWriter.varintSize(reply.number) + (reply.entry?.encodedSize ?? 0)
        case .put(let request):
            1 + ByteWriter.varintSize(request.number) + request.keyed.encodedSize
        case .putReply(let number): 1 + ByteWriter.varintSize(number)
        }
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        switch body {
        case .hello(let hello):
            writer.writeInteger(UInt8(1))
            writer.writeBool(hello.isReply)
            writer.writeBool(hello.isIncomplete)
            writer.writeVarint(hello.knownOfReceiver)
            writer.writeInteger(hello.membership)
        case .members(let members):
            writer.writeInteger(UInt8(2))
            members.encode(into: &writer)
        case .writes(let writes):
            writer.writeInteger(UInt8(3))
            writes.range.encode(into: &writer)
            KeyedEntry.encode(writes.entries, into: &writer)
        case .writesAck(let ack):
            writer.writeInteger(UInt8(4))
            ack.range.encode(into: &writer)
            writer.writeVarint(ack.knownOfReceiver)
        case .compare(let request):
            writer.writeInteger(UInt8(5))
            request.encode(into: &writer)
        case .compareReply(let reply):
            writer.writeInteger(UInt8(6))
            reply.encode(into: &writer)
        case .repair(let request):
            writer.writeInteger(UInt8(7))
            request.encode(into: &writer)
        case .repairReply(let reply):
            writer.writeInteger(UInt8(8))
            reply.encode(into: &writer)
        case .finished(let exchange, let known):
            writer.writeInteger(UInt8(9))
            writer.writeVarint(exchange)
            known.encode(into: &writer)
        case .get(let request):
            writer.writeInteger(UInt8(10))
            writer.writeVarint(request.number)
            request.key.encode(into: &writer)
        case .getReply(let reply):
            writer.writeInteger(UInt8(11))
            writer.writeVarint(reply.number)
            writer.writeBool(reply.entry != nil)
            reply.entry?.encode(into: &writer)
        case .put(let request):
            writer.writeInteger(UInt8(12))
            writer.writeVarint(request.number)
            request.keyed.encode(into: &writer)
        case .putReply(let number):
            writer.writeInteger(UInt8(13))
            writer.writeVarint(number)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> EventualMessage {
        switch try reader.readInteger(UInt8.self) {
        case 1:
            let isReply = try reader.readBool()
            let isIncomplete = try reader.readBool()
            let known = try reader.readVarint()
            return EventualMessage(
                .hello(
                    PeerHello(
                        isReply: isReply, isIncomplete: isIncomplete, knownOfReceiver: known,
                        membership: try reader.readInteger())))
        case 2: return EventualMessage(.members(try GroupMembers.decode(from: &reader)))
        case 3:
            let range = try ClosedRange<UInt64>.decode(from: &reader)
            let entries = try KeyedEntry.decodeList(from: &reader)
            return EventualMessage(.writes(ReplicatedWrites(range: range, entries: entries)))
        case 4:
            let range = try ClosedRange<UInt64>.decode(from: &reader)
            return EventualMessage(
                .writesAck(
                    ReplicationAck(range: range, knownOfReceiver: try reader.readVarint())))
        case 5: return EventualMessage(.compare(try CompareRequest.decode(from: &reader)))
        case 6: return EventualMessage(.compareReply(try CompareReply.decode(from: &reader)))
        case 7: return EventualMessage(.repair(try RepairRequest.decode(from: &reader)))
        case 8: return EventualMessage(.repairReply(try RepairReply.decode(from: &reader)))
        case 9:
            let exchange = try reader.readVarint()
            return EventualMessage(
                .finished(exchange: exchange, try KnownDots.decode(from: &reader)))
        case 10:
            let number = try reader.readVarint()
            return EventualMessage(
                .get(GetRequest(number: number, key: try Key.decode(from: &reader))))
        case 11:
            let number = try reader.readVarint()
            let entry = try reader.readBool() ? try VersionedEntry.decode(from: &reader) : nil
            return EventualMessage(.getReply(GetReply(number: number, entry: entry)))
        case 12:
            let number = try reader.readVarint()
            return EventualMessage(
                .put(PutRequest(number: number, keyed: try KeyedEntry.decode(from: &reader))))
        case 13: return EventualMessage(.putReply(try reader.readVarint()))
        case let tag: throw MalformedBytes("eventual message \(tag) is unknown")
        }
    }
}

extension CompareRequest: ByteCodable {
    var encodedSize: Int {
        nodes.reduce(
            9 + ByteWriter.varintSize(exchange) + ByteWriter.varintSize(request)
                + (known?.encodedSize ?? 0) + ByteWriter.varintSize(UInt64(nodes.count))
        ) { $0 + $1.node.encodedSize + 16 }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(exchange)
        writer.writeVarint(request)
        writer.writeInteger(membership)
        writer.writeBool(known != nil)
        known?.encode(into: &writer)
        writer.writeVarint(UInt64(nodes.count))
        for sum in nodes {
            sum.node.encode(into: &writer)
            sum.hash.encode(into: &writer)
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> CompareRequest {
        let exchange = try reader.readVarint()
        let request = try reader.readVarint()
        let membership: UInt64 = try reader.readInteger()
        let known = try reader.readBool() ? try KnownDots.decode(from: &reader) : nil
        var nodes: [Sum] = []
        for _ in 0..<(try reader.readCount(limit: EventualOptions.compareNodesMax)) {
            let node = try TreeNode.decode(from: &reader)
            nodes.append(Sum(node: node, hash: try NodeHash.decode(from: &reader)))
        }
        return CompareRequest(
            exchange: exchange, request: request, membership: membership, known: known,
            nodes: nodes)
    }
}

extension CompareReply: ByteCodable {
    var encodedSize: Int {
        differences.reduce(
            1 + ByteWriter.varintSize(exchange) + ByteWriter.varintSize(request)
                + (known?.encodedSize ?? 0) + ByteWriter.varintSize(UInt64(differences.count))
        ) { size, difference in
            switch difference {
            case .children(let node, let sums):
                size + 1 + node.encodedSize + 16 * sums.count
            case .leaf(let node, let leaves):
                size + 1 + node.encodedSize + ByteWriter.varintSize(UInt64(leaves.count))
                    + 28 * leaves.count
            }
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(exchange)
        writer.writeVarint(request)
        writer.writeBool(known != nil)
        known?.encode(into: &writer)
        writer.writeVarint(UInt64(differences.count))
        for difference in differences {
            switch difference {
            case .children(let node, let sums):
                writer.writeInteger(UInt8(1))
                node.encode(into: &writer)
                for sum in sums { sum.encode(into: &writer) }
            case .leaf(let node, let leaves):
                writer.writeInteger(UInt8(2))
                node.encode(into: &writer)
                writer.writeVarint(UInt64(leaves.count))
                for leaf in leaves {
                    writer.writeInteger(leaf.keyHash)
                    leaf.hash.encode(into: &writer)
                    writer.writeInteger(leaf.bytes)
                }
            }
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> CompareReply {
        let exchange = try reader.readVarint()
        let request = try reader.readVarint()
        let known = try reader.readBool() ? try KnownDots.decode(from: &reader) : nil
        var differences: [Difference] = []
        for _ in 0..<(try reader.readCount(limit: EventualOptions.compareNodesMax)) {
            let form: UInt8 = try reader.readInteger()
            let node = try TreeNode.decode(from: &reader)
            switch form {
            case 1:
                guard node.level < TreeNode.levelMax else {
                    throw MalformedBytes("children of a single hash")
                }
                var sums: [NodeHash] = []
                for _ in 0..<TreeNode.fanOut { sums.append(try NodeHash.decode(from: &reader)) }
                differences.append(.children(node, sums))
            case 2:
                var leaves: [Leaf] = []
                for _ in 0..<(try reader.readCount(limit: reader.remaining / 28)) {
                    let keyHash: UInt64 = try reader.readInteger()
                    let hash = try NodeHash.decode(from: &reader)
                    guard node.contains(keyHash) else {
                        throw MalformedBytes("a key outside of the subtree that lists it")
                    }
                    leaves.append(
                        Leaf(keyHash: keyHash, hash: hash, bytes: try reader.readInteger()))
                }
                differences.append(.leaf(node, leaves))
            default: throw MalformedBytes("difference \(form) is unknown")
            }
        }
        return CompareReply(
            exchange: exchange, request: request, known: known, differences: differences)
    }
}

extension RepairRequest: ByteCodable {
    var encodedSize: Int {
        ByteWriter.varintSize(exchange) + ByteWriter.varintSize(request)
            + KeyedEntry.encodedSize(entries) + ByteWriter.varintSize(UInt64(wanted.count))
            + 8 * wanted.count
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(exchange)
        writer.writeVarint(request)
        KeyedEntry.encode(entries, into: &writer)
        writer.writeVarint(UInt64(wanted.count))
        for hash in wanted { writer.writeInteger(hash) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> RepairRequest {
        let exchange = try reader.readVarint()
        let request = try reader.readVarint()
        let entries = try KeyedEntry.decodeList(from: &reader)
        return RepairRequest(
            exchange: exchange, request: request, entries: entries,
            wanted: try decodeHashes(from: &reader))
    }
}

extension RepairReply: ByteCodable {
    var encodedSize: Int {
        forgotten.reduce(
            ByteWriter.varintSize(exchange) + ByteWriter.varintSize(request)
                + KeyedEntry.encodedSize(entries)
                + ByteWriter.varintSize(UInt64(forgotten.count))
                + ByteWriter.varintSize(UInt64(left.count)) + 8 * left.count
        ) { $0 + $1.encodedSize }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(exchange)
        writer.writeVarint(request)
        KeyedEntry.encode(entries, into: &writer)
        writer.writeVarint(UInt64(forgotten.count))
        for key in forgotten { key.encode(into: &writer) }
        writer.writeVarint(UInt64(left.count))
        for hash in left { writer.writeInteger(hash) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> RepairReply {
        let exchange = try reader.readVarint()
        let request = try reader.readVarint()
        let entries = try KeyedEntry.decodeList(from: &reader)
        var forgotten: [Key] = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
            forgotten.append(try Key.decode(from: &reader))
        }
        return RepairReply(
            exchange: exchange, request: request, entries: entries, forgotten: forgotten,
            left: try decodeHashes(from: &reader))
    }
}

/// Takes a count and as many hashes of keys.
private func decodeHashes(from reader: inout ByteReader) throws(MalformedBytes) -> [UInt64] {
    var result: [UInt64] = []
    let limit = min(EventualOptions.repairKeysMax, reader.remaining / 8)
    for _ in 0..<(try reader.readCount(limit: limit)) { result.append(try reader.readInteger()) }
    return result
}
