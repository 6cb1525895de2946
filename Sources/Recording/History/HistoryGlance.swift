import Determinism
import Replication

/// What figures and audits need of an operation, without its texts: those are numbers, equal for
/// equal texts of one ``History``, from 1; 0 is none.
package struct HistoryGlance {
    /// The region that the client stands beside.
    package var region: UInt32
    /// The data type.
    package var dataType: UInt32
    /// The key.
    package var key: UInt32
    /// What it does.
    package var function: HistoryFunction
    /// What is known of its effect.
    package var outcome: HistoryOperation.Outcome
    /// When it was to start.
    package var planned: Instant
    /// When it started; `nil`: it was never sent.
    package var invoked: Instant?
    /// When its outcome was known; `nil`: never.
    package var completed: Instant?
    /// The version written, or the version of the value read.
    package var version: Version?
    /// Whether the service answered as it should.
    package var isAnswered: Bool
    /// Whether it has the value ``HistoryValue/null``.
    package var isNull: Bool
    /// Whether it has a list for a value.
    package var isList: Bool
}

/// A read or write of a register that took effect, of one value or of none: nearly every
/// operation, told without making a text.
package struct RegisterGlance {
    /// ``HistoryOperation/index``.
    package var index: Int
    /// The sequential process.
    package var process: UInt32
    /// The client that issued it.
    package var client: UInt64
    /// The data type, as in ``HistoryGlance``.
    package var dataType: UInt32
    /// The key, as in ``HistoryGlance``.
    package var key: UInt32
    /// When it started; `nil`: it was never sent.
    package var invoked: Instant?
    /// When its outcome was known.
    package var completed: Instant?
    /// Whether it is a write.
    package var isWrite: Bool
    /// What was written or read.
    package var value: Scalar
    /// The version written, or the version of the value read.
    package var version: Version?
}

/// A transaction, told without making a text: its parts lie among ``History/elements``, each a
/// ``MicroOperationHeader``, the key, and as many values as the header says.
package struct TransactionGlance {
    /// ``HistoryOperation/index``.
    package var index: Int
    /// The sequential process.
    package var process: UInt32
    /// The client that issued it.
    package var client: UInt64
    /// The data type, as in ``HistoryGlance``.
    package var dataType: UInt32
    /// When it started, in nanoseconds.
    package var invoked: Int64
    /// When its outcome was known; `nil`: never.
    package var completed: Int64?
    /// What is known of its effect.
    package var outcome: HistoryOperation.Outcome
    /// Where its parts are among the elements.
    package var parts: Range<Int>
}

extension History {
    /// The transaction at `position`; `nil` if that operation is none, or was never sent.
    package func transactionGlance(_ position: Int) -> TransactionGlance? {
        row(position).transactionGlance
    }

    /// Elements of lists, and parts of transactions.
    package var elements: ContiguousArray<Scalar> { tables.elements }

    /// What is to be seen of the operation at `position` at a glance.
    package func glance(_ position: Int) -> HistoryGlance { row(position).glance(tables) }

    /// The scalar of a value that occurs in the history; `nil` for a collection, or another value.
    package func scalar(of value: HistoryValue) -> Scalar? { tables.knownScalar(of: value) }

    /// The value that a scalar of the history stands for.
    package func value(of scalar: Scalar) -> HistoryValue { tables.value(scalar) }

    /// The operation at `position`, if a ``RegisterGlance`` says all of it.
    package func registerGlance(_ position: Int) -> RegisterGlance? {
        row(position).registerGlance(tables)
    }

    /// The number of a text in every ``HistoryGlance``; `nil` if no operation has it.
    package func number(of text: String) -> UInt32? { tables.knownNumber(of: text) }

    /// The text with this number in a ``HistoryGlance``.
    package func text(_ number: UInt32) -> String { tables.name(number) }
}

extension History {
    /// The names of the data types that occur, in order.
    package var dataTypes: [String] {
        var numbers: [UInt32] = []
        for position in indices {
            let number = glance(position).dataType
            if !numbers.contains(number) { numbers.append(number) }
        }
        return numbers.map(text).sorted()
    }
}
