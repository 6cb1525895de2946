import Determinism
import Replication

/// One operation of a ``History``, with numbers in place of everything that has no fixed size.
struct HistoryRow: Sendable {
    /// How a value is kept in 64 bits.
    private enum Kind: UInt8 {
        /// There is none: not even ``HistoryValue/null``.
        case missing
        /// A ``Scalar``.
        case scalar
        /// Elements of ``HistoryTables/elements``: a ``HistoryRow/Slice``.
        case list
        /// The same, of what was expected and what was to replace it.
        case pair
        /// By its number in ``HistoryTables/values``.
        case tabled
    }

    /// How a version is kept.
    private enum VersionKind: UInt8 {
        case missing
        case sequence
        /// By its number in ``HistoryTables/versions``.
        case tabled
    }

    private static let never = Int64.min

    private var planned: Int64
    private var invoked = never
    private var completed = never
    private var session: UInt64
    private var value: UInt64 = 0
    private var result: UInt64 = 0
    private var position: UInt64 = 0
    private var epoch: UInt32 = 0
    private var number: UInt32
    private var process: UInt32
    private var client: UInt32
    private var key: UInt32
    private var region: UInt32
    private var servedBy: UInt32
    private var dataType: UInt32
    private var error: UInt32
    private var context: UInt32
    private var attempts: UInt16
    private var function: UInt8 = 0
    private var outcome: UInt8
    private var valueKind = Kind.missing
    private var resultKind = Kind.missing
    private var versionKind = VersionKind.missing
    /// Whether ``value`` is the number of the operation in ``HistoryTables/outsized``: then only
    /// texts and times are here as well.
    private var isOutsized = false

    init(_ operation: HistoryOperation, _ tables: inout HistoryTables) {
        planned = operation.planned.nanoseconds
        session = operation.session
        number = UInt32(truncatingIfNeeded: operation.index)
        process = UInt32(truncatingIfNeeded: operation.process)
        client = UInt32(truncatingIfNeeded: operation.client)
        attempts = UInt16(truncatingIfNeeded: operation.attempts)
        region = tables.numberOfPlace(operation.region)
        servedBy = tables.numberOfPlace(operation.servedBy)
        dataType = tables.numberOfPlace(operation.dataType)
        key = tables.number(of: operation.key)
        error = tables.number(of: operation.error)
        context = tables.add(operation.context)
        outcome = Self.number(operation.outcome)
        if let instant = operation.invoked { invoked = instant.nanoseconds }
        if let instant = operation.completed { completed = instant.nanoseconds }
        guard let function = Self.number(operation.function),
            Int(number) == operation.index, Int(process) == operation.process,
            UInt64(client) == operation.client, Int(attempts) == operation.attempts
        else {
            isOutsized = true
            value = tables.add(operation)
            return
        }
        self.function = function
        (valueKind, value) = Self.packed(operation.value, &tables)
        if let answered = operation.result { (resultKind, result) = Self.packed(answered, &tables) }
        switch operation.version {
        case .sequence(let epoch, let index)? where epoch <= UInt64(UInt32.max):
            versionKind = .sequence
            self.epoch = UInt32(epoch)
            position = index
        case let version?:
            versionKind = .tabled
            position = tables.add(version)
        case nil: break
        }
    }

    func operation(_ tables: HistoryTables) -> HistoryOperation {
        if isOutsized { return tables.outsized[Int(value)] }
        return HistoryOperation(
            index: Int(number), process: Int(process), client: UInt64(client), session: session,
            region: tables.name(region), servedBy: tables.optionalName(servedBy),
            attempts: Int(attempts), function: Self.functions[Int(function)],
            dataType: tables.name(dataType), key: tables.optionalName(key),
            value: Self.unpacked(valueKind, value, tables) ?? .null,
            result: Self.unpacked(resultKind, result, tables),
            planned: Instant(nanoseconds: planned),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            outcome: Self.outcomes[Int(outcome)], error: tables.optionalName(error),
            version: version(tables), context: tables.contexts[Int(context)])
    }

    /// What it is, if it is a read or write of a token or of nothing that took effect.
    func registerGlance(_ tables: HistoryTables) -> RegisterGlance? {
        guard !isOutsized, outcome == Self.number(.ok), function <= Self.lastOfRegisters,
            valueKind == .scalar
        else { return nil }
        return RegisterGlance(
            index: Int(number),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            isWrite: function != 0, value: Scalar(bits: value), version: version(tables))
    }

    func glance(_ tables: HistoryTables) -> HistoryGlance {
        var glance = HistoryGlance(
            region: region, dataType: dataType, key: key,
            function: Self.functions[Int(function)], outcome: Self.outcomes[Int(outcome)],
            planned: Instant(nanoseconds: planned),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            version: version(tables), isAnswered: true,
            isNull: valueKind == .scalar && Scalar(bits: value).isNull,
            isList: valueKind == .list)
        if isOutsized { glance.take(from: tables.outsized[Int(value)]) }
        if glance.outcome != .ok { glance.isAnswered = operation(tables).isAnswered }
        return glance
    }

    private func version(_ tables: HistoryTables) -> Version? {
        switch versionKind {
        case .missing: nil
        case .sequence: .sequence(epoch: UInt64(epoch), index: position)
        case .tabled: tables.versions[Int(position)]
        }
    }

    // MARK: Numbers for everything

    private static let functions: [HistoryFunction] = [
        .read, .write, .delete, .cas, .append, .increment, .add, .remove, .txn,
    ]
    /// Reads and writes stand before all others.
    private static let lastOfRegisters: UInt8 = 1
    private static let outcomes: [HistoryOperation.Outcome] = [.ok, .fail, .info]

    private static func number(_ function: HistoryFunction) -> UInt8? {
        switch function {
        case .read: 0
        case .write: 1
        case .delete: 2
        case .cas: 3
        case .append: 4
        case .increment: 5
        case .add: 6
        case .remove: 7
        case .txn: 8
        case .service: nil
        }
    }

    private static func number(_ outcome: HistoryOperation.Outcome) -> UInt8 {
        switch outcome {
        case .ok: 0
        case .fail: 1
        case .info: 2
        }
    }

    /// The elements of a list among ``HistoryTables/elements``: up to 2^40 of them in all, up to
    /// 2^24 in a list.
    struct Slice {
        private static let countBits: UInt64 = 24
        let bits: UInt64

        /// The elements in `range`; `nil` if there are too many.
        init?(_ range: Range<Int>) {
            guard range.count < 1 << Self.countBits else { return nil }
            bits = UInt64(range.lowerBound) << Self.countBits | UInt64(range.count)
        }

        init(bits: UInt64) { self.bits = bits }

        var range: Range<Int> {
            let start = Int(bits >> Self.countBits)
            return start..<start + Int(bits & (1 << Self.countBits - 1))
        }
    }

    private static func slice(
        of elements: [HistoryValue], _ tables: inout HistoryTables
    ) -> Slice? {
        let start = tables.elements.count
        for element in elements {
            guard let scalar = tables.scalar(element) else { break }
            tables.append(element: scalar)
        }
        let range = start..<tables.elements.count
        if range.count == elements.count, let slice = Slice(range) { return slice }
        tables.removeElements(from: start)
        return nil
    }

    private static func packed(
        _ value: HistoryValue, _ tables: inout HistoryTables
    ) -> (Kind, UInt64) {
        if let scalar = tables.scalar(value) { return (.scalar, scalar.bits) }
        switch value {
        case .list(let elements):
            if let slice = slice(of: elements, &tables) { return (.list, slice.bits) }
        case .pair(let from, let to):
            if let slice = slice(of: [from, to], &tables) { return (.pair, slice.bits) }
        case .null, .text, .integer: break
        }
        return (.tabled, tables.add(value))
    }

    private static func unpacked(
        _ kind: Kind, _ packed: UInt64, _ tables: HistoryTables
    ) -> HistoryValue? {
        switch kind {
        case .missing: nil
        case .scalar: tables.value(Scalar(bits: packed))
        case .list: .list(tables.elements[Slice(bits: packed).range].map(tables.value))
        case .pair: pair(tables.elements[Slice(bits: packed).range].map(tables.value))
        case .tabled: tables.values[Int(packed)]
        }
    }

    private static func pair(_ values: [HistoryValue]) -> HistoryValue {
        .pair(from: values[0], to: values[1])
    }
}

extension HistoryGlance {
    /// Takes over what the row of an operation with outsized numbers does not say.
    fileprivate mutating func take(from operation: HistoryOperation) {
        function = operation.function
        version = operation.version
        isNull = operation.value == .null
        if case .list = operation.value { isList = true }
    }
}
