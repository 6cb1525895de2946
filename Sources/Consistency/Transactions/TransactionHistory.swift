/// What transactions did, in flat arrays of numbers: about a hundred bytes for one of a few
/// micro-operations, so that a history of millions fits a checker.
///
/// Keys, elements and values are numbers that the reader of a history gives out; the checker
/// never sees a text. A transaction is begun, then its micro-operations follow in their order.
/// What does not belong to the kind of the history, or comes before any transaction, is left
/// out and counted: a history that has any is not judged valid.
public struct TransactionHistory: Sendable {
    /// What the objects are.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Lists, of which a transaction reads the whole and to which it appends.
        case listAppend = "list-append"
        /// Registers, which a transaction reads and overwrites blindly.
        case readWriteRegister = "rw-register"
    }

    /// How a transaction ended.
    public enum Outcome: UInt8, CaseIterable, Hashable, Sendable {
        /// It committed.
        case ok
        /// It did not happen.
        case fail
        /// It may have committed, or may yet.
        case info
    }

    /// What a micro-operation does.
    enum Function: UInt8 {
        /// A read of which the result is not known.
        case blindRead
        /// A read with its result.
        case read
        /// An append or a write.
        case update
    }

    /// What the objects are.
    public let kind: Kind
    /// Micro-operations left out since they do not fit the kind, or a pool that is full.
    public private(set) var rejectedCount = 0

    private(set) var identities: ContiguousArray<Int> = []
    private(set) var processes: ContiguousArray<Int32> = []
    private(set) var invoked: ContiguousArray<Int64> = []
    /// `Int64.max` for never.
    private(set) var returned: ContiguousArray<Int64> = []
    private(set) var outcomes: ContiguousArray<Outcome> = []
    /// Where the micro-operations of each transaction start.
    private(set) var starts: ContiguousArray<Int32> = []

    private(set) var functions: ContiguousArray<Function> = []
    private(set) var keys: ContiguousArray<Int32> = []
    /// The element or value; for a read of a list where its elements start.
    private(set) var arguments: ContiguousArray<Int32> = []
    /// How many elements a read of a list saw.
    private(set) var lengths: ContiguousArray<Int32> = []
    private(set) var elements: ContiguousArray<Int32> = []

    /// An empty history.
    public init(kind: Kind) { self.kind = kind }

    /// How many transactions there are.
    public var count: Int { identities.count }
    /// How many micro-operations there are.
    public var operationCount: Int { functions.count }
    /// About how much memory it takes.
    public var bytes: Int { count * 33 + operationCount * 13 + elements.count * 4 }

    /// Begins a transaction; what follows is its own.
    ///
    /// - Parameters:
    ///   - identity: What it is called in results; need not be unique, but better is.
    ///   - process: Who carried it out; a process carries out one at a time.
    ///   - invoked: When it was called, in nanoseconds.
    ///   - returned: When it returned; `nil` for never. Before `invoked` counts as `invoked`.
    ///   - outcome: How it ended. Of one that did not commit for certain, reads saw nothing.
    public mutating func begin(
        identity: Int, process: Int32, invoked: Int64, returned: Int64?, outcome: Outcome
    ) {
        identities.append(identity)
        processes.append(process)
        self.invoked.append(invoked)
        self.returned.append(returned.map { max($0, invoked) } ?? .max)
        outcomes.append(outcome)
        starts.append(Int32(truncatingIfNeeded: functions.count))
    }

    /// A read of the list `key`, which held `list`.
    public mutating func read(_ key: Int32, list: some Collection<Int32>) {
        guard kind == .listAppend, elements.count + list.count < Int(Int32.max) else {
            rejectedCount += 1
            return
        }
        let start = Int32(elements.count)
        guard add(.read, key, start, Int32(list.count)) else { return }
        elements.append(contentsOf: list)
    }

    /// A read of the register `key`, which held `value`; 0 is absence.
    public mutating func read(_ key: Int32, value: Int32) {
        guard kind == .readWriteRegister else { return rejectedCount += 1 }
        _ = add(.read, key, value, 0)
    }

    /// A read whose result is not known.
    public mutating func readUnknown(_ key: Int32) { _ = add(.blindRead, key, 0, 0) }

    /// An append of `element` to the list `key`.
    public mutating func append(_ key: Int32, _ element: Int32) {
        guard kind == .listAppend else { return rejectedCount += 1 }
        _ = add(.update, key, element, 0)
    }

    /// A write of `value` to the register `key`; 0 is absence.
    public mutating func write(_ key: Int32, _ value: Int32) {
        guard kind == .readWriteRegister else { return rejectedCount += 1 }
        _ = add(.update, key, value, 0)
    }

    private mutating func add(
        _ function: Function, _ key: Int32, _ argument: Int32, _ length: Int32
    ) -> Bool {
        guard !starts.isEmpty, functions.count < Int(Int32.max) - 1 else {
            rejectedCount += 1
            return false
        }
        functions.append(function)
        keys.append(key)
        arguments.append(argument)
        lengths.append(length)
        return true
    }

    /// The micro-operations of a transaction.
    func operations(_ transaction: Int) -> Range<Int> {
        let end = transaction + 1 < starts.count ? Int(starts[transaction + 1]) : functions.count
        return Int(starts[transaction])..<end
    }

    /// The elements that a read of a list saw.
    func list(_ operation: Int) -> ArraySlice<Int32> {
        let start = Int(arguments[operation])
        return elements[start..<start + Int(lengths[operation])]
    }
}
