import Determinism
import Replication

/// What the clients of a run do: a scenario's `workload:` section, with regions and data types
/// resolved to their identities.
///
/// The values are as written or defaulted; whether the strategies support what is asked is for
/// validation to say, with ``operationKinds`` and ``groups``.
public struct WorkloadSpec: Hashable, Sendable {
    /// How many clients stand beside each region.
    public var clients: PerRegion<Int>
    /// When operations begin.
    public var arrivals: Arrivals
    /// Which operations, in which proportion, on which keys.
    public var mix: Mix
    /// What transactions are like, if ``mix`` has any; else the defaults.
    public var transactions: TransactionSpec
    /// What clients do with sessions, if ``mix`` has requests about them; else the defaults.
    public var sessions: SessionLoadSpec
    /// Probes of how soon writes are seen; `nil`: none.
    public var probes: ProbeSpec?
    /// The data types that operations go to, with their shares; at least one.
    public var dataTypes: [Share<GroupID>]
    /// The size that written values are padded to on the wire, in bytes. A value's token is never
    /// cut: a smaller size pads nothing.
    public var valueSize: Int
    /// How long a client waits for an operation, over all its attempts.
    public var timeout: TimeSpan
    /// How long a client waits for one attempt; `nil`: a third of ``timeout``.
    public var givenAttemptTimeout: TimeSpan?
    /// Where a client turns when its region fails it.
    public var failover: Failover

    /// How long a client waits for one attempt.
    public var attemptTimeout: TimeSpan { givenAttemptTimeout ?? timeout / 3 }

    /// A workload with these parts; the defaults are those of the scenario format.
    public init(
        clients: PerRegion<Int> = PerRegion(3), arrivals: Arrivals = .open(PerRegion(50)),
        mix: Mix = .operations([Share(.read, 0.8), Share(.write, 0.2)], KeySpec()),
        transactions: TransactionSpec = TransactionSpec(),
        sessions: SessionLoadSpec = SessionLoadSpec(), probes: ProbeSpec? = nil,
        dataTypes: [Share<GroupID>] = [Share(GroupID(index: 0), 1)], valueSize: Int = 100,
        timeout: TimeSpan = .seconds(2), attemptTimeout: TimeSpan? = nil,
        failover: Failover = .nearest
    ) {
        self.clients = clients
        self.arrivals = arrivals
        self.mix = mix
        self.transactions = transactions
        self.sessions = sessions
        self.probes = probes
        self.dataTypes = dataTypes
        self.valueSize = valueSize
        self.timeout = timeout
        givenAttemptTimeout = attemptTimeout
        self.failover = failover
    }

    /// When operations begin.
    public enum Arrivals: Hashable, Sendable {
        /// Open loop: each region's clients together begin this many operations a second, as a
        /// Poisson process, whatever became of earlier ones.
        case open(PerRegion<Double>)
        /// Closed loop: each client begins an operation when its last one has ended.
        case closed
    }

    /// Which operations, in which proportion, on which keys.
    public enum Mix: Hashable, Sendable {
        /// Operations by share (`operations:`) on keys (`keys:`).
        case operations([Share<OperationKind>], KeySpec)
        /// A workload of the Yahoo! Cloud Serving Benchmark over this many records (`ycsb:`).
        case ycsb(YCSBWorkload, records: Int)
    }

    /// Where a client turns when its region fails it.
    public enum Failover: String, CaseIterable, Hashable, Sendable {
        /// To another node of its region, then to the region with the shortest round trip, and
        /// on from there.
        case nearest
        /// Nowhere: it stays with its region.
        case none
    }

    /// The kinds of operations that the workload contains, in the order of ``OperationKind``.
    public var operationKinds: [OperationKind] {
        let used: [OperationKind]
        switch mix {
        case .operations(let shares, _): used = shares.filter { $0.weight > 0 }.map(\.item)
        case .ycsb(let workload, _): used = workload.operationKinds
        }
        return OperationKind.allCases.filter(used.contains)
    }

    /// Whether the workload contains transactions.
    public var hasTransactions: Bool { operationKinds.contains(.txn) }

    /// Whether the workload contains operations on keys.
    public var usesKeys: Bool { operationKinds.contains { $0.service == nil } }

    /// Whether the workload contains requests of the sessions.
    public var usesSessions: Bool { operationKinds.contains { $0.service == .sessions } }

    /// The data types that the workload uses, in order.
    public var groups: [GroupID] {
        guard usesKeys else { return [] }
        return dataTypes.filter { $0.weight > 0 }.map(\.item).sorted()
    }

    /// Whether operations begin one after another per client, so that clients are sessions.
    public var isClosedLoop: Bool {
        switch arrivals {
        case .open: false
        case .closed: true
        }
    }
}

/// A number for every region: one for all, or other ones for some.
public struct PerRegion<Element: Hashable & Sendable>: Hashable, Sendable {
    /// What holds for regions that are not named.
    public var others: Element
    /// What holds for the regions named.
    public var named: [RegionID: Element]

    /// `others` for every region that `named` does not name.
    public init(_ others: Element, named: [RegionID: Element] = [:]) {
        self.others = others
        self.named = named
    }

    /// What holds for `region`.
    public subscript(region: RegionID) -> Element { named[region] ?? others }
}

/// An item and its weight among others; shares are weights over their sum.
public struct Share<Item: Hashable & Sendable>: Hashable, Sendable {
    /// What has the share.
    public var item: Item
    /// Its weight, at least 0; not all weights of a list may be 0.
    public var weight: Double

    /// The share of `item`.
    public init(_ item: Item, _ weight: Double) {
        self.item = item
        self.weight = weight
    }
}

/// The keys of a workload.
public struct KeySpec: Hashable, Sendable {
    /// How many keys each data type has, at least 1.
    public var count: Int
    /// How often each of them is used.
    public var distribution: KeyDistribution
    /// The size that keys are padded to, in bytes; a smaller size pads nothing.
    public var size: Int

    /// Keys with these properties.
    public init(count: Int = 100, distribution: KeyDistribution = .zipfian, size: Int = 0) {
        self.count = count
        self.distribution = distribution
        self.size = size
    }
}

/// How often each key is used.
public enum KeyDistribution: String, CaseIterable, Hashable, Sendable {
    /// The frequency of the i-th most popular key is proportional to i to the power of -0.99.
    case zipfian
    /// All keys alike.
    case uniform
    /// Zipfian by age: the key inserted last is the most popular one.
    case latest
    /// A fifth of the keys, the hot ones, gets four fifths of the operations; alike within both.
    case hotspot
}

/// The core workloads of the Yahoo! Cloud Serving Benchmark (Cooper et al., SoCC 2010) that need
/// no range queries.
public enum YCSBWorkload: String, CaseIterable, Hashable, Sendable {
    /// Update heavy: 50 % reads, 50 % writes.
    case a = "A"
    /// Read mostly: 95 % reads, 5 % writes.
    case b = "B"
    /// Read only.
    case c = "C"
    /// Read latest: 95 % reads, 5 % inserts of new keys, newest keys most popular.
    case d = "D"
    /// Read-modify-write: 50 % reads, 50 % a read followed by a cas on what was read.
    case f = "F"

    /// The kinds of operations that the workload contains.
    public var operationKinds: [OperationKind] {
        switch self {
        case .a, .b, .d: [.read, .write]
        case .c: [.read]
        case .f: [.read, .cas]
        }
    }
}
