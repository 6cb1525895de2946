import Determinism

/// What the transactions of a workload are like: its `txn:` section.
///
/// Keys are chosen as the workload's `keys:` says, of a key's present generation: once a key was
/// written ``writesPerKeyMax`` times, a new one takes its place.
public struct TransactionSpec: Hashable, Sendable {
    /// How many steps a transaction has, drawn evenly; from 1 to ``Limits/transactionStepsMax``.
    public var operations: ClosedRange<Int>
    /// The share of steps that read; the others write or append, by the type of the values.
    public var readShare: Double
    /// How often a key is written, from 1.
    public var writesPerKeyMax: Int

    /// The most that ``writesPerKeyMax`` can be.
    public static let writesPerKeyLimit = 10_000

    /// Transactions with these properties; the defaults are those of the scenario format.
    public init(
        operations: ClosedRange<Int> = 1...4, readShare: Double = 0.5, writesPerKeyMax: Int = 32
    ) {
        self.operations = operations
        self.readShare = readShare
        self.writesPerKeyMax = writesPerKeyMax
    }

    /// Whether every property is within its bounds.
    public var isValid: Bool {
        operations.lowerBound >= 1 && operations.upperBound <= Limits.transactionStepsMax
            && (0...1).contains(readShare)
            && (1...Self.writesPerKeyLimit).contains(writesPerKeyMax)
    }
}
