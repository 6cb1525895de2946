/// How concurrent writes of a key are resolved.
///
/// Every rule's ``merge(_:_:met:)`` is commutative, associative and idempotent, so that replicas
/// that know the same writes hold the same entries, in whatever order they learned of them.
enum ConflictResolver: Hashable, Sendable {
    /// Keeps the write with the latest hybrid time, whatever knew of what. The entry remembers
    /// the discarded writes as past.
    case lastWriterWins
    /// Drops a write when one that knew of it is there; of those left, the last writer's shows.
    /// The others are kept, unseen, until a write supersedes them all: to drop them at once would
    /// let the order of arrival decide where clocks are skewed.
    case versionVector
    /// Keeps all concurrent writes and shows them all.
    case siblings
    /// Joins what concurrent updates made of the value, by this rule.
    case merge(MergeRule)

    /// The rules under which a write replaces what it knew.
    static let allCases: [ConflictResolver] = [.lastWriterWins, .versionVector, .siblings]
    /// The word of the option that ``merge(_:)`` stands for.
    static let mergeWord = "merge"
    /// The words of the option, in the order of its help.
    static let words = allCases.map(\.rawValue) + [mergeWord]

    /// The word that the option names the rule by.
    var rawValue: String {
        switch self {
        case .lastWriterWins: "last-writer-wins"
        case .versionVector: "version-vector"
        case .siblings: "siblings"
        case .merge: Self.mergeWord
        }
    }

    /// Two concurrent writes that came to be known together.
    struct Meeting: Hashable, Sendable {
        /// The write kept, or of two kept the later.
        var winner: Sibling
        /// The other.
        var loser: Sibling
    }

    /// What is known when both entries are known. Appends to `met` the concurrent writes that
    /// met: of which the first entry does not hold both already.
    func merge(
        _ held: VersionedEntry, _ incoming: VersionedEntry, met: inout [Meeting]
    ) -> VersionedEntry {
        if held == incoming { return held }
        switch self {
        case .lastWriterWins: return mergeLatest(held, incoming, met: &met)
        case .versionVector, .siblings: return mergeSets(held, incoming, met: &met)
        case .merge(let rule): return Self.join(held, incoming, by: rule, met: &met)
        }
    }

    private func mergeLatest(
        _ held: VersionedEntry, _ incoming: VersionedEntry, met: inout [Meeting]
    ) -> VersionedEntry {
        for mine in held.siblings {
            for theirs in incoming.siblings where mine.isConcurrent(to: theirs) {
                met.append(Self.meeting(mine, theirs))
            }
        }
        guard let first = held.latest else { return incoming }
        guard let second = incoming.latest else { return held }
        let kept = Self.replaces(first, second) ? second : first
        if held.siblings.count == 1, incoming.siblings.count == 1, held.residue.entries.isEmpty,
            incoming.residue.entries.isEmpty
        {
            // The common cases, without joining contexts: one write knew all that the other did.
            let other = kept.dot == first.dot ? second : first
            if kept.context.contains(other.dot), kept.context.covers(other.context) {
                return VersionedEntry(kept)
            }
        }
        var context = held.context
        context.merge(incoming.context)
        return VersionedEntry(siblings: [kept], context: context)
    }

    /// Whether of two writes that both happened the second stays: the later one does.
    private static func replaces(_ first: Sibling, _ second: Sibling) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.orderOfArrivalDecides), first.isConcurrent(to: second) {
                return true
            }
        #endif
        return second.isLater(than: first)
    }

    private func mergeSets(
        _ held: VersionedEntry, _ incoming: VersionedEntry, met: inout [Meeting]
    ) -> VersionedEntry {
        var kept: [Sibling] = []
        var news: [Sibling] = []
        for mine in held.siblings
        where !incoming.knows(mine.dot) || incoming.siblings.contains(where: { $0.dot == mine.dot })
        {
            kept.append(mine)
        }
        for theirs in incoming.siblings where !held.knows(theirs.dot) { news.append(theirs) }
        for (index, new) in news.enumerated() {
            for other in kept + news[..<index] where new.isConcurrent(to: other) {
                met.append(Self.meeting(new, other))
            }
        }
        var context = held.context
        context.merge(incoming.context)
        var siblings = (kept + news).sorted { $0.dot < $1.dot }
        if siblings.isEmpty {
            // Only forged contexts supersede each other; something must stay, the same for all.
            let all = (held.siblings + incoming.siblings).sorted { $1.isLater(than: $0) }
            siblings = all.suffix(1)
        }
        return VersionedEntry(siblings: siblings, context: context)
    }

    /// The entry after `write`, which the replica that holds `held` has just taken in itself.
    ///
    /// Not the same as merging: the new write leaves siblings alone that its context lacks, though
    /// its dot is beyond theirs.
    func add(
        _ write: Sibling, to held: VersionedEntry?, met: inout [Meeting]
    ) -> VersionedEntry {
        guard let held else {
            if case .merge(let rule) = self { return Self.apply(write, to: nil, by: rule) }
            return VersionedEntry(write)
        }
        switch self {
        case .lastWriterWins:
            return mergeLatest(held, VersionedEntry(write), met: &met)
        case .versionVector, .siblings:
            let kept = held.siblings.filter { !write.context.contains($0.dot) }
            for other in kept { met.append(Self.meeting(write, other)) }
            if kept.isEmpty, held.residue.entries.isEmpty,
                held.siblings.allSatisfy({ write.context.covers($0.context) })
            {
                return VersionedEntry(write)
            }
            var context = held.context
            context.merge(write.context)
            return VersionedEntry(
                siblings: (kept + [write]).sorted { $0.dot < $1.dot }, context: context)
        case .merge(let rule): return Self.apply(write, to: held, by: rule)
        }
    }

    /// The writes of `entry` that a read shows; of a merged value the one that holds its state.
    func shown(_ entry: VersionedEntry) -> [Sibling] {
        switch self {
        case .siblings, .merge: entry.siblings
        case .lastWriterWins, .versionVector: entry.latest.map { [$0] } ?? []
        }
    }

    static func meeting(_ first: Sibling, _ second: Sibling) -> Meeting {
        first.isLater(than: second)
            ? Meeting(winner: first, loser: second) : Meeting(winner: second, loser: first)
    }
}
