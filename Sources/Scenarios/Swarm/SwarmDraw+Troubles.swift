import Determinism
import Replication

/// What goes wrong, and what an operator does meanwhile.
extension SwarmDraw {
    /// A nemesis with some kinds of faults, gentle or frantic.
    func storm(_ scenario: Scenario) -> FaultSpec {
        var random = stream("storm")
        // What twenty times the clients put before a narrow link takes minutes to get through: that
        // is too much load, and no mistake.
        let canSurge =
            !scenario.workload.isClosedLoop
            && scenario.topology.links.allSatisfy { $0.bandwidth == nil }
        let possible = RandomFaultKind.allCases.filter { $0 != .surge || canSurge }
        let kinds = random.some(of: possible)
        let shortest = random.milliseconds(in: 100...1_000, step: 50)
        let hasLeader = description?.hasLeader ?? false
        // Where nothing is promised but that all goes well in the end, a majority must stay.
        let isUnbounded = description?.isLinearizable == true && random.chance(0.2)
        let faults = RandomFaults(
            kinds: RandomFaultKind.allCases.filter(kinds.contains),
            every: random.milliseconds(in: 200...3_000, step: 50),
            duration: shortest...(shortest + random.milliseconds(in: 0...4_000, step: 50)),
            budget: isUnbounded ? .none : .minority,
            led: hasLeader ? scenario.groups.indices.map { GroupID(index: UInt16($0)) } : [])
        let begin = random.milliseconds(in: 500...2_000, step: 100)
        // Quiet at the end in some, a storm to the last moment in others.
        let rest = scenario.duration - begin
        let length = random.chance(0.5) ? rest : rest / 2
        return FaultSpec(at: .once(begin), .random(faults), for: length, mustBite: false)
    }

    /// Clocks that run wrong from the beginning to the end: within what strategies are told to
    /// assume, or a minority of them far beyond.
    func standingFaults(_ scenario: Scenario) -> [FaultSpec] {
        var random = stream("clocks")
        let shape = random.unit()
        guard shape < 0.4 else { return [] }
        let bound = Int(BudgetLedger.driftPartsPerMillionMax)
        let nodes = random.shuffled(Self.nodes(of: scenario))
        let isFar = shape < 0.12
        return nodes.prefix(isFar ? (nodes.count - 1) / 2 : nodes.count).map { node in
            let drift = isFar ? bound * (2 + random.index(99)) : 1 + random.index(bound)
            var error = ClockError(
                driftPartsPerMillion: Double(random.chance(0.5) ? drift : -drift))
            if random.chance(0.3) { error.offset = random.milliseconds(in: -5_000...5_000) }
            return FaultSpec(
                at: .once(.zero), .clock(.place(.node(node)), error), mustBite: false)
        }
    }

    /// Now and then some of what an operator can do to the group.
    func actions(_ scenario: Scenario) -> [ActionSpec] {
        var random = stream("actions")
        guard random.chance(0.5) else { return [] }
        let last = Int(scenario.duration.milliseconds) * 4 / 5
        func moment() -> TimeSpan { random.milliseconds(in: 500...last, step: 100) }
        var result: [ActionSpec] = []
        let spec = scenario.replication
        let nodes = Self.nodes(of: scenario)
        let voters = nodes.filter { node in
            (spec.regions?.contains(node.region) ?? true) && !spec.learners.contains(node.region)
        }
        if random.chance(0.5) {
            let node = Place.node(random.element(of: nodes))
            let stop = moment()
            let pause = random.milliseconds(in: 100...3_000, step: 100)
            result.append(ActionSpec(at: stop, .stop(.place(node))))
            let start = stop + pause
            if start < scenario.duration {
                result.append(ActionSpec(at: start, .start(.place(node))))
            }
        }
        guard description?.hasLeader == true else { return result }
        for _ in 0..<random.index(3) {
            let region = random.element(of: voters).region
            result.append(ActionSpec(at: moment(), .transferLeader(.region(region))))
        }
        if description?.hasFixedMembers == true { return result }
        if let learner = spec.learners.first, random.chance(0.5) {
            result.append(ActionSpec(at: moment(), .promote(.region(learner))))
        }
        let outside = nodes.filter { !voters.contains($0) && !spec.learners.contains($0.region) }
        if let newcomer = outside.first, random.chance(0.7) {
            result.append(ActionSpec(at: moment(), .addMember(.region(newcomer.region))))
        } else if voters.count > 3, random.chance(0.4) {
            // Enough are left for a majority of what they were.
            result.append(
                ActionSpec(at: moment(), .removeMember(.node(random.element(of: voters)))))
        }
        return result
    }

    private static func nodes(of scenario: Scenario) -> [NodeID] {
        scenario.topology.regions.enumerated().flatMap { index, region in
            region.nodes(at: RegionID(index: UInt16(index)))
        }
    }
}
