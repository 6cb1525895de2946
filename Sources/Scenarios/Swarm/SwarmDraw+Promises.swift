import Determinism
import Replication

/// What a strategy promises under what was drawn, and so what the drawn scenario expects.
///
/// - Whatever is broken, nothing acknowledged by a majority is lost, reads are linearizable and
///   transactions strict serializable, as long as no majority loses its memory and nobody forgets without knowing it. Under
///   `budget: none` that may happen, and then nothing is promised.
/// - Reads answered from local state promise nothing; reads by lease promise it only while clocks
///   drift apart by no more than is assumed.
/// - A strategy that acknowledges alone can lose what had not left the node that is lost or, at the
///   end, left behind in the rest; and by wall clocks that are wrong the wrong write may win. What
///   it promises is that all come to agree.
extension SwarmDraw {
    /// How long members may take to agree at the end.
    private static let agreementMax = TimeSpan.seconds(30)

    func promises(of scenario: Scenario) -> [Expectation] {
        guard let description, let plan = try? Plan(scenario) else { return [] }
        var result: [Expectation] = []
        let resolution = FaultResolution(seed: seed, nodes: plan.nodes, regions: plan.regions)
        let ledger = BudgetLedger(
            plan.scenario.faults, plan.actions, groups: plan.groups, resolution: resolution)
        if description.isLinearizable(with: scenario.replication.options), ledger.keepsMemory {
            let options = scenario.replication.options.completed(by: description)
            let isPromised: Bool
            switch options["reads"] {
            case .choice("local"): isPromised = false
            case .choice("lease"): isPromised = !ledger.breaksLeases
            case _: isPromised = options["fencing"] == nil || !ledger.breaksLeases
            }
            let kinds = scenario.workload.operationKinds
            if isPromised, kinds.contains(where: { $0 != .txn }) {
                result.append(.consistency(.linearizable, group: nil))
            }
            if isPromised, kinds.contains(.txn) {
                result.append(.consistency(.strictSerializable, group: nil))
            }
            result.append(.lostUpdates(atMost: 0))
            // Who reads by leases that clocks have broken breaks their promise, and no other.
            if isPromised { result.append(.invariants) }
        }
        if merge != nil { result.append(.invariants) }
        if plan.liveness != nil {
            result.append(.converged(within: Self.agreementMax, fault: nil))
        }
        return result
    }
}
