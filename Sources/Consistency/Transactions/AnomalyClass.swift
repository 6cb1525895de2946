/// What can be wrong with a history of transactions, under the names that Elle gives
/// (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations",
/// VLDB 2020), most of which are Adya's ("Weak Consistency", 1999).
///
/// A cycle is one of dependencies: write-write, write-read, and read-write (antidependencies).
/// Its `process` variant also takes the order of each process, its `realtime` variant the order
/// of transactions that did not overlap. Dependencies here are of single objects, never of
/// predicates, so that G-single is what Elle calls G-single-item, and any G2 is G2-item.
public enum AnomalyClass: Int, CaseIterable, Hashable, Sendable, Comparable {
    /// An element that nobody appended, or a value that nobody wrote, was read.
    case garbageRead
    /// One read saw an element twice.
    case duplicateElements
    /// What must come before what in a register goes round in a circle.
    case cyclicVersions
    /// Reads that no single order of appends explains.
    case incompatibleOrder
    /// A committed append built on one that was aborted.
    case dirtyUpdate
    /// A read of what an aborted transaction wrote.
    case g1a
    /// A read of a state in the middle of another transaction.
    case g1b
    /// A transaction disagrees with what it itself read or wrote before.
    case `internal`
    /// A transaction read what it wrote only later.
    case futureRead
    /// Several transactions read one version of a key, and all overwrote it.
    case lostUpdate
    /// A cycle of write-write dependencies.
    case g0
    /// A cycle of write-write and write-read dependencies.
    case g1c
    /// A cycle with one antidependency.
    case gSingle
    /// A cycle in which no two antidependencies are neighbours.
    case gNonadjacent
    /// A cycle with several antidependencies.
    case g2Item
    /// G0, process order included.
    case g0Process
    /// G1c, process order included.
    case g1cProcess
    /// G-single, process order included.
    case gSingleProcess
    /// G-nonadjacent, process order included.
    case gNonadjacentProcess
    /// G2-item, process order included.
    case g2ItemProcess
    /// G0, real time included.
    case g0Realtime
    /// G1c, real time included.
    case g1cRealtime
    /// G-single, real time included.
    case gSingleRealtime
    /// G-nonadjacent, real time included.
    case gNonadjacentRealtime
    /// G2-item, real time included.
    case g2ItemRealtime
    /// A cycle with antidependencies of transactions of which at most one writes nothing (Adya's
    /// PL-3U). Never reported by itself: it is told from the other cycles.
    case gUpdate
    /// An element was appended to one list twice: the key cannot be judged.
    case duplicateAppends
    /// A value was written to one register twice, or absence was: the key cannot be judged.
    case duplicateWrites

    /// In order of severity.
    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// Its name in results.
    public var name: String {
        switch self {
        case .garbageRead: "garbage-read"
        case .duplicateElements: "duplicate-elements"
        case .cyclicVersions: "cyclic-versions"
        case .incompatibleOrder: "incompatible-order"
        case .dirtyUpdate: "dirty-update"
        case .g1a: "G1a"
        case .g1b: "G1b"
        case .internal: "internal"
        case .futureRead: "future-read"
        case .lostUpdate: "lost-update"
        case .g0: "G0"
        case .g1c: "G1c"
        case .gSingle: "G-single"
        case .gNonadjacent: "G-nonadjacent"
        case .g2Item: "G2-item"
        case .g0Process: "G0-process"
        case .g1cProcess: "G1c-process"
        case .gSingleProcess: "G-single-process"
        case .gNonadjacentProcess: "G-nonadjacent-process"
        case .g2ItemProcess: "G2-item-process"
        case .g0Realtime: "G0-realtime"
        case .g1cRealtime: "G1c-realtime"
        case .gSingleRealtime: "G-single-realtime"
        case .gNonadjacentRealtime: "G-nonadjacent-realtime"
        case .g2ItemRealtime: "G2-item-realtime"
        case .gUpdate: "G-update"
        case .duplicateAppends: "duplicate-appends"
        case .duplicateWrites: "duplicate-writes"
        }
    }

    /// Whether it is no fault of the database, but keeps the checker from judging.
    public var isUnjudgeable: Bool {
        switch self {
        case .duplicateAppends, .duplicateWrites: true
        case .garbageRead, .duplicateElements, .cyclicVersions, .incompatibleOrder, .dirtyUpdate,
            .g1a, .g1b, .internal, .futureRead, .lostUpdate, .g0, .g1c, .gSingle, .gNonadjacent,
            .g2Item, .g0Process, .g1cProcess, .gSingleProcess, .gNonadjacentProcess,
            .g2ItemProcess, .g0Realtime, .g1cRealtime, .gSingleRealtime, .gNonadjacentRealtime,
            .g2ItemRealtime, .gUpdate:
            false
        }
    }

    /// What else its presence means, one step on (`implied-anomalies` in Elle's
    /// `consistency-model`).
    var impliedDirectly: [AnomalyClass] {
        switch self {
        case .incompatibleOrder, .dirtyUpdate: [.g1a]
        case .futureRead: [.g1c]
        case .lostUpdate, .gUpdate: [.g2Item]
        case .g0: [.g1c, .g0Process]
        case .g0Process: [.g1cProcess, .g0Realtime]
        case .g0Realtime: [.g1cRealtime]
        case .g1c: [.g1cProcess]
        case .g1cProcess: [.g1cRealtime]
        case .gSingle: [.gNonadjacent, .gSingleProcess]
        case .gSingleProcess: [.gNonadjacentProcess, .gSingleRealtime]
        case .gSingleRealtime: [.gNonadjacentRealtime]
        case .gNonadjacent: [.g2Item, .gNonadjacentProcess]
        case .gNonadjacentProcess: [.g2ItemProcess, .gNonadjacentRealtime]
        case .gNonadjacentRealtime: [.g2ItemRealtime]
        case .g2Item: [.g2ItemProcess]
        case .g2ItemProcess: [.g2ItemRealtime]
        case .garbageRead, .duplicateElements, .cyclicVersions, .g1a, .g1b, .internal,
            .g1cRealtime, .g2ItemRealtime, .duplicateAppends, .duplicateWrites:
            []
        }
    }
}

/// A set of classes, in one word.
struct AnomalySet: Hashable, Sendable {
    private(set) var bits: UInt64 = 0

    init(_ classes: some Sequence<AnomalyClass> = []) {
        for one in classes { insert(one) }
    }

    func contains(_ one: AnomalyClass) -> Bool { bits & (1 << UInt64(one.rawValue)) != 0 }
    mutating func insert(_ one: AnomalyClass) { bits |= 1 << UInt64(one.rawValue) }
    mutating func formUnion(_ other: AnomalySet) { bits |= other.bits }

    func isJoint(with other: AnomalySet) -> Bool { bits & other.bits != 0 }

    /// With all that these imply.
    var implied: AnomalySet {
        guard bits != 0 else { return self }
        var set = self
        var open = AnomalyClass.allCases.filter(contains)
        while let next = open.popLast() {
            for one in next.impliedDirectly where !set.contains(one) {
                set.insert(one)
                open.append(one)
            }
        }
        return set
    }
}
