import Determinism
import Replication

/// One operation of a ``History``, with numbers in place of everything that has no fixed size.
struct HistoryRow: Sendable {
    /// How a version is kept.
    enum VersionKind: UInt8 {
        case missing
        case sequence
        /// By its number in ``HistoryTables/versions``.
        case tabled
    }

    static let never = Int64.min

    var planned: Int64 = 0
    var invoked = never
    var completed = never
    var session: UInt64 = 0
    private var value: UInt64 = 0
    private var result: UInt64 = 0
    var position: UInt64 = 0
    var epoch: UInt32 = 0
    var number: UInt32 = 0
    var process: UInt32 = 0
    var client: UInt32 = 0
    var key: UInt32 = 0
    var region: UInt32 = 0
    var servedBy: UInt32 = 0
    var dataType: UInt32 = 0
    var error: UInt32 = 0
    var context: UInt32 = 0
    var attempts: UInt16 = 0
    var function: UInt8 = 0
    var outcome: UInt8 = 0
    private var valueKind = StoredValue.Kind.missing
    private var resultKind = StoredValue.Kind.missing
    var versionKind = VersionKind.missing
    /// Whether ``value`` is the number of the operation in ``HistoryTables/outsized``: then only
    /// texts and times are here as well.
    private var isOutsized = false

    /// A row to be filled in.
    init() {}

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
        storedValue = StoredValue(operation.value, &tables)
        if let answered = operation.result { storedResult = StoredValue(answered, &tables) }
        if let version = operation.version { set(version, &tables) }
    }

    mutating func set(_ version: Version, _ tables: inout HistoryTables) {
        if case .sequence(let epoch, let index) = version, let short = UInt32(exactly: epoch) {
            versionKind = .sequence
            self.epoch = short
            position = index
        } else {
            versionKind = .tabled
            position = tables.add(version)
        }
    }

    /// An operation that has begun.
    init(
        _ function: HistoryFunction, number: Int, process: UInt32, key: UInt32,
        dataType: UInt32, value: StoredValue, at time: Int64, _ tables: inout HistoryTables
    ) {
        let isKnown = Self.number(function) != nil && number <= Int(UInt32.max)
        planned = time
        invoked = time
        session = UInt64(process)
        self.number = UInt32(truncatingIfNeeded: number)
        self.process = process
        client = process
        attempts = 1
        region = 0
        servedBy = 0
        self.dataType = dataType
        self.key = key
        error = 0
        context = 0
        outcome = Self.number(.info)
        self.function = Self.number(function) ?? 0
        (valueKind, self.value) = (value.kind, value.bits)
        guard !isKnown else { return }
        // A function or number that has no room here.
        isOutsized = true
        let operation = HistoryOperation(
            index: number, process: Int(process), client: UInt64(process),
            session: UInt64(process), region: "", attempts: 1, function: function,
            dataType: tables.name(dataType), key: tables.optionalName(key),
            value: value.value(tables) ?? .null, planned: Instant(nanoseconds: time),
            invoked: Instant(nanoseconds: time))
        self.value = tables.add(operation)
    }

    /// What the operation does.
    func knownFunction(_ tables: HistoryTables) -> HistoryFunction {
        isOutsized ? tables.outsized[Int(value)].function : Self.functions[Int(function)]
    }

    /// Whether the answer is the value: that of what was asked says less.
    private var isAnsweredByCompletion: Bool {
        guard !isOutsized else { return false }
        switch Self.functions[Int(function)] {
        case .read, .dequeue, .txn: return true
        case .write, .delete, .cas, .append, .increment, .add, .remove, .enqueue, .acquire,
            .release, .service:
            return false
        }
    }

    /// The number of the operation among the outsized ones; `nil` if it is none.
    var outsizedNumber: Int? { isOutsized ? Int(value) : nil }

    /// Takes note of how the operation ended.
    mutating func complete(
        _ outcome: HistoryOperation.Outcome, at time: Int64?, answer: StoredValue?,
        error: UInt32
    ) {
        self.outcome = Self.number(outcome)
        if let time { completed = time }
        if let answer, isAnsweredByCompletion { storedValue = answer }
        self.error = error
    }

    /// What was written or expected, or answered to a read. Meaningless where the operation is
    /// outsized.
    var storedValue: StoredValue {
        get { StoredValue(kind: valueKind, bits: value) }
        set { (valueKind, value) = (newValue.kind, newValue.bits) }
    }

    /// What an update answered.
    var storedResult: StoredValue {
        get { StoredValue(kind: resultKind, bits: result) }
        set { (resultKind, result) = (newValue.kind, newValue.bits) }
    }

    func operation(_ tables: HistoryTables) -> HistoryOperation {
        if isOutsized { return tables.outsized[Int(value)] }
        return HistoryOperation(
            index: Int(number), process: Int(process), client: UInt64(client), session: session,
            region: tables.name(region), servedBy: tables.optionalName(servedBy),
            attempts: Int(attempts), function: Self.functions[Int(function)],
            dataType: tables.name(dataType), key: tables.optionalName(key),
            value: storedValue.value(tables) ?? .null, result: storedResult.value(tables),
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
            index: Int(number), process: process, client: UInt64(client), dataType: dataType,
            key: key, invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            isWrite: function != 0, value: Scalar(bits: value), version: version(tables))
    }

    /// What it is, if it is a transaction that was sent.
    var transactionGlance: TransactionGlance? {
        guard !isOutsized, valueKind == .transaction, invoked != Self.never else { return nil }
        return TransactionGlance(
            index: Int(number), process: process, client: UInt64(client), dataType: dataType,
            invoked: invoked, completed: completed == Self.never ? nil : completed,
            outcome: Self.outcomes[Int(outcome)], parts: storedValue.elements)
    }

    func glance(_ tables: HistoryTables) -> HistoryGlance {
        var glance = HistoryGlance(
            region: region, dataType: dataType, key: key,
            function: Self.functions[Int(function)], outcome: Self.outcomes[Int(outcome)],
            planned: Instant(nanoseconds: planned),
            invoked: invoked == Self.never ? nil : Instant(nanoseconds: invoked),
            completed: completed == Self.never ? nil : Instant(nanoseconds: completed),
            version: version(tables), isAnswered: true,
            isNull: storedValue.isNull, isList: valueKind == .list)
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
        .read, .write, .delete, .cas, .append, .increment, .add, .remove, .enqueue, .dequeue,
        .acquire, .release, .txn,
    ]
    /// Reads and writes stand before all others.
    private static let lastOfRegisters: UInt8 = 1
    private static let outcomes: [HistoryOperation.Outcome] = [.ok, .fail, .info]

    static func number(_ function: HistoryFunction) -> UInt8? {
        switch function {
        case .read: 0
        case .write: 1
        case .delete: 2
        case .cas: 3
        case .append: 4
        case .increment: 5
        case .add: 6
        case .remove: 7
        case .enqueue: 8
        case .dequeue: 9
        case .acquire: 10
        case .release: 11
        case .txn: 12
        case .service: nil
        }
    }

    static func number(_ outcome: HistoryOperation.Outcome) -> UInt8 {
        switch outcome {
        case .ok: 0
        case .fail: 1
        case .info: 2
        }
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
