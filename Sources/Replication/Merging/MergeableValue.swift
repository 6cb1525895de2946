import Determinism

/// A value whose copies are changed independently and then merged: a state-based conflict-free
/// replicated data type (Shapiro, Preguiça, Baquero and Zawirski, "Conflict-free Replicated Data
/// Types", SSS 2011).
///
/// The states that can be reached from ``init()`` are a join-semilattice, of which ``merge(_:)``
/// is the join: commutative, associative and idempotent. ``apply(_:_:)`` is monotone: merging the
/// state before an update into the state after it changes nothing. Then members that know of the
/// same updates hold the same state, in whatever order and however often they heard of them.
///
/// Equal states have equal encodings: whatever has no order in the value is sorted in the state.
/// An encoding comes from a peer or a disk and may be anything; ``ByteCodable/decode(from:)``
/// throws rather than accept what no updates lead to.
///
/// An application's own merge function is one such type, registered in one line; see
/// `docs/extending.md`.
public protocol MergeableValue: ByteCodable, Hashable {
    /// The rule's name, the type of its values, and the operations that it knows.
    static var merging: MergeDescription { get }

    /// The least state: that of a key which nobody has updated.
    init()

    /// Carries out an update where it was taken in. Only operations that ``merging`` names come,
    /// and reads never do. It cannot fail: what cannot be done leaves the value as it was.
    mutating func apply(_ operation: Operation, _ update: MergeUpdate)

    /// Takes over all that `other` knows and this state does not.
    mutating func merge(_ other: Self)

    /// What a read shows; `nil`: nothing, as if the key were absent.
    var value: Value? { get }
}

/// Which update it is, for states that must tell updates apart.
public struct MergeUpdate: Hashable, Sendable {
    /// Its name: no other update of any member has it, and later ones of the same member have
    /// greater counters.
    public var dot: Dot
    /// Its time: later than that of every update in the state that it is applied to.
    public var timestamp: HybridTimestamp

    /// The update `dot`, taken in at `timestamp`.
    public init(dot: Dot, timestamp: HybridTimestamp) {
        self.dot = dot
        self.timestamp = timestamp
    }
}

/// What a rule of merging says of itself: scenario files, `meridian strategies` and the clients go
/// by it.
public struct MergeDescription: Hashable, Sendable {
    /// The word that the option `merge` names it by.
    public var name: String
    /// The type of the values that it merges.
    public var valueType: ValueType
    /// The operations that it knows, reads among them.
    public var operations: Set<OperationKind>
    /// What becomes of concurrent updates, in a line.
    public var help: String

    /// A description with these parts.
    public init(
        name: String, valueType: ValueType, operations: Set<OperationKind>, help: String
    ) {
        self.name = name
        self.valueType = valueType
        self.operations = operations
        self.help = help
    }
}
