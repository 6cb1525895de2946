import Determinism
import Replication
import Scenarios
import Workloads

/// Looks whether the core of a run gets on once it is healed: for each data type, whether reads
/// and updates that began since then are answered by it.
struct LivenessWatch {
    /// What clients ask of a data type.
    enum Demand: Int, CaseIterable {
        case read
        case update

        /// What operations of this kind ask in `workload`: transactions count by what they write,
        /// unless they all only read.
        init(_ kind: OperationKind, in workload: WorkloadSpec) {
            let isUpdate =
                kind == .txn ? workload.transactions.readShare < 1 : kind.isUpdate
            self = isUpdate ? .update : .read
        }

        init(_ operation: Operation) { self = operation.isUpdate ? .update : .read }
    }

    /// The nodes of the core, in order.
    let core: [NodeID]
    /// What the scenario asks.
    let spec: LivenessSpec
    /// When the core was healed; `nil`: not yet.
    var began: Instant?
    /// When the core is to be healed, from time 0; `nil` once it is.
    var nextTime: TimeSpan? { began == nil ? spec.from : nil }
    /// When everything that clients ask had been answered.
    private(set) var served: Instant?
    private let wanted: [(group: GroupID, demand: Demand)]
    /// Whether each of ``wanted`` was tried, and answered by the core in time.
    private var wasTried: [Bool]
    private var wasAnswered: [Bool]

    init?(_ plan: Plan) {
        guard let spec = plan.liveness else { return nil }
        self.spec = spec
        core = plan.nodes.map(\.id).filter { node in spec.core.contains { $0.contains(node) } }
        let workload = plan.workload
        func demands(_ kinds: [OperationKind], of service: ServiceID?) -> [Demand] {
            Demand.allCases.filter { demand in
                kinds.contains { $0.service == service && Demand($0, in: workload) == demand }
            }
        }
        wanted =
            workload.groups.flatMap { group in
                demands(plan.scenario.operationKinds(on: group), of: nil).map { (group, $0) }
            }
            + demands(workload.operationKinds, of: .sessions)
            .map { (ServiceID.sessions.scope, $0) }
        wasTried = Array(repeating: false, count: wanted.count)
        wasAnswered = Array(repeating: false, count: wanted.count)
    }

    /// Until when answers count; `nil` before the core is healed.
    var deadline: Instant? { began.map { $0 + spec.within } }

    /// Whether the core is healed, and has yet to show that it gets on.
    var isAwaited: Bool { began != nil && served == nil }

    /// Takes note of an operation that has ended.
    mutating func take(_ operation: CompletedOperation, at now: Instant) {
        guard let began, operation.planned >= began,
            let index = wanted.firstIndex(where: {
                $0.group == operation.group && $0.demand == Demand(operation.operation)
            })
        else { return }
        let isAnswered = operation.result == .ok || operation.isDefiniteNegative
        let isByCore = operation.servedBy.map(core.contains) ?? false
        // Reads that the rest still answers, from its own state, never came to the core.
        if isAnswered, !isByCore, !operation.operation.isUpdate { return }
        wasTried[index] = true
        guard isAnswered, isByCore, now <= began + spec.within else { return }
        wasAnswered[index] = true
        if served == nil, wasAnswered.allSatisfy({ $0 }) { served = now }
    }

    /// Settles at the end what nobody tried: clients that asked for nothing more are not kept
    /// waiting, as long as something was answered.
    mutating func settle() {
        guard let began, served == nil, wasAnswered.contains(true) else { return }
        if zip(wasTried, wasAnswered).allSatisfy({ !$0 || $1 }) { served = began + spec.within }
    }

    /// What was tried and never answered, or that nothing was tried; `name` names data types.
    func missing(_ name: (GroupID) -> String) -> [String] {
        guard served == nil else { return [] }
        if !wasTried.contains(true) {
            return ["no client tried anything after the core was healed"]
        }
        return wanted.indices.filter { wasTried[$0] && !wasAnswered[$0] }.map { index in
            let what = wanted[index].demand == .read ? "read" : "update"
            return "no \(what) of '\(name(wanted[index].group))' was answered by the core within "
                + "\(spec.within)"
        }
    }
}
