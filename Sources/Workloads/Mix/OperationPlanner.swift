import Determinism
import Replication
import Scenarios

/// An operation as the workload's mix drew it, before a client gives it values.
package struct PlannedOperation: Hashable, Sendable {
    /// What is to be done.
    package var step: Step
    /// The position of the data type among the fleet's groups.
    package var group: Int
    /// The position of the key.
    package var key: Int
    /// What an increment adds; of an operation on an element or a field, what decides on which.
    package var amount: Int64
    /// The steps of a transaction; it has no key of its own.
    package var steps: [PlannedMicroOperation] = []

    /// What is to be done.
    package enum Step: Hashable, Sendable {
        /// One operation on a key that exists as far as the workload is concerned.
        case operation(OperationKind)
        /// A write of a new key.
        case insert
        /// A read, and when it has answered, a cas on what it read.
        case readModifyWrite

        /// Whether it is a service's request.
        var isOfService: Bool {
            switch self {
            case .operation(let kind): kind.service != nil
            case .insert, .readModifyWrite: false
            }
        }
    }
}

/// Draws operations by a workload's mix: what, of which data type, on which key.
///
/// Everything is drawn from the stream that the caller hands in and from the inserts planned so
/// far, never from what came of earlier operations. The shares of the YCSB workloads are those
/// of Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010.
package struct OperationPlanner: Sendable {
    private static let amountMax = 10
    private static let choicesMax = 1 << 20

    private let steps: WeightedChoice<PlannedOperation.Step>
    private let groups: WeightedChoice<Int>
    /// What is done with a group, where that is not what is done with all.
    private let groupSteps: [WeightedChoice<PlannedOperation.Step>?]
    private var choosers: [KeyChooser]
    /// Draws the transactions, if there are any.
    private var transactions: TransactionPlanner?

    /// Draws by `mix`, and transactions by `transactions`, among data types with these weights, one
    /// for each of the fleet's groups.
    package init(
        mix: WorkloadSpec.Mix, transactions: TransactionSpec = TransactionSpec(),
        groupWeights: [Double], groupOperations: [[Share<OperationKind>]?] = []
    ) throws(InvalidWorkload) {
        let keys: KeySpec
        let weighted: [(PlannedOperation.Step, Double)]
        switch mix {
        case .operations(let shares, let spec):
            weighted = shares.map { (.operation($0.item), $0.weight) }
            keys = spec
        case .ycsb(let workload, let records):
            weighted = Self.steps(of: workload)
            keys = KeySpec(count: records, distribution: workload == .d ? .latest : .zipfian)
        }
        guard keys.count >= 1 else {
            throw InvalidWorkload("the workload has \(keys.count) keys; it needs at least 1")
        }
        guard let steps = WeightedChoice(weighted) else {
            throw InvalidWorkload("no operation of the workload has a share above 0")
        }
        let numbered = groupWeights.indices.map { ($0, groupWeights[$0]) }
        let hasKeys = weighted.contains { $0.1 > 0 && !$0.0.isOfService }
        guard let groups = hasKeys ? WeightedChoice(numbered) : WeightedChoice([(0, 1)]) else {
            throw InvalidWorkload("no data type of the workload has a share above 0")
        }
        self.steps = steps
        self.groups = groups
        var groupSteps: [WeightedChoice<PlannedOperation.Step>?] = groupWeights.map { _ in nil }
        var all = weighted
        for (group, shares) in groupOperations.enumerated() {
            guard let shares else { continue }
            let own = shares.map { (PlannedOperation.Step.operation($0.item), $0.weight) }
            guard let choice = WeightedChoice(own) else {
                throw InvalidWorkload("no operation of a data type has a share above 0")
            }
            groupSteps[group] = choice
            all += own
        }
        self.groupSteps = groupSteps
        choosers = groupWeights.map { _ in KeyChooser(keys.distribution, count: keys.count) }
        if all.contains(where: { $0.0 == .operation(.txn) && $0.1 > 0 }) {
            guard transactions.isValid else {
                throw InvalidWorkload("transactions of a length that is not allowed")
            }
            self.transactions = TransactionPlanner(
                transactions, keyCount: keys.count, groupCount: groupWeights.count)
        }
    }

    /// Draws the next operation.
    package mutating func next(_ random: inout RandomStream) -> PlannedOperation {
        var step = steps.next(&random)
        if step.isOfService { return PlannedOperation(step: step, group: 0, key: 0, amount: 0) }
        let group = groups.next(&random)
        if let own = groupSteps[group] { step = own.next(&random) }
        if step == .operation(.txn), transactions != nil {
            let steps = transactions?.next(group: group, choosers[group], &random) ?? []
            return PlannedOperation(step: step, group: group, key: 0, amount: 0, steps: steps)
        }
        let key = step == .insert ? choosers[group].insert() : choosers[group].next(&random)
        let amount: Int64 =
            switch step {
            case .operation(.increment): 1 + Int64(random.index(Self.amountMax))
            case .operation(.add), .operation(.remove): Int64(random.index(Self.choicesMax))
            case .operation, .insert, .readModifyWrite: 0
            }
        return PlannedOperation(step: step, group: group, key: key, amount: amount)
    }

    private static func steps(of workload: YCSBWorkload) -> [(PlannedOperation.Step, Double)] {
        switch workload {
        case .a: [(.operation(.read), 0.5), (.operation(.write), 0.5)]
        case .b: [(.operation(.read), 0.95), (.operation(.write), 0.05)]
        case .c: [(.operation(.read), 1)]
        case .d: [(.operation(.read), 0.95), (.insert, 0.05)]
        case .f: [(.operation(.read), 0.5), (.readModifyWrite, 0.5)]
        }
    }
}
