/// For each group of writes the last one before a limit that only grows: monotone pointers.
struct WriterCursors {
    /// The index, in the positions, of the first write of each group not passed yet.
    private var ahead: ContiguousArray<Int32>

    /// Cursors at the beginning of all groups of `writers`.
    init(_ writers: KeyWriters) {
        ahead = ContiguousArray(writers.starts)
    }

    /// Goes back to the beginning.
    mutating func reset(_ writers: KeyWriters) {
        for index in ahead.indices { ahead[index] = writers.starts[index] }
    }

    /// The position of the last write of `group` before the position `limit`; -1 if there is none.
    /// The limit of a group must not shrink from call to call.
    @inline(__always)
    mutating func last(of group: Int, before limit: Int32, _ writers: KeyWriters) -> Int32 {
        var index = Int(ahead[group])
        let end = Int(writers.starts[group + 1])
        if index < end, writers.positions[index] < limit {
            repeat { index += 1 } while index < end && writers.positions[index] < limit
            ahead[group] = Int32(truncatingIfNeeded: index)
        }
        return index == Int(writers.starts[group]) ? -1 : writers.positions[index - 1]
    }
}
