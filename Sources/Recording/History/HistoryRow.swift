import Determinism
import Replication

/// One operation of a ``History``, with numbers in place of everything that has no fixed size.
struct HistoryRow: Sendable {
    /// How a value is kept in 64 bits.
    private enum Kind: UInt8 {
        /// There is none: not even ``HistoryValue/null``.
        case missing
        case null
        /// A token of a client, `c3.17`: the client's number, and its own.
        case token
        case integer
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
    var registerGlance: RegisterGlance? {
        guard !isOutsized, outcome == Self.number(.ok), function <= Self.lastOfRegisters,
            valueKind == .token || valueKind == .null
        else { return nil }
        return RegisterGlance(
            index: Int(number),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            isWrite: function != 0, token: valueKind == .token ? ClientToken(packed: value) : nil)
    }

    func glance(_ tables: HistoryTables) -> HistoryGlance {
        var glance = HistoryGlance(
            region: region, dataType: dataType, key: key,
            function: Self.functions[Int(function)], outcome: Self.outcomes[Int(outcome)],
            planned: Instant(nanoseconds: planned),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            version: version(tables), isAnswered: true, isNull: valueKind == .null,
            isList: valueKind == .tabled && Self.isList(tables.values[Int(value)]))
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

    fileprivate static func isList(_ value: HistoryValue) -> Bool {
        switch value {
        case .list: true
        case .null, .text, .integer, .pair, .transaction: false
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

    private static func packed(
        _ value: HistoryValue, _ tables: inout HistoryTables
    ) -> (Kind, UInt64) {
        switch value {
        case .null: return (.null, 0)
        case .integer(let number): return (.integer, UInt64(bitPattern: number))
        case .text(let text):
            if let token = ClientToken(text) { return (.token, token.packed) }
            return (.tabled, tables.add(value))
        case .list, .pair, .transaction: return (.tabled, tables.add(value))
        }
    }

    private static func unpacked(
        _ kind: Kind, _ packed: UInt64, _ tables: HistoryTables
    ) -> HistoryValue? {
        switch kind {
        case .missing: nil
        case .null: .null
        case .token: .text(ClientToken(packed: packed).text)
        case .integer: .integer(Int64(bitPattern: packed))
        case .tabled: tables.values[Int(packed)]
        }
    }
}

extension HistoryGlance {
    /// Takes over what the row of an operation with outsized numbers does not say.
    fileprivate mutating func take(from operation: HistoryOperation) {
        function = operation.function
        version = operation.version
        isNull = operation.value == .null
        isList = HistoryRow.isList(operation.value)
    }
}
