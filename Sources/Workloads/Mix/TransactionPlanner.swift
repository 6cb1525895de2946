import Determinism
import Replication
import Scenarios

/// One step of a planned transaction, before its client gives it a value.
package struct PlannedMicroOperation: Hashable, Sendable {
    /// The position of the key.
    package var key: Int
    /// Which generation of the key, from 0; see ``TransactionPlanner``.
    package var generation: Int
    /// Whether it reads; else it writes, or appends where the data type holds lists.
    package var isRead: Bool
}

/// Draws transactions, after the generator of Elle (Kingsbury and Alvaro, VLDB 2020): a few steps,
/// each a read or a write of a unique value, on keys that are written only so often.
///
/// A key that was written as often as the workload says gives way to its next *generation*, a key
/// of its own: lists stay short, so that reading one costs little, and what a checker has to put in
/// order are many short histories. Which generation a step uses hangs on the transactions planned
/// before, never on what came of them, so that it is the same in both engines.
package struct TransactionPlanner: Sendable {
    private let spec: TransactionSpec
    /// How often each key was written so far, by data type and position.
    private var writes: [ContiguousArray<Int32>]

    /// Draws by `spec` on `keyCount` keys of each of `groupCount` data types.
    package init(_ spec: TransactionSpec, keyCount: Int, groupCount: Int) {
        self.spec = spec
        writes = Array(
            repeating: ContiguousArray(repeating: 0, count: keyCount), count: groupCount)
    }

    /// Draws the next transaction on the data type `group`; `chooser` chooses the keys.
    package mutating func next(
        group: Int, _ chooser: KeyChooser, _ random: inout RandomStream
    ) -> [PlannedMicroOperation] {
        let shortest = spec.operations.lowerBound
        let count = shortest + random.index(spec.operations.upperBound - shortest + 1)
        var steps: [PlannedMicroOperation] = []
        steps.reserveCapacity(count)
        for _ in 0..<count {
            let isRead = random.chance(spec.readShare)
            let key = chooser.next(&random)
            let written = Int(writes[group][key])
            steps.append(
                PlannedMicroOperation(
                    key: key, generation: written / spec.writesPerKeyMax, isRead: isRead))
            if !isRead { writes[group][key] &+= 1 }
        }
        return steps
    }
}
