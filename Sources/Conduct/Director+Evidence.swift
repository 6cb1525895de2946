import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Whether faults took effect: what links, probes, processes and clients show.
extension Director {
    func readCounters() -> [DirectedLink: LinkCounters] {
        var result: [DirectedLink: LinkCounters] = [:]
        for source in board.nodes {
            for target in board.nodes where target != source {
                result[DirectedLink(from: source, to: target)] =
                    nodes[source]?.counters(to: target)
            }
        }
        return result
    }

    func readArrivals() -> [DirectedLink: ProbeArrivals] {
        var result: [DirectedLink: ProbeArrivals] = [:]
        for node in plan.nodes {
            for arrival in nodes[node.id]?.status?.arrivals ?? [] {
                result[DirectedLink(from: arrival.source, to: node.id)] = arrival
            }
        }
        return result
    }

    func take(_ state: ProcessState, of node: NodeID) {
        guard state == .stopped else { return }
        for index in strikes.indices where strikes[index].ended == nil {
            if case .pause = strikes[index].active.kind,
                strikes[index].active.targets.joined().contains(node)
            {
                strikes[index].seenStopped.insert(node)
            }
        }
    }

    /// Asks every node for the counters that end a strike; they are answered before any change
    /// that is sent after this.
    func beginClosing(_ position: Int, _ actions: inout [ConductAction]) {
        let token = nextToken
        nextToken += 1
        let missing = pollAll(token: token, &actions)
        strikes[position].closing = (token, missing, now)
    }

    func answered(_ token: UInt64, by status: NodeStatus) {
        for index in strikes.indices where strikes[index].closing?.token == token {
            strikes[index].closing?.missing.remove(status.member.node)
        }
    }

    /// Records the evidence of strikes whose closing answers have come, or are not coming.
    func finishStrikes(_ actions: inout [ConductAction]) {
        for index in strikes.indices where !strikes[index].isClosed {
            noteKilled(index)
            guard let closing = strikes[index].closing else { continue }
            let missing = closing.missing.filter { nodes[$0]?.isLive == true }
            guard missing.isEmpty || now - closing.since > timing.answerMax else { continue }
            strikes[index].isClosed = true
            record(evidenceOf: strikes[index], &actions)
        }
    }

    private func noteKilled(_ index: Int) {
        guard case .kill = strikes[index].active.kind else { return }
        for node in strikes[index].active.targets.joined() {
            guard let last = nodes[node]?.lastEnd, last.launch == strikes[index].launches[node],
                case .signalled = last.end
            else { continue }
            strikes[index].seenKilled.insert(node)
        }
    }

    private func record(evidenceOf strike: Strike, _ actions: inout [ConductAction]) {
        let finding = evidence(of: strike)
        actions.append(
            .record(
                .event(
                    FaultEvidence(
                        time: recordTime, id: plan.faults[strike.fault].id,
                        hadEffect: finding.hadEffect, evidence: finding.observations
                    ).event)))
    }

    private func evidence(
        of strike: Strike
    ) -> (hadEffect: Bool, observations: [JSONValue.Member]) {
        let targets = strike.active.targets.flatMap { $0 }
        switch strike.active.kind {
        case .kill:
            let killed = strike.seenKilled.filter(strike.running.contains)
            return (
                !targets.isEmpty && killed.count == Set(targets).count,
                [
                    .init("processes_running_before", .count(running(targets, strike))),
                    .init("processes_killed", .count(killed.count)),
                ]
            )
        case .pause:
            let stopped = strike.seenStopped.filter(strike.running.contains)
            return (
                !targets.isEmpty && stopped.count == Set(targets).count,
                [
                    .init("processes_running_before", .count(running(targets, strike))),
                    .init("processes_stopped", .count(stopped.count)),
                ]
            )
        case .surge(_, let factor): return surgeEvidence(strike, factor)
        case .partition, .isolate, .cut, .degrade, .reset, .refuse: return linkEvidence(strike)
        case .clock, .disk, .slow, .random: return (false, [])
        }
    }

    private func running(_ targets: [NodeID], _ strike: Strike) -> Int {
        Set(targets).intersection(strike.running).count
    }

    private func surgeEvidence(
        _ strike: Strike, _ factor: Double
    ) -> (hadEffect: Bool, observations: [JSONValue.Member]) {
        let regions = Set(strike.active.targets.joined().map(\.region))
        var planned = 0
        var usual = 0.0
        let lasted = (strike.ended ?? now) - strike.began
        for region in plan.regions where regions.contains(region.id) {
            let index = Int(region.id.index)
            planned += fleet.tally(of: region.id).planned - strike.plannedBefore[index]
            if case .open(let rates) = plan.workload.arrivals {
                usual += rates[region.id] * lasted.seconds
            }
        }
        // Four standard deviations of a Poisson count away from the usual.
        let difference = (Double(planned) - usual).magnitude
        return (
            factor != 1 && difference > 4 * usual.squareRoot(),
            [
                .init("operations_planned", .count(planned)),
                .init("operations_usual", .number(usual.rounded())),
            ]
        )
    }

    private func linkEvidence(
        _ strike: Strike
    ) -> (hadEffect: Bool, observations: [JSONValue.Member]) {
        let struck = Set(strike.links)
        var touched = LinkCounters()
        var others = LinkCounters()
        var probes = ProbeFigures()
        let arrivalsNow = readArrivals()
        for (link, counters) in readCounters().sorted(by: { $0.key < $1.key }) {
            let change = counters.since(strike.before[link] ?? LinkCounters())
            guard struck.contains(link) else {
                others = others + change
                continue
            }
            touched = touched + change
            let sameLaunch = nodes[link.to]?.launch == strike.launches[link.to]
            probes.add(
                before: sameLaunch ? strike.arrivalsBefore[link] : nil, after: arrivalsNow[link])
        }
        var observations: [JSONValue.Member] = [
            .init("frames_offered", .count(touched.framesOffered)),
            .init("frames_held", .count(touched.framesHeld)),
            .init("frames_dropped", .count(touched.framesDropped)),
            .init("frames_lost_in_reset", .count(touched.framesLostInReset)),
            .init("frames_impaired", .count(touched.framesImpaired)),
            .init("frames_resent", .count(touched.framesResent)),
            .init("connections_reset", .count(touched.resets)),
            .init("connections_prevented", .count(touched.connectionsPrevented)),
            .init("probes_sent", .count(touched.probesSent)),
            .init("probes_arrived", .count(probes.arrived)),
            .init("probes_lost", .count(touched.probesLost)),
            .init("other_links_probes_sent", .count(others.probesSent)),
            .init("other_links_probes_lost", .count(others.probesLost)),
        ]
        if let before = probes.delayBefore {
            observations.append(.init("probe_delay_before_ms", .number(before)))
        }
        if let during = probes.delayDuring {
            observations.append(.init("probe_delay_during_ms", .number(during)))
        }
        return (didBite(strike, touched, probes), observations)
    }

    private func didBite(_ strike: Strike, _ touched: LinkCounters, _ probes: ProbeFigures) -> Bool
    {
        switch strike.active.kind {
        case .partition, .isolate, .cut:
            let stopped =
                touched.framesHeld + touched.framesDropped + touched.framesLostInReset
                + touched.connectionsPrevented
            return stopped > 0 && (touched.probesSent == 0 || touched.probesLost > 0)
        case .degrade(_, let degradation):
            guard touched.framesImpaired > 0 else { return false }
            guard case .added(let span)? = degradation.delay, span >= .milliseconds(5),
                let before = probes.delayBefore, let during = probes.delayDuring
            else { return true }
            return during - before > span.milliseconds / 4
        case .reset: return touched.resetsInjected > 0
        case .refuse: return touched.connectionsPrevented > 0
        case .kill, .pause, .surge, .clock, .disk, .slow, .random: return false
        }
    }
}

/// Probes over the links of a fault, before and while it was in force.
private struct ProbeFigures {
    private var before = (count: 0.0, total: 0.0)
    private var during = (count: 0.0, total: 0.0)

    var arrived: Int { Int(during.count) }
    /// The mean time under way before the fault, in milliseconds.
    var delayBefore: Double? { before.count > 0 ? before.total / before.count : nil }
    /// The mean time under way during the fault, in milliseconds.
    var delayDuring: Double? { during.count > 0 ? during.total / during.count : nil }

    mutating func add(before earlier: ProbeArrivals?, after later: ProbeArrivals?) {
        guard let later else { return }
        let count = earlier.map { Double($0.count) } ?? 0
        let total = earlier?.delayTotal.milliseconds ?? 0
        before.count += count
        before.total += total
        during.count += Double(later.count) - count
        during.total += later.delayTotal.milliseconds - total
    }
}
