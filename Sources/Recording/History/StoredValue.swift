/// How a ``HistoryRow`` keeps a value: 64 bits, and what they mean.
struct StoredValue: Sendable {
    /// What the bits mean.
    enum Kind: UInt8 {
        /// There is no value: not even ``HistoryValue/null``.
        case missing
        /// A ``Scalar``.
        case scalar
        /// Elements of ``HistoryTables/elements``: an ``ElementSlice``.
        case list
        /// The same, of what was expected and what was to replace it.
        case pair
        /// The same, with a ``MicroOperationHeader`` before the key and the values of each.
        case transaction
        /// By its number in ``HistoryTables/values``.
        case tabled
    }

    var kind: Kind
    var bits: UInt64

    static let missing = StoredValue(kind: .missing, bits: 0)
    static let null = StoredValue(.null)

    init(kind: Kind, bits: UInt64) {
        self.kind = kind
        self.bits = bits
    }

    init(_ scalar: Scalar) { self.init(kind: .scalar, bits: scalar.bits) }

    /// Elements that are in `tables` already; `nil` if there are too many.
    init?(_ kind: Kind, _ range: Range<Int>) {
        guard let slice = ElementSlice(range) else { return nil }
        self.init(kind: kind, bits: slice.bits)
    }

    /// Puts `value` into `tables`.
    init(_ value: HistoryValue, _ tables: inout HistoryTables) {
        if let scalar = tables.scalar(value) {
            self.init(scalar)
            return
        }
        let start = tables.elements.count
        if let kind = tables.append(elementsOf: value),
            let stored = StoredValue(kind, start..<tables.elements.count)
        {
            self = stored
            return
        }
        tables.removeElements(from: start)
        self.init(kind: .tabled, bits: tables.add(value))
    }

    var isNull: Bool { kind == .scalar && Scalar(bits: bits).isNull }

    /// The elements that it has; none for a scalar.
    var elements: Range<Int> {
        switch kind {
        case .missing, .scalar, .tabled: 0..<0
        case .list, .pair, .transaction: ElementSlice(bits: bits).range
        }
    }

    /// The value; `nil` for none.
    func value(_ tables: HistoryTables) -> HistoryValue? {
        switch kind {
        case .missing: return nil
        case .scalar: return tables.value(Scalar(bits: bits))
        case .list: return .list(tables.elements[elements].map(tables.value))
        case .pair:
            let values = tables.elements[elements].map(tables.value)
            return .pair(from: values[0], to: values[1])
        case .transaction:
            return .transaction(tables.microOperations(in: elements))
        case .tabled: return tables.values[Int(bits)]
        }
    }
}

/// Some of ``HistoryTables/elements`` in 64 bits: up to 2^40 of them in all, up to 2^24 in one
/// slice.
struct ElementSlice {
    private static let countBits: UInt64 = 24
    let bits: UInt64

    /// The elements in `range`; `nil` if there are too many.
    init?(_ range: Range<Int>) {
        guard range.count < 1 << Self.countBits, range.lowerBound < 1 << 40 else { return nil }
        bits = UInt64(range.lowerBound) << Self.countBits | UInt64(range.count)
    }

    init(bits: UInt64) { self.bits = bits }

    var range: Range<Int> {
        let start = Int(bits >> Self.countBits)
        return start..<start + Int(bits & (1 << Self.countBits - 1))
    }
}

/// What stands before a micro-operation's key and values among the elements: what it does, and
/// how many values follow the key.
package struct MicroOperationHeader {
    let bits: UInt64

    init(_ function: MicroOperation.Function, isList: Bool, count: Int) {
        let number: UInt64 =
            switch function {
            case .read: 0
            case .write: 1
            case .append: 2
            }
        bits = number | (isList ? 4 : 0) | UInt64(count) << 3
    }

    init(bits: UInt64) { self.bits = bits }

    /// The header that stands among the elements as `scalar`.
    package init(_ scalar: Scalar) { bits = scalar.bits }

    /// What it does.
    package var function: MicroOperation.Function {
        switch bits & 3 {
        case 0: .read
        case 1: .write
        case _: .append
        }
    }
    /// Whether its value is a list.
    package var isList: Bool { bits & 4 != 0 }
    /// How many values follow its key.
    package var count: Int { Int(bits >> 3) }
}
