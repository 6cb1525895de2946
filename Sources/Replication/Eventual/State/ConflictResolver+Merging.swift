import Determinism

/// Values that are merged.
///
/// The entry of such a key has one sibling: the last update that is known, by time, with the state
/// after all updates in place of what it wrote. The entry's context names these updates, and the
/// same updates make the same state, so that contexts tell whether one entry knows all that another
/// does. What a member takes in itself stands in its journal as an operation.
extension ConflictResolver {
    /// Whether values are merged.
    var isMerging: Bool {
        if case .merge = self { true } else { false }
    }

    /// The entry after an update that the replica which holds `held` has taken in: `update` holds
    /// the operation, and its context is that of `held`.
    static func apply(
        _ update: Sibling, to held: VersionedEntry?, by rule: MergeRule
    ) -> VersionedEntry {
        var result = update
        let state = held?.siblings.last?.value
        result.value = state
        if let operation = update.value.flatMap({ try? Operation.decoded($0) }) {
            let stamp = MergeUpdate(dot: update.dot, timestamp: update.timestamp)
            // States were found to be valid when they came.
            result.value = rule.updated(state, by: operation, stamp) ?? state
        }
        guard let held else { return VersionedEntry(result) }
        return VersionedEntry(siblings: [result], context: held.context)
    }

    /// Both states as one. The updates that were last meet, if neither knew of the other.
    static func join(
        _ held: VersionedEntry, _ incoming: VersionedEntry, by rule: MergeRule,
        met: inout [Meeting]
    ) -> VersionedEntry {
        guard let mine = held.latest else { return incoming }
        guard let theirs = incoming.latest else { return held }
        if mine.isConcurrent(to: theirs) { met.append(meeting(mine, theirs)) }
        let first = held.context
        let second = incoming.context
        if first != second {
            if first.covers(second) { return held }
            if second.covers(first) { return incoming }
        }
        var last = theirs.isLater(than: mine) ? theirs : mine
        switch (mine.value, theirs.value) {
        case (let state?, let other?): last.value = rule.joined(state, other) ?? state
        case (let state, nil): last.value = state
        case (nil, let state): last.value = state
        }
        var context = first
        context.merge(second)
        return VersionedEntry(siblings: [last], context: context)
    }

    /// Whether an entry that came from elsewhere is one: a merged value with its state.
    func isValid(_ entry: VersionedEntry) -> Bool {
        guard case .merge(let rule) = self else { return true }
        guard entry.siblings.count == 1, let state = entry.siblings[0].value else { return false }
        return rule.isValid(state)
    }

    /// The values that a read of `entry` shows, each with the version that tells what it reflects.
    func values(of entry: VersionedEntry) -> [(value: Value?, version: Version)] {
        guard case .merge(let rule) = self else {
            return shown(entry).map { ($0.value.map { .bytes($0) }, $0.version) }
        }
        return entry.siblings.map { sibling in
            (sibling.value.flatMap(rule.value(of:)), Self.version(of: sibling, in: entry))
        }
    }

    /// The version of a merged value: its last update, after all the others.
    static func version(of last: Sibling, in entry: VersionedEntry) -> Version {
        var context = entry.context
        if context[last.dot.member] >= last.dot.counter {
            context[last.dot.member] = last.dot.counter - 1
        }
        return .causal(dot: last.dot, context: context, timestamp: last.timestamp)
    }
}
