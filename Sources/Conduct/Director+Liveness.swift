import Determinism
import Recording
import Replication
import Scenarios
import Workloads

/// Safety, then liveness: the phase at the end of the timeline in which a core must get on.
///
/// The idea is TigerBeetle's (its simulator's "liveness mode"): heal a majority, leave the rest as
/// broken as it is, cut the two apart so that no lucky message from there helps, and demand that
/// the majority works. A bug that only gets by with help from outside shows here.
extension Director {
    /// Heals the core, if it is time to.
    func beginLivenessIfDue(_ actions: inout [ConductAction]) {
        guard let watch = liveness, watch.began == nil, elapsed >= watch.spec.from else { return }
        let core = Set(watch.core)
        // Nothing strikes or heals any more: the rest stays as it is.
        timeline.end()
        liveness?.began = now
        record(
            LivenessBegan(
                time: recordTime, core: watch.core.map(plan.name(of:)), within: watch.spec.within
            ).event, &actions)
        for index in strikes.indices
        where strikes[index].ended == nil && board.isWithin(core, strikes[index].active) {
            heal(strikes[index].fault, &actions)
        }
        for index in strikes.indices where strikes[index].ended == nil {
            // What it does to the rest goes on; what it did to the core is told before it ends.
            beginClosing(index, &actions)
        }
        board.shield(core)
        for node in watch.core { nodes[node]?.isStoppedByOperator = false }
        for group in plan.groups { tellClientsOfMembers(of: group.id) }
        tellClientsOfCore()
        applyBoard(&actions)
        lastHealOrStop = now
        clientsEnd = max(timeZero + plan.duration, now + watch.spec.within)
        fleet.stop(at: clientsEnd)
        nextPoll = now
    }

    /// An operation has ended: it may be what the core still had to show.
    func noteProgress(_ operation: CompletedOperation) {
        guard liveness?.isAwaited == true else { return }
        liveness?.take(operation, at: now)
        guard liveness?.isAwaited == false else { return }
        // Clients need not go on for it any longer.
        clientsEnd = max(timeZero + plan.duration, now)
        fleet.stop(at: clientsEnd)
    }

    /// Records whether the core got on. `agreed` says how long it took to agree.
    func concludeLiveness(agreed: TimeSpan?, _ actions: inout [ConductAction]) {
        liveness?.settle()
        guard let watch = liveness, let began = watch.began else { return }
        var missing = watch.missing(name(of:))
        let inTime = agreed.flatMap { $0 <= watch.spec.within ? $0 : nil }
        if inTime == nil {
            missing.append("the core did not come to agree within \(watch.spec.within)")
        }
        for node in watch.core where nodes[node]?.state != .up {
            missing.append("\(plan.name(of: node)) of the core was not up")
        }
        record(
            LivenessOutcome(
                time: recordTime, core: watch.core.map(plan.name(of:)),
                served: watch.served.map { $0 - began }, agreed: inTime, missing: missing
            ).event, &actions)
    }
}
