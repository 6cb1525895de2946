/// Which write each read of a history reads from, as far as the values tell.
///
/// Where the values of a key are unique ("differentiated") they tell all. A read of a value that
/// several operations wrote, or of absence where somebody deleted, is ambiguous: it is then
/// treated as if it read nothing. Violations found so are violations all the same, for a read from
/// a known write only adds to the order; their absence proves nothing.
struct ReadsFrom {
    /// Instead of a writer: reads nothing, or nothing that can be told.
    static let none: Int32 = -1
    /// Instead of a writer: reads the value of the beginning.
    static let initial: Int32 = -2
    /// Instead of a writer: reads what nobody wrote.
    static let thinAir: Int32 = -3

    /// What tells of a history that is not differentiated.
    struct Ambiguity {
        /// The read.
        var reader: Int32
        /// Two operations that may have written its value; the second is -1 where the beginning
        /// may be the other.
        var writers: (Int32, Int32)
    }

    /// For each operation the one whose value it read, or one of the constants.
    private(set) var source: ContiguousArray<Int32>
    /// The first ambiguous read.
    private(set) var ambiguity: Ambiguity?
    /// Reads of what nobody wrote.
    private(set) var thinAirReads: [Int32] = []

    /// Finds the writers in `history`.
    init(_ history: SessionHistory) {
        var table = ValueTable(count: history.writes.count { $0 != SessionHistory.nothing })
        for index in 0..<history.count where history.isWrite(index) {
            table.insert(
                ValueTable.pair(history.keys[index], history.writes[index]), Int32(index))
        }
        source = ContiguousArray(repeating: Self.none, count: history.count)
        for index in 0..<history.count where history.isRead(index) {
            if history.isOptional[index] { continue }
            let value = history.reads[index]
            let (first, second) = table.writers(ValueTable.pair(history.keys[index], value))
            if value == SessionHistory.absence {
                if first < 0 {
                    source[index] = Self.initial
                } else if ambiguity == nil {
                    ambiguity = Ambiguity(reader: Int32(index), writers: (first, -1))
                }
            } else if second >= 0 {
                if ambiguity == nil {
                    ambiguity = Ambiguity(reader: Int32(index), writers: (first, second))
                }
            } else if first < 0 || first == index {
                // Nor can an operation read what it writes itself only afterwards.
                source[index] = Self.thinAir
                thinAirReads.append(Int32(index))
            } else {
                source[index] = first
            }
        }
    }
}
