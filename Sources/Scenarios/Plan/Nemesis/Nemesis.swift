import Determinism
import Replication

/// Draws the faults of a scenario's `random` entries, and the core that has to get on afterwards.
///
/// Every strike draws from a stream of its own, named after its moment, so that strikes elsewhere
/// leave what it would like to do as it was. What it may do depends on the others through the
/// budget: a fault that would not fit is drawn anew, and after some tries the strike is left out.
/// Each drawn fault is an ordinary one in the Plan, with `must_bite: off`, since nobody looked
/// whether it can have an effect.
struct Nemesis {
    /// The faults drawn, in the order in which they strike.
    private(set) var drawn: [FaultSpec] = []

    let resolution: FaultResolution
    let groups: [PlannedGroup]
    private let scenario: Scenario
    private let entries: [(spec: FaultSpec, random: RandomFaults)]
    /// The faults of the file and those drawn so far.
    private(set) var ledger: BudgetLedger
    /// What those drawn so far make of the load.
    private var loads: LoadLedger

    /// How often a strike draws before it is left out.
    private static let triesMax = 24

    /// The nemesis of `scenario`, whose other faults are resolved to `faults`.
    init(
        _ scenario: Scenario, groups: [PlannedGroup], resolution: FaultResolution,
        beside faults: [FaultSpec]
    ) {
        self.scenario = scenario
        self.resolution = resolution
        self.groups = groups
        entries = scenario.faults.compactMap { spec in
            guard case .random(let random) = spec.kind else { return nil }
            return (spec, random)
        }
        ledger = BudgetLedger(faults, scenario.actions, groups: groups, resolution: resolution)
        loads = LoadLedger(faults, resolution: resolution)
        guard !entries.isEmpty else { return }
        var uses: [TimeSpan: Int] = [:]
        for (moment, entry) in strikes {
            let use = uses[moment, default: 0]
            uses[moment] = use + 1
            let name = "fault/random/\(moment.nanoseconds)"
            let stream = RandomStream(
                seed: resolution.seed, name: use == 0 ? name : "\(name)/\(use)")
            for fault in draw(entries[entry].random, at: moment, from: stream) {
                ledger.add(fault)
                loads.add(fault)
                drawn.append(fault)
            }
        }
        // A strike may have begun before another and end after it.
        let moments = drawn.map { $0.timing.moments.first ?? .zero }
        let order = drawn.indices.sorted { (moments[$0], $0) < (moments[$1], $1) }
        drawn = order.map { drawn[$0] }
    }

    /// When nothing strikes any more.
    private var limit: TimeSpan {
        min(scenario.duration, scenario.liveness?.from ?? scenario.duration)
    }

    /// Every moment at which something is to be drawn, in order, with the entry that says so.
    private var strikes: [(moment: TimeSpan, entry: Int)] {
        var result: [(moment: TimeSpan, entry: Int)] = []
        for (index, entry) in entries.enumerated() where entry.random.every > .zero {
            for (start, end) in entry.spec.episodes(until: limit) {
                var moment = start
                while moment < end {
                    result.append((moment, index))
                    moment += entry.random.every
                }
            }
        }
        return result.enumerated().sorted {
            ($0.element.moment, $0.offset) < ($1.element.moment, $1.offset)
        }.map(\.element)
    }

    /// What strikes at `moment`; nothing if nothing was found that fits.
    private func draw(
        _ faults: RandomFaults, at moment: TimeSpan, from stream: RandomStream
    ) -> [FaultSpec] {
        guard !faults.kinds.isEmpty else { return [] }
        for attempt in 0..<Self.triesMax {
            let random = stream.derived("try \(attempt)")
            var draw = StrikeDraw(
                faults: faults, led: led(faults), resolution: resolution,
                driftMax: ledger.driftMax, end: limit, random: random)
            let strike = draw.strike(at: moment)
            if !strike.isEmpty, fits(strike, faults.budget) { return strike }
        }
        return []
    }

    private func fits(_ strike: [FaultSpec], _ budget: FaultBudget) -> Bool {
        var ledger = ledger
        var loads = loads
        for fault in strike {
            guard loads.admits(fault), ledger.admits(fault, budget) else { return false }
            ledger.add(fault)
            loads.add(fault)
        }
        return true
    }

    /// The leaders that can be meant: of all voters of their groups any could be it.
    private func led(_ faults: RandomFaults) -> [NodeSelector] {
        let isOnly = groups.count == 1
        return faults.led.filter { groups.indices.contains(Int($0.index)) }
            .map { .leader(isOnly ? nil : $0) }
    }

    // MARK: - Liveness

    /// How long after the last strike the core is healed: what struck last has its effect first.
    private static let pause = TimeSpan.seconds(1)

    /// What is asked of the run after all that was broken; `nil` if nothing can be, because there
    /// is no nemesis or one without a budget.
    ///
    /// - Throws: ``ScenarioError`` if too many nodes lose what they know for any majority to be
    ///   whole at the end.
    func liveness() throws(ScenarioError) -> LivenessSpec? {
        guard !entries.isEmpty, entries.allSatisfy({ $0.random.budget != .none }) else {
            return nil
        }
        var last = entries.compactMap { $0.spec.timing.moments.first }.max() ?? .zero
        for fault in drawn + resolvedFaults { last = max(last, fault.timing.moments.last ?? .zero) }
        last = max(last, scenario.actions.map(\.at).max() ?? .zero)
        guard let core = drawCore() else {
            throw ScenarioError([
                ScenarioProblem(
                    path: ScenarioPath([.key("faults")]),
                    found: "a majority that keeps what it knows is not left of every data type",
                    expected: "fewer disks that are lost or damaged, fewer members removed, or "
                        + "'budget: none'")
            ])
        }
        return LivenessSpec(core: core.map(resolution.place), from: last + Self.pause)
    }

    private var resolvedFaults: [FaultSpec] {
        scenario.faults.filter { if case .random = $0.kind { false } else { true } }
    }

    /// Drawn nodes that are a majority of every group and kept their memories, now and then with
    /// others that have to catch up.
    private func drawCore() -> [NodeID]? {
        var random = RandomStream(seed: resolution.seed, name: "liveness/core")
        var core: [NodeID] = []
        let order = random.shuffled(resolution.nodes.map(\.id))
        for node in order where !ledger.sustains(core) { core.append(node) }
        guard ledger.sustains(core) else { return nil }
        // Who is not needed goes out again.
        for node in order where core.contains(node) {
            let without = core.filter { $0 != node }
            if !without.isEmpty, ledger.sustains(without) { core = without }
        }
        for node in order where !core.contains(node) && random.chance(0.25) { core.append(node) }
        return core.sorted()
    }
}

extension FaultSpec {
    /// The spans in which a random fault is at work: from each strike for as long as it lasts, or
    /// else to its next strike or the end.
    func episodes(until limit: TimeSpan) -> [(start: TimeSpan, end: TimeSpan)] {
        let moments = timing.moments
        let last: TimeSpan
        switch timing {
        case .once: last = limit
        case .repeated(_, _, let until): last = min(limit, until)
        }
        return moments.enumerated().map { index, start in
            let next = index + 1 < moments.count ? moments[index + 1] : last
            return (start, min(limit, duration.map { start + $0 } ?? next))
        }
    }
}

extension BudgetLedger {
    /// What a group with these options allows its clocks, if it trusts leases.
    private static func leaseDriftMax(of group: PlannedGroup) -> Double? {
        let options = group.options
        if group.strategy == PrimaryBackup.strategy.name, options["fencing"] != .toggle(false) {
            return driftPartsPerMillionMax
        }
        guard options["reads"] == .choice("lease") else { return nil }
        guard case .integer(let millionths) = options["lease_drift_ppm"] else {
            return driftPartsPerMillionMax
        }
        return Double(millionths)
    }

    /// The ledger of a run with these faults, each of which strikes once, and actions.
    init(
        _ faults: [FaultSpec], _ actions: [ActionSpec], groups: [PlannedGroup],
        resolution: FaultResolution
    ) {
        func nodes(_ place: Place) -> [NodeID] { resolution.nodes.map(\.id).filter(place.contains) }
        let seen = groups.map { group in
            var result = Group(
                founders: group.voters, candidates: [], removed: [],
                leaseDriftMax: Self.leaseDriftMax(of: group),
                tolerance: group.strategy == PrimaryBackup.strategy.name
                    ? PrimaryBackup.tolerance(group.options, members: group.voters.count) : nil)
            for action in actions where action.group.map({ $0 == group.id }) ?? true {
                switch action.kind {
                case .addMember(let place), .promote(let place):
                    result.candidates += nodes(place).map { ($0, action.at) }
                case .removeMember(let place):
                    result.removed += nodes(place).map { ($0, action.at) }
                case .transferLeader, .stop, .start, .failover: break
                }
            }
            return result
        }
        self.init(groups: seen, resolution: resolution)
        for fault in faults { add(fault) }
        for action in actions {
            guard case .stop(let selector) = action.kind else { continue }
            for node in resolution.named(by: selector) {
                let restart = actions.first { other in
                    guard case .start(let started) = other.kind, other.at > action.at else {
                        return false
                    }
                    return resolution.named(by: started).contains(node)
                }
                add([Damage(loss: .nodes([node]), start: action.at, end: restart?.at)])
                addEnd(of: node, at: action.at)
            }
            for _ in 0..<resolution.unknowns(in: selector) {
                add([Damage(loss: .someNode, start: action.at, end: nil)])
                addEnd(of: nil, at: action.at)
            }
        }
    }
}
