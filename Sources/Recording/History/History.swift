import Determinism
import Replication

/// The operations of a run, in order, at about a hundred bytes each: a day of a busy service is
/// millions of them, and as values of their own they would not fit the memory.
///
/// Reads as an array of ``HistoryOperation``; each is made anew when it is asked for.
public struct History: Sendable {
    private static let chunkBits = 15
    private static let chunkMask = 1 << chunkBits - 1

    /// In chunks, so that growing copies nothing.
    private var chunks: [ContiguousArray<HistoryRow>] = []
    var tables = HistoryTables()
    /// Operations that were added and wait for one before them, by index.
    private var ahead: [Int: HistoryRow] = [:]

    /// How many operations there are.
    public private(set) var count = 0

    /// No operations.
    public init() {}

    /// These operations.
    public init(_ operations: some Sequence<HistoryOperation>) {
        for operation in operations { append(operation) }
    }

    /// Adds an operation at the end.
    public mutating func append(_ operation: HistoryOperation) {
        append(HistoryRow(operation, &tables))
    }

    mutating func append(_ row: HistoryRow) {
        if count & Self.chunkMask == 0 { chunks.append([]) }
        chunks[count >> Self.chunkBits].append(row)
        count += 1
    }

    /// Adds an operation in its place by its index: each index from 0 on must come once, in
    /// whatever order. Those with a gap before them are not there yet.
    public mutating func insert(_ operation: HistoryOperation) {
        guard operation.index == count else {
            ahead[operation.index] = HistoryRow(operation, &tables)
            return
        }
        append(operation)
        while let next = ahead.removeValue(forKey: count) { append(next) }
    }

    /// Adds those that wait for one before them, which will not come any more.
    public mutating func closeGaps() {
        for index in ahead.keys.sorted() {
            if let row = ahead.removeValue(forKey: index) { append(row) }
        }
    }

    /// Adds an operation that has begun and may still end.
    mutating func begin(
        _ function: HistoryFunction, process: UInt32, key: Scalar?, value: StoredValue,
        at time: Int64
    ) {
        var number: UInt32 = 0
        if let key, !key.isNull { number = tables.number(of: tables.value(key).keyText) }
        append(
            HistoryRow(
                function, number: count, process: process, key: number,
                dataType: tables.numberOfPlace(Self.dataTypeOfOthers), value: value, at: time,
                &tables))
    }

    /// The data type of operations of histories that know none.
    package static let dataTypeOfOthers = "default"

    /// Takes note of how the operation at `position` ended; without a time it never did.
    mutating func complete(
        _ position: Int, _ outcome: HistoryOperation.Outcome, at time: Int64?,
        answer: StoredValue?, error: String?
    ) {
        let number = tables.number(of: error)
        let (chunk, place) = (position >> Self.chunkBits, position & Self.chunkMask)
        chunks[chunk][place].complete(outcome, at: time, answer: answer, error: number)
        guard let outsized = chunks[chunk][place].outsizedNumber else { return }
        tables.modify(outsized: outsized) { operation in
            operation.outcome = outcome
            operation.completed = time.map(Instant.init(nanoseconds:))
            operation.error = error
        }
    }

    @inline(__always)
    func row(_ position: Int) -> HistoryRow {
        chunks[position >> Self.chunkBits][position & Self.chunkMask]
    }
}

extension History: RandomAccessCollection, MutableCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// As many as there are operations.
    public var endIndex: Int { count }

    /// The operation at `position`.
    public subscript(position: Int) -> HistoryOperation {
        get { row(position).operation(tables) }
        set {
            chunks[position >> Self.chunkBits][position & Self.chunkMask] = HistoryRow(
                newValue, &tables)
        }
    }
}

extension History: Equatable, ExpressibleByArrayLiteral {
    /// These operations.
    public init(arrayLiteral elements: HistoryOperation...) { self.init(elements) }

    /// Whether both hold the same operations in the same order.
    public static func == (left: History, right: History) -> Bool { left.elementsEqual(right) }
    /// Whether both hold the same operations in the same order.
    public static func == (left: History, right: [HistoryOperation]) -> Bool {
        left.elementsEqual(right)
    }
}
