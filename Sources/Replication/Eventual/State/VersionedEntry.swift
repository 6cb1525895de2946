import Determinism

/// One write of a key: what it wrote, and what its writer knew.
struct Sibling: Hashable, Sendable {
    /// Which write it is.
    var dot: Dot
    /// Later than that of every write it superseded where it was taken in.
    var timestamp: HybridTimestamp
    /// The writes of the key that it superseded; does not contain ``dot``.
    var context: VersionVector
    /// The register's content, `nil`: deleted; or the state of a value that is merged.
    var value: [UInt8]?

    /// The write as replies and reports name it.
    var version: Version { .causal(dot: dot, context: context, timestamp: timestamp) }

    /// Whether neither write knew of the other.
    func isConcurrent(to other: Sibling) -> Bool {
        dot != other.dot && !context.contains(other.dot) && !other.context.contains(dot)
    }

    /// Whether it is the later writer: by hybrid time, of equal times by dot.
    func isLater(than other: Sibling) -> Bool {
        (timestamp, dot) > (other.timestamp, other.dot)
    }
}

/// All that a replica knows of a key: the writes that are kept, and which writes are past.
///
/// A dotted version vector set (Almeida et al., "Scalable and Accurate Causality Tracking for
/// Eventually Consistent Stores", DAIS 2014). Its causal context is the join of the siblings'
/// contexts and dots with ``residue``. The context has no gaps per member as far as this key is
/// concerned, because a replica always passes on its whole entry: whoever knows a member's write
/// of the key knows that member's earlier ones.
struct VersionedEntry: Hashable, Sendable {
    /// The writes that are kept, in order of dot; never empty once stored.
    var siblings: [Sibling]
    /// What is past beyond what the siblings' contexts and dots say: the discarded writes.
    var residue = VersionVector()

    /// The entry of a key that only `sibling` wrote.
    init(_ sibling: Sibling) { siblings = [sibling] }

    /// The entry with these writes; `context` is everything past, in any form.
    init(siblings: [Sibling], context: VersionVector) {
        self.siblings = siblings
        residue = Self.residue(of: context, beside: siblings)
    }

    /// Everything known of the key, the kept writes included.
    var context: VersionVector {
        var result = siblings.first?.context ?? VersionVector()
        for sibling in siblings.dropFirst() { result.merge(sibling.context) }
        #if PlantedBugs
            if PlantedBug.isPlanted(.dotLeftOutOfContext) {
                result.merge(residue)
                return result
            }
        #endif
        for sibling in siblings where result[sibling.dot.member] < sibling.dot.counter {
            result[sibling.dot.member] = sibling.dot.counter
        }
        result.merge(residue)
        return result
    }

    /// Whether `dot`, a write of this key, is kept here or past.
    func knows(_ dot: Dot) -> Bool {
        for sibling in siblings {
            if sibling.dot.member == dot.member, sibling.dot.counter >= dot.counter { return true }
            if sibling.context.contains(dot) { return true }
        }
        return residue.contains(dot)
    }

    /// The newest write of `member` that is known of this key; 0 for none.
    func newest(of member: MemberID) -> UInt64 {
        var result = residue[member]
        for sibling in siblings {
            result = max(result, sibling.context[member])
            if sibling.dot.member == member { result = max(result, sibling.dot.counter) }
        }
        return result
    }

    /// Whether the key is deleted: every kept write is a delete.
    var isTombstone: Bool { siblings.allSatisfy { $0.value == nil } }

    /// The kept write of the last writer.
    var latest: Sibling? {
        siblings.dropFirst().reduce(siblings.first) { best, other in
            guard let best else { return other }
            return other.isLater(than: best) ? other : best
        }
    }

    /// Brings ``residue`` into its one form for what is known: what the siblings do not say.
    private static func residue(
        of context: VersionVector, beside siblings: [Sibling]
    ) -> VersionVector {
        var result = VersionVector()
        for entry in context.entries {
            let isSaid = siblings.contains { sibling in
                sibling.context.contains(entry)
                    || sibling.dot.member == entry.member && sibling.dot.counter >= entry.counter
            }
            if !isSaid { result[entry.member] = entry.counter }
        }
        return result
    }
}

extension Sibling: ByteCodable {
    var encodedSize: Int {
        dot.encodedSize + timestamp.encodedSize + context.encodedSize + 1
            + (value.map { ByteWriter.bytesSize($0.count) } ?? 0)
    }

    func encode(into writer: inout ByteWriter) {
        dot.encode(into: &writer)
        timestamp.encode(into: &writer)
        context.encode(into: &writer)
        writer.writeBool(value != nil)
        if let value { writer.writeBytes(value) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Sibling {
        let dot = try CausalCoding.decodeDot(from: &reader)
        let timestamp = try CausalCoding.decodeTimestamp(from: &reader)
        let context = try CausalCoding.decodeVector(from: &reader)
        guard !context.contains(dot) else {
            throw MalformedBytes("a write that superseded itself")
        }
        let limit = Limits.mergedStateBytesMax
        let value = try reader.readBool() ? try reader.readBytes(limit: limit) : nil
        return Sibling(dot: dot, timestamp: timestamp, context: context, value: value)
    }
}

extension VersionedEntry: ByteCodable {
    /// The most writes kept of one key that are accepted from a peer.
    static let siblingsMax = 4096

    var encodedSize: Int {
        siblings.reduce(ByteWriter.varintSize(UInt64(siblings.count)) + residue.encodedSize) {
            $0 + $1.encodedSize
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(siblings.count))
        for sibling in siblings { sibling.encode(into: &writer) }
        residue.encode(into: &writer)
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> VersionedEntry {
        let count = try reader.readCount(limit: min(siblingsMax, reader.remaining / 20))
        guard count > 0 else { throw MalformedBytes("an entry without a write") }
        var siblings: [Sibling] = []
        for _ in 0..<count {
            let sibling = try Sibling.decode(from: &reader)
            if let last = siblings.last, sibling.dot <= last.dot {
                throw MalformedBytes("an entry whose writes are not in order")
            }
            siblings.append(sibling)
        }
        return VersionedEntry(
            siblings: siblings, context: try CausalCoding.decodeVector(from: &reader))
    }
}

/// A key with all that is known of it.
struct KeyedEntry: Hashable, Sendable, ByteCodable {
    var key: Key
    var entry: VersionedEntry

    var encodedSize: Int { key.encodedSize + entry.encodedSize }
    func encode(into writer: inout ByteWriter) {
        key.encode(into: &writer)
        entry.encode(into: &writer)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> KeyedEntry {
        let key = try Key.decode(from: &reader)
        guard !key.bytes.isEmpty else { throw MalformedBytes("an empty key") }
        return KeyedEntry(key: key, entry: try VersionedEntry.decode(from: &reader))
    }

    /// Takes a count and as many entries.
    static func decodeList(from reader: inout ByteReader) throws(MalformedBytes) -> [KeyedEntry] {
        var result: [KeyedEntry] = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 24)) {
            result.append(try decode(from: &reader))
        }
        return result
    }
    /// Appends a count and the entries.
    static func encode(_ list: [KeyedEntry], into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(list.count))
        for entry in list { entry.encode(into: &writer) }
    }
    /// What ``encode(_:into:)`` appends.
    static func encodedSize(_ list: [KeyedEntry]) -> Int {
        list.reduce(ByteWriter.varintSize(UInt64(list.count))) { $0 + $1.encodedSize }
    }
}
