import Determinism

/// A set in which an element stays that one member adds while another removes it: a remove takes
/// away only the additions that it has seen.
public struct AddWinsSet: MergeableValue {
    /// An addition says nothing but that it happened.
    private struct Presence: ObservedContent {
        var encodedSize: Int { 0 }
        func encode(into writer: inout ByteWriter) {}
        static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Presence {
            Presence()
        }
        func isPreferred(to other: Presence) -> Bool { false }
    }

    private var table = ObservedRemoveTable<Presence>()

    /// The empty set.
    public init() {}

    /// The rule `add-wins`.
    public static let merging = MergeDescription(
        name: "add-wins", valueType: .set, operations: [.read, .add, .remove, .delete],
        help: "An element added while it is removed elsewhere stays.")

    /// Adds an element, removes one, or, as a delete, removes all.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        switch operation {
        case .add(let element): table.put(Presence(), at: element, update.dot)
        case .remove(let element): table.remove(element, update.dot)
        case .delete: table.removeAll(update.dot)
        default: break
        }
    }

    /// Keeps the elements that both hold, and those that one holds and the other has not heard of.
    public mutating func merge(_ other: AddWinsSet) { table.merge(other.table) }

    /// The elements in order.
    public var value: Value? {
        table.context == VersionVector() ? nil : .set(table.rows.map(\.name))
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { table.encodedSize }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) { table.encode(into: &writer) }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> AddWinsSet {
        var result = AddWinsSet()
        result.table = try ObservedRemoveTable.decode(from: &reader)
        return result
    }
}
