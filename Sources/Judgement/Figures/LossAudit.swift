import Determinism
import Recording
import Replication
import Scenarios

/// What became of every acknowledged write of one data type.
///
/// A write is there if the final state of some live member holds it or a version that supersedes
/// it. It was discarded if it lost to a concurrent write by the resolver and the winner is there,
/// by the same rule; later writes may have superseded that. Otherwise it is lost. What a
/// transaction wrote has one version; it is one write, and lost if it is under any of its keys.
struct LossAudit {
    /// An acknowledged write that is lost.
    struct LostWrite {
        var index: Int
        var key: String
        var acknowledged: Instant
    }

    var lost: [LostWrite] = []
    /// Acknowledged writes that lost to a concurrent one that is there.
    private(set) var discarded = 0
    /// Acknowledged writes without a version.
    private(set) var unaudited = 0

    private enum Fate {
        case present
        case discarded
        case lost
    }

    fileprivate struct KeyState {
        /// Versions at the end, over all members; of a key that nobody holds its deletes and removes.
        var versions: [Version] = []
        /// Whether nobody holds the key and a delete or remove of unknown outcome may be why.
        var mayBeDeleted = false
        /// Winner and loser of each conflict.
        var conflicts: [(winner: Version, loser: Version)] = []
        /// The losers among them.
        var losers = Set<Version>()
    }

    /// Audits the writes of `dataType` in `record`. Of writes further apart than `window` no
    /// conflict is recorded: there the later one won. Where tags order all writes, whatever has a
    /// later one has superseded a write.
    init(
        _ record: RecordContents, dataType: String, conflictWindow window: TimeSpan?,
        isOrderedByTag: Bool = false
    ) {
        let history = record.history
        let wanted = history.number(of: dataType)
        let rows = record.final.filter { $0.dataType == dataType }
        var order = VersionOrder(rows.lazy.map(\.version))
        var updates: [Int] = []
        var transactions: [Int] = []
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.dataType == wanted else { continue }
            if let version = operation.version { order.add(version) }
            if operation.function.isUpdate || Self.isSessionUpdate(operation) {
                updates.append(position)
            }
            if operation.function == .txn, operation.version != nil {
                transactions.append(position)
            }
        }
        var states: [String: KeyState] = [:]
        for row in rows { states[row.key, default: KeyState()].versions.append(row.version) }
        let held = Set(rows.map(\.key))
        for position in updates {
            let operation = history.glance(position)
            // Taking the last element out of a set leaves no key, as a delete does.
            guard operation.function == .delete || operation.function == .remove,
                operation.key != 0
            else { continue }
            let key = history.text(operation.key)
            guard !held.contains(key), operation.invoked != nil else {
                continue
            }
            if operation.outcome == .info {
                states[key, default: KeyState()].mayBeDeleted = true
            } else if operation.outcome == .ok, let version = operation.version {
                states[key, default: KeyState()].versions.append(version)
            }
        }
        for conflict in record.events.compactMap(ConflictMet.init)
        where conflict.group == dataType && conflict.rule != nil && conflict.rule != "merge" {
            guard let winner = VersionText.version(conflict.winner),
                let loser = VersionText.version(conflict.loser)
            else { continue }
            states[conflict.key, default: KeyState()].conflicts.append((winner, loser))
        }
        for key in states.keys { states[key]?.compact() }
        for position in updates {
            let operation = history.glance(position)
            guard operation.outcome == .ok, operation.key != 0,
                let acknowledged = operation.completed
            else { continue }
            guard let version = operation.version else {
                // Deleting what is not there writes nothing, nor does ending what was ended.
                if operation.function != .delete, operation.function.isUpdate { unaudited += 1 }
                continue
            }
            let key = Self.key(of: operation, history)
            if isOrderedByTag, states[key]?.holdsLater(than: version) ?? false { continue }
            switch Self.fate(of: version, in: states[key] ?? KeyState(), order, window) {
            case .present: break
            case .discarded: discarded += 1
            case .lost:
                lost.append(
                    LostWrite(
                        index: history[position].index, key: key, acknowledged: acknowledged))
            }
        }
        for position in transactions {
            let operation = history[position]
            guard operation.outcome == .ok, let acknowledged = operation.completed,
                let version = operation.version, case .transaction(let steps) = operation.value
            else { continue }
            let lostStep = steps.first { step in
                guard step.function != .read else { return false }
                let state = states[step.key] ?? KeyState()
                return Self.fate(of: version, in: state, order, window) == .lost
            }
            if let key = lostStep?.key {
                lost.append(
                    LostWrite(index: operation.index, key: key, acknowledged: acknowledged))
            }
        }
    }

    /// Whether an operation is a request of the sessions that writes.
    private static func isSessionUpdate(_ operation: HistoryGlance) -> Bool {
        guard case .service(let name) = operation.function else { return false }
        switch OperationKind(rawValue: name) {
        case .login, .refresh, .logout: return true
        case _: return false
        }
    }

    /// The key that an update wrote; that of a session, or of its end, is the service's own.
    private static func key(of operation: HistoryGlance, _ history: History) -> String {
        let key = history.text(operation.key)
        guard case .service(let name) = operation.function else { return key }
        return (name == OperationKind.logout.rawValue ? "r/" : "s/") + key
    }

    private static func fate(
        of version: Version, in state: KeyState, _ order: VersionOrder, _ window: TimeSpan?
    ) -> Fate {
        if state.mayBeDeleted || state.versions.contains(version) { return .present }
        let wasDiscarded = state.losers.contains(version)
        // Winners may in turn have lost: walk from each to what won over it.
        var seen: Set<Version> = [version]
        var frontier = [version]
        while !frontier.isEmpty {
            for held in frontier where state.versions.contains(where: { order.covers($0, held) }) {
                return wasDiscarded ? .discarded : .present
            }
            var winners: [Version] = []
            for conflict in state.conflicts {
                guard frontier.contains(where: { order.covers(conflict.loser, $0) }),
                    seen.insert(conflict.winner).inserted
                else { continue }
                winners.append(conflict.winner)
            }
            frontier = winners
        }
        if let window, state.versions.contains(where: { isApart($0, version, by: window) }) {
            return .discarded
        }
        return .lost
    }

    /// Whether `winner` is so much later than `loser` that nothing tells of their conflict.
    private static func isApart(_ winner: Version, _ loser: Version, by window: TimeSpan) -> Bool {
        guard case .causal(_, _, let later) = winner, case .causal(_, _, let earlier) = loser
        else { return false }
        return later.wall - earlier.wall > window
    }
}

extension LossAudit.KeyState {
    /// Whether a version that is there has a later time, or the same and a larger dot.
    fileprivate func holdsLater(than version: Version) -> Bool {
        guard case .causal(let dot, _, let time) = version else { return false }
        return versions.contains { held in
            guard case .causal(let other, _, let later) = held else { return false }
            return (later, other) > (time, dot)
        }
    }

    /// Every version and every conflict once: all members tell the same.
    fileprivate mutating func compact() {
        var seen = Set<Version>()
        versions = versions.filter { seen.insert($0).inserted }
        struct Pair: Hashable {
            var winner: Version
            var loser: Version
        }
        var pairs = Set<Pair>()
        conflicts = conflicts.filter {
            pairs.insert(Pair(winner: $0.winner, loser: $0.loser)).inserted
        }
        losers = Set(conflicts.map(\.loser))
    }
}
