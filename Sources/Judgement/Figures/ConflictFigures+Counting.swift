import Determinism
import Recording
import Replication
import Scenarios

extension ConsistencyFigures.ConflictFigures {
    /// The conflicts that `events` tell of, each pair of versions once. A data type may have a
    /// `conflict_window`: pairs whose writes are further apart do not count.
    init(_ events: [RecordedEvent], plan: Plan, discarded: Int) {
        struct Pair: Hashable {
            var group: String
            var key: String
            var winner: String
            var loser: String
        }
        var windows: [String: TimeSpan] = [:]
        for group in plan.groups {
            windows[group.name] = group.conflictWindow
        }
        var seen = Set<Pair>()
        var counts: [String: Int] = [:]
        detected = 0
        for conflict in events.compactMap(ConflictMet.init) {
            // The same two versions may win either way in a rule that is not symmetric: the pair
            // is one all the same.
            let pair = Pair(
                group: conflict.group, key: conflict.key,
                winner: min(conflict.winner, conflict.loser),
                loser: max(conflict.winner, conflict.loser))
            guard seen.insert(pair).inserted else { continue }
            if let window = windows[conflict.group],
                let apart = Self.timeBetween(conflict.winner, conflict.loser), apart > window
            {
                continue
            }
            detected += 1
            counts[conflict.rule ?? "kept", default: 0] += 1
        }
        discardedConcurrent = discarded
        resolved = counts.sorted { $0.key < $1.key }.map {
            ConsistencyFigures.ResolvedBy(rule: $0.key, count: $0.value)
        }
    }

    private static func timeBetween(_ first: String, _ second: String) -> TimeSpan? {
        guard case .causal(_, _, let one) = VersionText.version(first),
            case .causal(_, _, let other) = VersionText.version(second)
        else { return nil }
        return one.wall > other.wall ? one.wall - other.wall : other.wall - one.wall
    }
}

extension PlannedGroup {
    /// How far apart concurrent writes may be and still count as a conflict; `nil`: unlimited.
    var conflictWindow: TimeSpan? {
        if case .duration(let span) = options["conflict_window"] { return span }
        return nil
    }

    /// Whether reads may show several concurrent values.
    package var keepsConcurrent: Bool { options["resolve"] == .choice("siblings") }

    /// Whether a member answers reads from its own state alone, or brings that up to date before it
    /// does: a member of a read quorum is shown by others what it need not have itself.
    var answersFromOwnState: Bool { strategy != "quorum" || isOrderedByTag }

    /// Whether the times and dots of writes order them all, so that a later one has superseded an
    /// earlier one even if it did not know of it.
    var isOrderedByTag: Bool { options["write_back"] == .toggle(true) }
}
