/// The writes of a history by key, and for each key by session: where a checker looks for the
/// last write of a session that some operation has in its past.
///
/// A group is the writes of one session to one key, in the session's order; the groups of a key
/// are neighbours, in the order of sessions. Only sessions that write to a key have a group there.
struct KeyWriters {
    /// Where the groups of each key begin; one more entry ends the last.
    private(set) var keyStarts: ContiguousArray<Int32>
    /// The session of each group.
    private(set) var sessions: ContiguousArray<Int32> = []
    /// Where the writes of each group begin in ``positions``; one more entry ends the last.
    private(set) var starts: ContiguousArray<Int32> = []
    /// The positions of the writes in their sessions.
    private(set) var positions: ContiguousArray<Int32>

    /// Sorts the writes of `history`.
    init(_ history: SessionHistory) {
        keyStarts = ContiguousArray(repeating: 0, count: history.keyCount + 1)
        var places = ContiguousArray<Int32>(repeating: 0, count: history.keyCount + 1)
        for index in 0..<history.count where history.isWrite(index) {
            places[Int(history.keys[index]) + 1] += 1
        }
        for key in 0..<history.keyCount { places[key + 1] += places[key] }
        let keyPlaces = places
        let total = Int(places[history.keyCount])
        var writers = ContiguousArray<Int32>(repeating: 0, count: total)
        // Operations come session by session, so that a stable sort by key leaves the sessions
        // of each key, and their positions, in order.
        for index in 0..<history.count where history.isWrite(index) {
            let key = Int(history.keys[index])
            writers[Int(places[key])] = Int32(index)
            places[key] += 1
        }
        positions = ContiguousArray(repeating: 0, count: total)
        for key in 0..<history.keyCount {
            keyStarts[key] = Int32(sessions.count)
            var last: Int32 = -1
            for place in Int(keyPlaces[key])..<Int(keyPlaces[key + 1]) {
                let writer = Int(writers[place])
                let session = history.sessions[writer]
                if session != last {
                    sessions.append(session)
                    starts.append(Int32(place))
                    last = session
                }
                positions[place] = history.position(writer)
            }
        }
        keyStarts[history.keyCount] = Int32(sessions.count)
        starts.append(Int32(total))
    }

    /// How many groups there are.
    var count: Int { sessions.count }

    /// The groups of `key`.
    @inline(__always)
    func groups(of key: Int32) -> Range<Int> {
        Int(keyStarts[Int(key)])..<Int(keyStarts[Int(key) + 1])
    }

    /// The group of `session` among those of `key`; `nil` if it never writes there.
    func group(of key: Int32, _ session: Int32) -> Int? {
        let groups = groups(of: key)
        var low = groups.lowerBound
        var high = groups.upperBound
        while low < high {
            let middle = (low + high) / 2
            if sessions[middle] < session { low = middle + 1 } else { high = middle }
        }
        return low < groups.upperBound && sessions[low] == session ? low : nil
    }

    /// The position of the last write of `group` before the position `limit`; -1 if there is none.
    func last(of group: Int, before limit: Int32) -> Int32 {
        var low = Int(starts[group])
        let begin = low
        var high = Int(starts[group + 1])
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low == begin ? -1 : positions[low - 1]
    }
}
