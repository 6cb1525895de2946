import Determinism

/// A set in which an element goes that one member removes while another adds it: it is there if
/// some addition has seen all removes of it (Shapiro, Preguiça, Baquero and Zawirski, "A
/// Comprehensive Study of Convergent and Commutative Replicated Data Types", 2011).
///
/// For each element the removes that are known, as a version vector, and whether an addition has
/// seen exactly these. Where others know of more removes their word counts alone: a lexicographic
/// product of two semilattices. An element that was once removed is remembered for good.
public struct RemoveWinsSet: MergeableValue {
    private struct Row: Hashable, Sendable {
        var element: [UInt8]
        /// All removes that are known of it.
        var removes = VersionVector()
        /// Whether an addition has seen all of them.
        var isPresent = false
    }

    /// In order of element.
    private var rows: [Row] = []
    /// Whether anything was ever done: a set that was emptied is not an absent one.
    private var isTouched = false

    /// The empty set.
    public init() {}

    /// The rule `remove-wins`.
    public static let merging = MergeDescription(
        name: "remove-wins", valueType: .set, operations: [.read, .add, .remove, .delete],
        help: "An element added while it is removed elsewhere goes.")

    /// Adds an element, removes one, or, as a delete, removes all that are there.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        switch operation {
        case .add(let element):
            rows[place(of: element)].isPresent = true
        case .remove(let element): remove(place(of: element), update.dot)
        case .delete:
            for index in rows.indices where rows[index].isPresent { remove(index, update.dot) }
        default: return
        }
        isTouched = true
    }

    private mutating func remove(_ index: Int, _ dot: Dot) {
        rows[index].removes[dot.member] = max(rows[index].removes[dot.member], dot.counter)
        rows[index].isPresent = false
    }

    /// Takes over removes, and additions that have seen them all.
    public mutating func merge(_ other: RemoveWinsSet) {
        isTouched = isTouched || other.isTouched
        for theirs in other.rows {
            let index = place(of: theirs.element)
            let mine = rows[index]
            var removes = mine.removes
            removes.merge(theirs.removes)
            rows[index].removes = removes
            rows[index].isPresent =
                mine.isPresent && mine.removes == removes
                || theirs.isPresent && theirs.removes == removes
        }
    }

    /// The elements in order.
    public var value: Value? {
        isTouched ? .set(rows.filter(\.isPresent).map(\.element)) : nil
    }

    /// Where the row of `element` is, made if there is none.
    private mutating func place(of element: [UInt8]) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].element.lexicographicallyPrecedes(element) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low == rows.count || rows[low].element != element {
            rows.insert(Row(element: element), at: low)
        }
        return low
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        rows.reduce(1 + ByteWriter.varintSize(UInt64(rows.count))) {
            $0 + ByteWriter.bytesSize($1.element.count) + $1.removes.encodedSize + 1
        }
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeBool(isTouched)
        writer.writeVarint(UInt64(rows.count))
        for row in rows {
            writer.writeBytes(row.element)
            row.removes.encode(into: &writer)
            writer.writeBool(row.isPresent)
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> RemoveWinsSet {
        var result = RemoveWinsSet()
        result.isTouched = try reader.readBool()
        for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
            let element = try reader.readBytes(limit: Limits.valueBytesMax)
            if let last = result.rows.last, !last.element.lexicographicallyPrecedes(element) {
                throw MalformedBytes("elements that are not in order")
            }
            let removes = try CausalCoding.decodeVector(from: &reader)
            result.rows.append(
                Row(element: element, removes: removes, isPresent: try reader.readBool()))
        }
        return result
    }
}
