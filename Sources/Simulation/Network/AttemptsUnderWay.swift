import Workloads

/// The attempts of clients that are under way, and the path that each took.
///
/// Kept by the place that the fleet keeps the operation in, with no hashing: nearly always an
/// operation has one attempt under way, and the few others stand in a dictionary.
struct AttemptsUnderWay {
    private struct Entry {
        var attempt = AttemptID(rawValue: 0)
        /// Negative: there is none.
        var path: Int32 = -1
    }

    /// The latest attempt of the operation in each place.
    private var latest: ContiguousArray<Entry> = []
    /// Earlier ones of the same operations, and what is left of earlier operations. Looked up by
    /// key only; its order never shows.
    private var others: [AttemptID: Int32] = [:]

    /// Takes note that `attempt` goes out on `path`.
    mutating func add(_ attempt: AttemptID, path: Int) {
        let place = attempt.place
        while latest.count <= place { latest.append(Entry()) }
        let before = latest[place]
        if before.path >= 0, before.attempt.rawValue != attempt.rawValue {
            others[before.attempt] = before.path
        }
        latest[place] = Entry(attempt: attempt, path: Int32(path))
    }

    /// Forgets `attempt`; whether it was under way.
    @discardableResult
    mutating func remove(_ attempt: AttemptID) -> Bool {
        let place = attempt.place
        if place < latest.count, latest[place].attempt.rawValue == attempt.rawValue,
            latest[place].path >= 0
        {
            latest[place].path = -1
            return true
        }
        return others.isEmpty ? false : others.removeValue(forKey: attempt) != nil
    }

    /// The attempts on `path`, in the order of their numbers.
    func attempts(onPath path: Int) -> [AttemptID] {
        var found = latest.filter { Int($0.path) == path }.map(\.attempt)
        found += others.filter { Int($0.value) == path }.keys
        return found.sorted { $0.rawValue < $1.rawValue }
    }
}
