/// Which updates of a key come before something, as far as a history shows.
///
/// Of a client's acknowledged updates each follows the ones before it, so that their number says
/// which they are. What is known one by one (updates of unknown outcome, and all of a register
/// that keeps concurrent values) is listed.
struct CausalPast: Sendable {
    /// Of how many updates that are known one by one the last are remembered. What is forgotten
    /// counts as unrelated, which accuses nobody.
    static let singlesMax = 256

    private var counts: [Int] = []
    private var singles: [Int] = []

    /// Whether `update` is among them.
    func contains(_ update: SessionUpdate) -> Bool {
        if let number = update.number, update.session < counts.count,
            counts[update.session] >= number
        {
            return true
        }
        return singles.contains(update.id)
    }

    /// Adds `update` alone.
    mutating func insert(_ update: SessionUpdate) {
        guard let number = update.number else { return insert(single: update.id) }
        while counts.count <= update.session { counts.append(0) }
        counts[update.session] = max(counts[update.session], number)
    }

    /// Adds all of `other`.
    mutating func merge(_ other: CausalPast) {
        while counts.count < other.counts.count { counts.append(0) }
        for (session, count) in other.counts.enumerated() {
            counts[session] = max(counts[session], count)
        }
        for id in other.singles { insert(single: id) }
    }

    private mutating func insert(single id: Int) {
        if singles.contains(id) { return }
        singles.append(id)
        if singles.count > Self.singlesMax { singles.removeFirst() }
    }
}
