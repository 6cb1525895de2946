/// What a database may promise about transactions, and which promise includes which.
///
/// The hierarchy and what each model forbids are those that Elle publishes in its namespace
/// `consistency-model`, with its sources in parentheses below: Adya ("Weak Consistency", 1999;
/// with Liskov and O'Neil, "Generalized Isolation Level Definitions", 2000), Bailis et al.
/// ("Highly Available Transactions", 2013), Cerone, Bernardi and Gotsman ("A Framework for
/// Transactional Consistency Models with Atomic Visibility", 2015), Cerone and Gotsman
/// ("Analysing Snapshot Isolation", 2016), Daudjee and Salem ("Lazy Database Replication with
/// Snapshot Isolation", 2006), Liu et al. (ROLA, 2018).
///
/// Left out are models that no anomaly found here tells apart from their neighbours (view
/// serializability, one-copy serializability), and those of single objects, which have checkers
/// of their own. Added to what Elle forbids is that G-update breaks update serializability, as
/// Adya has it; that G-single breaks parallel snapshot isolation, where a cycle has at least two
/// antidependencies (Cerone and Gotsman, section 6); and that reading what nobody wrote breaks all.
public enum TransactionModel: Int, CaseIterable, Hashable, Sendable, Comparable {
    /// PL-1: no cycles of writes (Adya).
    case readUncommitted
    /// PL-2: no circular information flow, no aborted and no intermediate reads (Adya).
    case readCommitted
    /// PL-2L (Adya).
    case monotonicView
    /// PL-MSR (Adya).
    case monotonicSnapshotRead
    /// PL-CS: no lost updates (Adya).
    case cursorStability
    /// Once some of a transaction is seen, all of it is (Bailis).
    case monotonicAtomicView
    /// Transactions are seen whole or not at all (Cerone).
    case readAtomic
    /// Read atomic without lost updates (ROLA).
    case updateAtomic
    /// Causal consistency of transactions (Cerone).
    case causal
    /// Transactions become visible in one order (Cerone).
    case prefix
    /// Snapshots that need not be of one order (Cerone).
    case parallelSnapshotIsolation
    /// PL-2+ (Adya).
    case consistentView
    /// PL-FCV (Adya).
    case forwardConsistentView
    /// PL-SI: snapshots, and of two concurrent writers one fails (Adya, Cerone).
    case snapshotIsolation
    /// PL-2.99: serializable but for predicates (Adya).
    case repeatableRead
    /// PL-3U: serializable for those that write (Adya).
    case updateSerializable
    /// PL-3: as if one after the other (Adya).
    case serializable
    /// Read uncommitted that keeps the order of each process.
    case strongSessionReadUncommitted
    /// Read committed that keeps the order of each process.
    case strongSessionReadCommitted
    /// Snapshot isolation that keeps the order of each process (Daudjee).
    case strongSessionSnapshotIsolation
    /// Serializable, keeping the order of each process (Daudjee).
    case strongSessionSerializable
    /// Read uncommitted that keeps real time.
    case strongReadUncommitted
    /// Read committed that keeps real time.
    case strongReadCommitted
    /// Snapshot isolation that keeps real time (Daudjee).
    case strongSnapshotIsolation
    /// PL-SS: serializable in real time (Adya).
    case strictSerializable

    /// In the order of the list above.
    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// The model of this name.
    public init?(name: String) {
        guard let model = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    /// Its name in scenarios and results.
    public var name: String {
        switch self {
        case .readUncommitted: "read-uncommitted"
        case .readCommitted: "read-committed"
        case .monotonicView: "monotonic-view"
        case .monotonicSnapshotRead: "monotonic-snapshot-read"
        case .cursorStability: "cursor-stability"
        case .monotonicAtomicView: "monotonic-atomic-view"
        case .readAtomic: "read-atomic"
        case .updateAtomic: "update-atomic"
        case .causal: "causal-cerone"
        case .prefix: "prefix"
        case .parallelSnapshotIsolation: "parallel-snapshot-isolation"
        case .consistentView: "consistent-view"
        case .forwardConsistentView: "forward-consistent-view"
        case .snapshotIsolation: "snapshot-isolation"
        case .repeatableRead: "repeatable-read"
        case .updateSerializable: "update-serializable"
        case .serializable: "serializable"
        case .strongSessionReadUncommitted: "strong-session-read-uncommitted"
        case .strongSessionReadCommitted: "strong-session-read-committed"
        case .strongSessionSnapshotIsolation: "strong-session-snapshot-isolation"
        case .strongSessionSerializable: "strong-session-serializable"
        case .strongReadUncommitted: "strong-read-uncommitted"
        case .strongReadCommitted: "strong-read-committed"
        case .strongSnapshotIsolation: "strong-snapshot-isolation"
        case .strictSerializable: "strict-serializable"
        }
    }

    /// The models that it includes, one step down.
    var includedDirectly: [TransactionModel] {
        switch self {
        case .readUncommitted: []
        case .readCommitted: [.readUncommitted]
        case .monotonicView, .monotonicSnapshotRead, .cursorStability, .monotonicAtomicView:
            [.readCommitted]
        case .readAtomic: [.monotonicAtomicView]
        case .updateAtomic, .causal: [.readAtomic]
        case .prefix: [.causal]
        case .parallelSnapshotIsolation: [.causal, .updateAtomic]
        case .consistentView: [.cursorStability, .monotonicView]
        case .forwardConsistentView: [.consistentView]
        case .snapshotIsolation:
            [
                .forwardConsistentView, .monotonicAtomicView, .monotonicSnapshotRead,
                .parallelSnapshotIsolation, .prefix,
            ]
        case .repeatableRead: [.cursorStability, .monotonicAtomicView]
        case .updateSerializable: [.forwardConsistentView]
        case .serializable: [.repeatableRead, .updateSerializable, .snapshotIsolation]
        case .strongSessionReadUncommitted: [.readUncommitted]
        case .strongSessionReadCommitted: [.readCommitted, .strongSessionReadUncommitted]
        case .strongSessionSnapshotIsolation: [.snapshotIsolation, .strongSessionReadCommitted]
        case .strongSessionSerializable: [.serializable, .strongSessionSnapshotIsolation]
        case .strongReadUncommitted: [.strongSessionReadUncommitted]
        case .strongReadCommitted: [.strongSessionReadCommitted, .strongReadUncommitted]
        case .strongSnapshotIsolation: [.strongSessionSnapshotIsolation, .strongReadCommitted]
        case .strictSerializable: [.strongSessionSerializable, .strongSnapshotIsolation]
        }
    }

    /// What it forbids beyond the models that it includes.
    var forbiddenDirectly: [AnomalyClass] {
        switch self {
        case .readUncommitted: [.g0, .duplicateElements, .cyclicVersions, .garbageRead]
        case .readCommitted: [.g1a, .g1b, .g1c]
        case .monotonicView, .monotonicSnapshotRead, .monotonicAtomicView,
            .forwardConsistentView:
            []
        case .cursorStability, .updateAtomic: [.lostUpdate]
        case .readAtomic: [.internal, .g1a, .futureRead]
        case .causal, .prefix: [.internal, .g1a]
        case .parallelSnapshotIsolation: [.internal, .g1a, .gSingle]
        case .consistentView: [.gSingle]
        case .snapshotIsolation: [.internal, .gNonadjacent]
        case .repeatableRead: [.g2Item, .lostUpdate]
        case .updateSerializable: [.gUpdate]
        case .serializable: [.internal, .g2Item]
        case .strongSessionReadUncommitted: [.g0Process]
        case .strongSessionReadCommitted: [.g1cProcess]
        case .strongSessionSnapshotIsolation: [.gNonadjacentProcess]
        case .strongSessionSerializable: [.g2ItemProcess]
        case .strongReadUncommitted: [.g0Realtime]
        case .strongReadCommitted: [.g1cRealtime]
        case .strongSnapshotIsolation: [.gNonadjacentRealtime]
        case .strictSerializable: [.g1cRealtime, .g2ItemRealtime]
        }
    }

    /// What each model includes and forbids in all, in bits: asked for often.
    private struct Reach {
        var included: UInt32
        var forbidden: AnomalySet
    }

    private var bit: UInt32 { 1 << UInt32(rawValue) }

    private static let reaches: [Reach] = allCases.map { model in
        var included = model.bit
        var forbidden = AnomalySet()
        var open = [model]
        while let next = open.popLast() {
            forbidden.formUnion(AnomalySet(next.forbiddenDirectly))
            for lower in next.includedDirectly where included & lower.bit == 0 {
                included |= lower.bit
                open.append(lower)
            }
        }
        return Reach(included: included, forbidden: forbidden)
    }

    private var reach: Reach { Self.reaches[rawValue] }

    /// All models that it includes, itself among them.
    public var included: [TransactionModel] {
        let bits = reach.included
        return Self.allCases.filter { bits & $0.bit != 0 }
    }

    /// Whether a history with anomalies of these classes cannot be one of this model.
    public func isBroken(by classes: some Sequence<AnomalyClass>) -> Bool {
        reach.forbidden.isJoint(with: AnomalySet(classes).implied)
    }

    /// Where a history with these anomalies stands.
    public static func boundary(_ classes: some Sequence<AnomalyClass>) -> Boundary {
        let set = AnomalySet(classes).implied
        let broken = allCases.filter { $0.reach.forbidden.isJoint(with: set) }
        let bits = broken.reduce(0) { $0 | $1.bit }
        let allowed = allCases.filter { bits & $0.bit == 0 }
        let weakest = broken.filter { $0.reach.included & bits == $0.bit }
        let strongest = allowed.filter { model in
            !allowed.contains { $0 != model && $0.reach.included & model.bit != 0 }
        }
        return Boundary(
            allowed: strongest, broken: weakest,
            alsoBroken: broken.filter { !weakest.contains($0) })
    }

    /// The models on either side of a history.
    public struct Boundary: Hashable, Sendable {
        /// The strongest models that the history may still be one of.
        public var allowed: [TransactionModel]
        /// The weakest models that it breaks ("not").
        public var broken: [TransactionModel]
        /// The stronger models, which it breaks too ("also-not").
        public var alsoBroken: [TransactionModel]
    }
}
