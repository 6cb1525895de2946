/// A register with read, write, delete and compare-and-set. States and values are numbers that
/// the caller gave to the tokens; 0 is absence.
///
/// Knows a dead end: a value is left behind that some operation must still see, and nothing that
/// could bring it back is outstanding. With unique tokens this decides most of the order.
package struct RegisterModel: ObjectModel {
    /// An operation with what it answered.
    package enum Call: Hashable, Sendable {
        /// Saw this value.
        case read(Int64)
        /// Set this value; a delete sets 0.
        case write(Int64)
        /// Found the first and set the second value.
        case replace(Int64, Int64)
        /// Saw something that a register never holds, such as several values.
        case impossible
    }

    package let initial: Int64 = 0
    /// How many operations not yet in the order must see the value.
    private var readers: [Int]
    /// How many operations not yet in the order could bring the value.
    private var writers: [Int]

    /// The model for a search over `calls`, whose values are all below `valueCount`.
    init(_ calls: [ObjectCall<Call>], valueCount: Int) {
        readers = Array(repeating: 0, count: valueCount)
        writers = Array(repeating: 0, count: valueCount)
        for call in calls { count(call.call, isDefinite: call.returned != nil, by: 1) }
    }

    private mutating func count(_ call: Call, isDefinite: Bool, by amount: Int) {
        switch call {
        case .read(let value): if isDefinite { readers[Int(value)] += amount }
        case .write(let value): writers[Int(value)] += amount
        case .replace(let from, let to):
            // An indefinite one need not see anything.
            if isDefinite { readers[Int(from)] += amount }
            writers[Int(to)] += amount
        case .impossible: break
        }
    }

    package func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .read(let value): value == state ? state : nil
        case .write(let value): value
        case .replace(let from, let to): from == state ? to : nil
        case .impossible: nil
        }
    }

    package func isPure(_ call: Call) -> Bool {
        switch call {
        case .read: true
        case .write, .replace, .impossible: false
        }
    }

    package func isDeadEnd(from state: Int64, to next: Int64) -> Bool {
        state != next && readers[Int(state)] > 0 && writers[Int(state)] == 0
    }

    package mutating func enter(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: -1)
    }
    package mutating func leave(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: 1)
    }
}
