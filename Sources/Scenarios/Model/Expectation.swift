import Determinism
import Replication

/// What must hold of a run: an entry of `expect:`.
public indirect enum Expectation: Sendable, Equatable {
    /// No violation of a consistency model, over the data type named or all of the workload.
    case consistency(ConsistencyModel, group: GroupID?)
    /// A history is no further than this from a model that it need not keep, over the data type
    /// named or all of the workload.
    case bounded(ConsistencyBound, group: GroupID?)
    /// Of the probes read this long after their write was acknowledged, by clients beside one
    /// region or any, at least this share (0 to 1) shows it.
    case visibility(after: TimeSpan, atLeast: Double, region: RegionID?)
    /// All replicas agree, in this time after the end or after one fault.
    case converged(within: TimeSpan, fault: FaultReference?)
    /// The share of operations answered in time is at least this, 0 to 1.
    case availability(atLeast: Double, OperationFilter)
    /// A percentile (0 to 100) of the latency is at most this.
    case latency(percentile: Double, atMost: TimeSpan, OperationFilter)
    /// Every fault that took down a leader, primary or home region was recovered from in this
    /// time.
    case failover(within: TimeSpan)
    /// No more acknowledged writes than this are lost.
    case lostUpdates(LossBound)
    /// The share of reads that return something older than was acknowledged is at most this.
    case staleReads(atMost: Double)
    /// A percentile (0 to 100) of the age of what reads return is at most this.
    case staleness(percentile: Double, atMost: TimeSpan)
    /// What must hold of the sessions.
    case sessions(SessionExpectation)
    /// What strategies promise of their own state holds, whether or not a client noticed.
    case invariants
    /// The opposite holds, and is seen to hold: not when nobody can tell.
    case not(Expectation)

    /// No more acknowledged writes than so many are lost, of all data types.
    public static func lostUpdates(atMost count: Int) -> Expectation {
        .lostUpdates(LossBound(count: count))
    }

    /// The name of the key in scenario files; for `not`, of what it negates.
    public var name: String {
        switch self {
        case .consistency(let model, _): model.rawValue
        case .bounded(let bound, _): bound.name
        case .visibility: "visibility"
        case .converged: "converged"
        case .availability: "availability"
        case .latency: "latency"
        case .failover: "failover"
        case .lostUpdates: "lost_updates"
        case .staleReads: "stale_reads"
        case .staleness: "staleness"
        case .sessions(let expectation): expectation.name
        case .invariants: "invariants"
        case .not(let expectation): expectation.name
        }
    }

    /// Whether it is judged by operations on single keys, and by transactions not at all.
    public var isAboutSingleKeys: Bool {
        switch self {
        case .consistency(let model, _):
            !model.isOfTransactions
        case .staleReads, .staleness, .bounded, .visibility: true
        case .converged, .availability, .latency, .failover, .lostUpdates, .invariants, .sessions:
            false
        case .not(let expectation): expectation.isAboutSingleKeys
        }
    }

    /// Whether it is about safety (consistency, loss), not about liveness.
    public var isSafety: Bool {
        switch self {
        case .consistency, .bounded, .visibility, .lostUpdates, .staleReads, .staleness,
            .invariants:
            true
        case .converged, .availability, .latency, .failover: false
        case .sessions(let expectation): expectation.isSafety
        case .not(let expectation): expectation.isSafety
        }
    }
}

/// A consistency model that a history can be checked against.
public enum ConsistencyModel: String, CaseIterable, Sendable {
    /// Every operation takes effect at one moment between its call and its answer (Herlihy and
    /// Wing, 1990).
    case linearizable
    /// One order of all operations that each client's own order agrees with (Lamport, 1979).
    case sequential
    /// What may have caused an operation is seen before it (CC of Bouajjani et al., 2017).
    case causal
    /// Causal, and all agree on one order of what is concurrent (CCv, the same paper).
    case causalConvergence = "causal-convergence"
    /// Causal, and no client changes its mind about what is concurrent (CM, the same paper; Ahamad
    /// et al., 1995).
    case causalMemory = "causal-memory"
    /// What one client wrote is seen in its order (Lipton and Sandberg, 1988).
    case pram
    /// A session guarantee (Terry et al., 1994), as are the next three.
    case readYourWrites = "read-your-writes"
    /// Reads of a session never go back.
    case monotonicReads = "monotonic-reads"
    /// Writes of a session take effect in their order.
    case monotonicWrites = "monotonic-writes"
    /// A write follows the writes whose effect its session had read.
    case writesFollowReads = "writes-follow-reads"
    /// Transactions overwrite each other in one order (Adya's PL-1).
    case readUncommitted = "read-uncommitted"
    /// And read only what was committed (PL-2).
    case readCommitted = "read-committed"
    /// And what they have read does not change (PL-2.99).
    case repeatableRead = "repeatable-read"
    /// Transactions read from a snapshot, and of two that overlap and write the same one fails.
    case snapshotIsolation = "snapshot-isolation"
    /// Transactions behave as if run one after another.
    case serializable
    /// Serializable, in an order that real time agrees with.
    case strictSerializable = "strict-serializable"
    /// What was added to a set or list is not lost: reads show it from some time on (the check of
    /// that name in Jepsen).
    case setFull = "set-full"

    /// Whether it speaks of sessions, which only closed-loop clients are.
    public var needsSessions: Bool {
        switch self {
        case .linearizable, .setFull: false
        case .sequential, .causal, .causalConvergence, .causalMemory, .pram, .readYourWrites,
            .monotonicReads, .monotonicWrites, .writesFollowReads:
            true
        case .readUncommitted, .readCommitted, .repeatableRead, .snapshotIsolation,
            .serializable, .strictSerializable:
            false
        }
    }

    /// Whether it speaks of transactions, and of nothing else.
    public var isOfTransactions: Bool {
        switch self {
        case .readUncommitted, .readCommitted, .repeatableRead, .snapshotIsolation,
            .serializable, .strictSerializable:
            true
        case .linearizable, .setFull, .sequential, .causal, .causalConvergence, .causalMemory,
            .pram,
            .readYourWrites, .monotonicReads, .monotonicWrites, .writesFollowReads:
            false
        }
    }
}

/// The operations that an expectation is about; `nil` parts do not narrow.
public struct OperationFilter: Sendable, Equatable {
    /// The region whose clients issued them.
    public var region: RegionID?
    /// What they are.
    public var operation: OperationKind?
    /// When they were planned.
    public var phase: Phase?
    /// The fault that the phase is told by; `nil`: by all together.
    public var fault: FaultReference?
    /// The data type that they go to.
    public var group: GroupID?

    /// The operations with these properties.
    public init(
        region: RegionID? = nil, operation: OperationKind? = nil, phase: Phase? = nil,
        fault: FaultReference? = nil, group: GroupID? = nil
    ) {
        self.region = region
        self.operation = operation
        self.phase = phase
        self.fault = fault
        self.group = group
    }

    /// Whether nothing is narrowed.
    public var isEmpty: Bool { self == OperationFilter() }
}

/// A part of a run, told by its faults.
public enum Phase: String, CaseIterable, Sendable {
    /// Until the first fault.
    case before
    /// While a fault is in force.
    case during
    /// From then until things are as they were before.
    case recovery
    /// From then on.
    case after
}

/// A fault of the Plan by its number: `f1` is the first, in the order of the file, a repeated
/// fault counting once for each time it strikes.
public struct FaultReference: Hashable, Comparable, Sendable {
    /// The number, from 1.
    public var number: Int

    /// The fault numbered `number`.
    public init(number: Int) { self.number = number }

    /// `f1` for the first.
    public var id: String { "f\(number)" }

    /// Whether `left` stands earlier in the Plan.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
