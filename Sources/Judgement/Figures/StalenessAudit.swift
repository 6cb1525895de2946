import Determinism
import Recording
import Replication

/// How old what reads returned was.
///
/// A read is stale if a write that supersedes what it returned was acknowledged before the read
/// was invoked; its age counts from the first such acknowledgement. A concurrent write makes
/// nothing stale. Of several values returned together the oldest counts. Reads within transactions
/// are left out: the answer to a transaction has no version for each of them.
///
/// Acknowledged writes of a key are kept in the order of their acknowledgement. Which is the first
/// that supersedes a version is found by binary search over the highest position (or, for each
/// member, the highest counter) that the writes up to each place know of.
struct StalenessAudit {
    private(set) var reads = 0
    /// The age in milliseconds and the number of versions missed, for each stale read.
    private(set) var stale: [(age: Double, behind: Int)] = []

    /// What a read returned, as a version.
    private enum Returned {
        case version(Version)
        /// Nothing: the key had not been written.
        case beginning
    }

    private final class KeyWrites {
        var versions: [Version] = []
        var acknowledged: [Instant] = []
        var byToken: [String: Version] = [:]
        var deletes: [(version: Version, invoked: Instant)] = []
        var unknownDeletes: [Instant] = []
        var highestPosition: [UInt64] = []
        var highestCounter: [MemberID: [UInt64]] = [:]
    }

    /// The writes of each key, by its number in the history.
    private struct Keys {
        private var all: [KeyWrites?] = []

        subscript(key: UInt32) -> KeyWrites? {
            Int(key) < all.count ? all[Int(key)] : nil
        }

        mutating func made(_ key: UInt32) -> KeyWrites {
            while all.count <= Int(key) { all.append(nil) }
            if let known = all[Int(key)] { return known }
            let new = KeyWrites()
            all[Int(key)] = new
            return new
        }
    }

    /// Audits the reads of `history` on one data type. Only several values of a register have
    /// versions of their own: `areRegisters` says whether the values are.
    init(_ history: History, dataType: String, areRegisters: Bool = true) {
        guard let wanted = history.number(of: dataType) else { return }
        var keys = Keys()
        var updates: [(completed: Instant, position: Int)] = []
        var hasLists = false
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.dataType == wanted, operation.key != 0 else { continue }
            if operation.isList { hasLists = true }
            if operation.outcome == .ok, operation.function.isUpdate, operation.version != nil,
                operation.invoked != nil, let completed = operation.completed
            {
                updates.append((completed, position))
            } else if operation.outcome == .info, operation.function == .delete,
                let invoked = operation.invoked
            {
                keys.made(operation.key).unknownDeletes.append(invoked)
            }
        }
        updates.sort { ($0.completed, $0.position) < ($1.completed, $1.position) }
        for (completed, position) in updates {
            let operation = history.glance(position)
            guard let version = operation.version, let invoked = operation.invoked else { continue }
            let writes = keys.made(operation.key)
            writes.versions.append(version)
            writes.acknowledged.append(completed)
            if hasLists, case .text(let token) = history[position].value {
                writes.byToken[token] = version
            }
            if operation.function == .delete { writes.deletes.append((version, invoked)) }
        }
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.function == .read, operation.outcome == .ok, operation.key != 0,
                let invoked = operation.invoked, operation.dataType == wanted
            else { continue }
            reads += 1
            guard let writes = keys[operation.key] else { continue }
            var worst: (age: Double, behind: Int)?
            func consider(_ returned: Returned) {
                guard let age = Self.age(of: returned, at: invoked, writes) else { return }
                if worst.map({ age.age > $0.age }) ?? true { worst = age }
            }
            if !operation.isList || !areRegisters, let version = operation.version {
                consider(.version(version))
            } else {
                for item in Self.returned(by: history[position], writes) { consider(item) }
            }
            if let worst { stale.append(worst) }
        }
    }

    private static func returned(
        by operation: HistoryOperation, _ writes: KeyWrites
    ) -> [Returned] {
        if case .list(let elements) = operation.value {
            // Concurrent values of a register; the elements of a list share one version.
            let versions = elements.compactMap { $0.token.flatMap { writes.byToken[$0] } }
            if versions.count == elements.count, elements.count > 1,
                versions.contains(where: { if case .causal = $0 { true } else { false } })
            {
                return versions.map(Returned.version)
            }
        }
        if let version = operation.version { return [.version(version)] }
        guard operation.value == .null, let completed = operation.completed else { return [] }
        // Absence: the key had not been written, or a delete had come. The freshest explanation
        // counts, and a delete whose fate nobody knows explains it always.
        if writes.unknownDeletes.contains(where: { $0 < completed }) { return [] }
        let deletes = writes.deletes.filter { $0.invoked < completed }
        guard let newest = deletes.last else { return [.beginning] }
        return [.version(newest.version)]
    }

    private static func age(
        of returned: Returned, at invoked: Instant, _ writes: KeyWrites
    ) -> (age: Double, behind: Int)? {
        guard let first = first(superseding: returned, writes), first < writes.versions.count,
            writes.acknowledged[first] <= invoked
        else { return nil }
        var behind = 0
        var index = first
        while index < writes.versions.count, writes.acknowledged[index] <= invoked {
            if supersedes(writes.versions[index], returned) { behind += 1 }
            index += 1
        }
        return (milliseconds(invoked - writes.acknowledged[first]), behind)
    }

    private static func supersedes(_ version: Version, _ returned: Returned) -> Bool {
        switch returned {
        case .beginning: true
        case .version(let older): version != older && version.supersedesOrEquals(older)
        }
    }

    /// The place of the first acknowledged write that supersedes what was returned.
    private static func first(superseding returned: Returned, _ writes: KeyWrites) -> Int? {
        switch returned {
        case .beginning: return writes.versions.isEmpty ? nil : 0
        case .version(.sequence(_, let index)):
            if writes.highestPosition.isEmpty {
                var highest: UInt64 = 0
                writes.highestPosition = writes.versions.map { version in
                    if case .sequence(_, let index) = version { highest = max(highest, index) }
                    return highest
                }
            }
            return writes.highestPosition.partitioningIndex { $0 > index }
        case .version(.causal(let dot, _, _)):
            let highest = writes.highestCounter[dot.member] ?? counters(of: dot.member, writes)
            writes.highestCounter[dot.member] = highest
            return highest.partitioningIndex { $0 >= dot.counter }
        }
    }

    /// For each acknowledged write the highest counter of `member` that it or one before it had
    /// superseded.
    private static func counters(of member: MemberID, _ writes: KeyWrites) -> [UInt64] {
        var highest: UInt64 = 0
        return writes.versions.map { version in
            if case .causal(let dot, let context, _) = version {
                var known = context[member]
                // A context may hold the write's own dot, which it does not supersede.
                if dot.member == member, known >= dot.counter { known = dot.counter - 1 }
                highest = max(highest, known)
            }
            return highest
        }
    }
}

extension ConsistencyFigures.StalenessFigures {
    /// The figures of several audits together.
    init(_ audits: [StalenessAudit]) {
        reads = audits.reduce(0) { $0 + $1.reads }
        let stale = audits.flatMap(\.stale)
        staleReads = stale.count
        ages = stale.map(\.age).sorted()
        let reads = self.reads
        func quantiles(_ sorted: [Double]) -> MillisecondQuantiles {
            MillisecondQuantiles(
                p50: Self.percentile(50, of: sorted, among: reads),
                p99: Self.percentile(99, of: sorted, among: reads), max: sorted.last ?? 0)
        }
        age = quantiles(ages)
        versionsBehind = quantiles(stale.map { Double($0.behind) }.sorted())
    }

    /// A percentile (0 to 100) of `count` numbers of which those that are not 0 are `sorted`.
    static func percentile(_ percentile: Double, of sorted: [Double], among count: Int) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * percentile / 100).rounded(.up)))
        let zeros = count - sorted.count
        return rank <= zeros ? 0 : sorted[min(rank - zeros, sorted.count) - 1]
    }
}
