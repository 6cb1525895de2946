import Determinism

/// Rows by name, each with what was put there and not removed or replaced since: the part that
/// add-wins sets and update-wins maps have in common.
///
/// The optimised observed-remove set of Bieniusa et al. ("An Optimized Conflict-free Replicated
/// Set", 2012): nothing stays behind of what was removed. Every put has its dot; a remove takes
/// away the dots that it has seen, and a version vector tells a dot that was never heard of from
/// one that was taken away.
struct ObservedRemoveTable<Content: ObservedContent>: Hashable, Sendable {
    /// What one put put there.
    struct Put: Hashable, Sendable {
        var dot: Dot
        var content: Content
    }

    /// A name, and the puts that stand: several if they were concurrent. In order of dot, and
    /// never empty.
    struct Row: Hashable, Sendable {
        var name: [UInt8]
        var puts: [Put]
    }

    /// In order of name.
    private(set) var rows: [Row] = []
    /// All updates that are known, whatever became of them. Without gaps as far as this value is
    /// concerned: whole states are passed on, so whoever knows an update of a member knows its
    /// earlier ones.
    private(set) var context = VersionVector()

    init() {}

    /// Puts `content` under `name`, in place of all that is there.
    mutating func put(_ content: Content, at name: [UInt8], _ dot: Dot) {
        let index = place(of: name)
        #if PlantedBugs
            if PlantedBug.isPlanted(.addKeepsOldDot), isHeld(name, at: index) { return note(dot) }
        #endif
        let puts = [Put(dot: dot, content: content)]
        if isHeld(name, at: index) {
            rows[index].puts = puts
        } else {
            rows.insert(Row(name: name, puts: puts), at: index)
        }
        note(dot)
    }

    /// Removes what is seen under `name`.
    mutating func remove(_ name: [UInt8], _ dot: Dot) {
        let index = place(of: name)
        if isHeld(name, at: index) { rows.remove(at: index) }
        note(dot)
    }

    /// Removes all that is seen.
    mutating func removeAll(_ dot: Dot) {
        rows.removeAll()
        note(dot)
    }

    /// Keeps what both hold, and what one holds and the other has not heard of.
    mutating func merge(_ other: Self) {
        if self == other { return }
        var merged: [Row] = []
        merged.reserveCapacity(max(rows.count, other.rows.count))
        var mine = rows[...]
        var theirs = other.rows[...]
        while mine.first != nil || theirs.first != nil {
            let isMineNext =
                mine.first.map { first in
                    theirs.first.map { !$0.name.lexicographicallyPrecedes(first.name) } ?? true
                } ?? false
            let isTheirsNext =
                theirs.first.map { first in
                    mine.first.map { !$0.name.lexicographicallyPrecedes(first.name) } ?? true
                } ?? false
            let own = isMineNext ? mine.popFirst() : nil
            let foreign = isTheirsNext ? theirs.popFirst() : nil
            guard let name = own?.name ?? foreign?.name else { break }
            let puts = Self.standing(
                own?.puts ?? [], context, foreign?.puts ?? [], other.context)
            if !puts.isEmpty { merged.append(Row(name: name, puts: puts)) }
        }
        rows = merged
        context.merge(other.context)
    }

    private static func standing(
        _ mine: [Put], _ myContext: VersionVector, _ theirs: [Put], _ theirContext: VersionVector
    ) -> [Put] {
        var result: [Put] = []
        for put in mine {
            if let twin = theirs.first(where: { $0.dot == put.dot }) {
                // One name for two puts, after a disk that lied: still the same everywhere.
                result.append(twin.content.isPreferred(to: put.content) ? twin : put)
            } else if !theirContext.contains(put.dot) {
                result.append(put)
            }
        }
        result += theirs.filter { put in
            !myContext.contains(put.dot) && !mine.contains { $0.dot == put.dot }
        }
        return result.sorted { $0.dot < $1.dot }
    }

    private mutating func note(_ dot: Dot) {
        context[dot.member] = max(context[dot.member], dot.counter)
    }

    private func isHeld(_ name: [UInt8], at index: Int) -> Bool {
        index < rows.count && rows[index].name == name
    }

    /// Where the row of `name` is, or would be.
    private func place(of name: [UInt8]) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].name.lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

/// What a put puts under a name.
protocol ObservedContent: ByteCodable, Hashable {
    /// A strict total order, for the case that must not happen: one dot for two puts.
    func isPreferred(to other: Self) -> Bool
}

extension ObservedRemoveTable: ByteCodable {
    var encodedSize: Int {
        rows.reduce(context.encodedSize + ByteWriter.varintSize(UInt64(rows.count))) { size, row in
            row.puts.reduce(
                size + ByteWriter.bytesSize(row.name.count)
                    + ByteWriter.varintSize(UInt64(row.puts.count))
            ) { $0 + $1.dot.encodedSize + $1.content.encodedSize }
        }
    }

    func encode(into writer: inout ByteWriter) {
        context.encode(into: &writer)
        writer.writeVarint(UInt64(rows.count))
        for row in rows {
            writer.writeBytes(row.name)
            writer.writeVarint(UInt64(row.puts.count))
            for put in row.puts {
                put.dot.encode(into: &writer)
                put.content.encode(into: &writer)
            }
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Self {
        var result = Self()
        result.context = try CausalCoding.decodeVector(from: &reader)
        for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
            let name = try reader.readBytes(limit: Limits.valueBytesMax)
            if let last = result.rows.last, !last.name.lexicographicallyPrecedes(name) {
                throw MalformedBytes("names that are not in order")
            }
            var row = Row(name: name, puts: [])
            let limit = min(CausalCoding.membersMax, reader.remaining / 9)
            for _ in 0..<(try reader.readCount(limit: limit)) {
                let dot = try CausalCoding.decodeDot(from: &reader)
                guard row.puts.last.map({ $0.dot < dot }) ?? true, result.context.contains(dot)
                else { throw MalformedBytes("a dot out of order or outside of its context") }
                row.puts.append(Put(dot: dot, content: try Content.decode(from: &reader)))
            }
            guard !row.puts.isEmpty else { throw MalformedBytes("a name under which is nothing") }
            result.rows.append(row)
        }
        return result
    }
}
