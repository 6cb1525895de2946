import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// What a fault's strike shows in the end, and whether that is an effect.
struct Finding {
    var hadEffect: Bool
    var observations: [JSONValue.Member]
}

/// Whether faults took effect: what links, probes, processes and clients show.
extension Director {
    func record(evidenceOf strike: Strike, _ actions: inout [ConductAction]) {
        let finding = evidence(of: strike)
        record(
            FaultEvidence(
                time: recordTime, id: plan.faults[strike.fault].id,
                hadEffect: finding.hadEffect, evidence: finding.observations
            ).event, &actions)
    }

    private func evidence(of strike: Strike) -> Finding {
        let targets = Set(strike.active.targets.joined())
        let running = targets.intersection(strike.running)
        var finding: Finding
        switch strike.active.kind {
        case .kill:
            // Who was down already proves nothing, unless another fault's heal would have started
            // it again.
            let affected = strike.seenKilled.union(strike.keptDown)
            finding = Finding(
                hadEffect: !affected.isEmpty && strike.seenKilled.isSuperset(of: running),
                observations: [
                    .init("processes_running_before", .count(running.count)),
                    .init("processes_killed", .count(strike.seenKilled.count)),
                    .init("processes_kept_down", .count(strike.keptDown.count)),
                ])
        case .pause:
            let stopped = strike.seenStopped
            finding = Finding(
                hadEffect: !stopped.isEmpty
                    && stopped.isSuperset(of: running.subtracting(spared(by: strike))),
                observations: [
                    .init("processes_running_before", .count(running.count)),
                    .init("processes_stopped", .count(stopped.count)),
                ])
        case .surge(_, let factor): finding = surgeEvidence(strike, factor)
        case .partition, .isolate, .cut, .degrade, .reset, .refuse: finding = linkEvidence(strike)
        case .clock(_, let error): finding = clockEvidence(strike, error)
        case .disk(_, let trouble): finding = diskEvidence(strike, trouble)
        case .slow: finding = slowEvidence(strike)
        case .random: finding = Finding(hadEffect: false, observations: [])
        }
        if strike.active.cutsClients {
            finding.observations.append(
                .init("client_requests_cut", .count(strike.clientRequestsCut)))
            // A fault that touches no link may still cut clients off.
            if strike.links.isEmpty, strike.clientRequestsCut > 0 { finding.hadEffect = true }
        }
        return finding
    }

    /// The nodes that a pause could not stop by itself, because others held them or killed them.
    private func spared(by pause: Strike) -> Set<NodeID> {
        let end = pause.ended ?? now
        var spared: Set<NodeID> = []
        for other in strikes where other.fault != pause.fault {
            guard other.began <= end, other.ended ?? now >= pause.began else { continue }
            switch other.active.kind {
            case .kill, .pause: spared.formUnion(other.active.targets.joined())
            case .disk: spared.formUnion(other.seenFailed)
            case .partition, .isolate, .cut, .degrade, .reset, .refuse, .clock, .slow, .surge,
                .random:
                continue
            }
        }
        return spared
    }

    private func surgeEvidence(_ strike: Strike, _ factor: Double) -> Finding {
        let targets = Set(strike.active.targets.joined().map(\.region))
        var planned = 0
        var usual = 0.0
        if case .open(let rates) = plan.workload.arrivals {
            for region in plan.regions
            where targets.contains(region.id) && plan.workload.clients[region.id] > 0 {
                let index = Int(region.id.index)
                let after = strike.plannedAfter?[index] ?? fleet.tally(of: region.id).planned
                planned += after - strike.plannedBefore[index]
                usual += rates[region.id] * usualSeconds(strike, in: region.id)
            }
        }
        // Four standard deviations of a Poisson count away from the usual.
        let difference = (Double(planned) - usual).magnitude
        return Finding(
            hadEffect: factor != 1 && difference > 4 * usual.squareRoot(),
            observations: [
                .init("operations_planned", .count(planned)),
                .init("operations_usual", .number(usual.rounded())),
            ])
    }

    /// How long clients worked while `surge` was in force, weighted by the factors of the other
    /// surges of the region.
    private func usualSeconds(_ surge: Strike, in region: RegionID) -> Double {
        let end = min(surge.ended ?? now, timeZero + plan.duration)
        guard end > surge.began else { return 0 }
        var others: [(from: Instant, to: Instant, factor: Double)] = []
        var edges = [surge.began, end]
        for other in strikes where other.fault != surge.fault {
            guard case .surge(_, let factor) = other.active.kind,
                other.active.targets.joined().contains(where: { $0.region == region })
            else { continue }
            others.append((other.began, other.ended ?? .distantFuture, factor))
            edges += [other.began, other.ended ?? end]
        }
        edges = edges.map { min(max($0, surge.began), end) }.sorted()
        return zip(edges, edges.dropFirst()).reduce(0) { sum, part in
            let factor = others.reduce(1.0) { product, other in
                other.from <= part.0 && part.1 <= other.to ? product * other.factor : product
            }
            return sum + (part.1 - part.0).seconds * factor
        }
    }

    private func linkEvidence(_ strike: Strike) -> Finding {
        let struck = Set(strike.links)
        let after = strike.closing?.after ?? takeReadings()
        var touched = LinkCounters()
        var others = LinkCounters()
        var probes = ProbeFigures()
        for (link, counters) in after.counters.sorted(by: { $0.key < $1.key }) {
            let change = counters.since(strike.before.counters[link] ?? LinkCounters())
            guard struck.contains(link) else {
                others = others + change
                continue
            }
            touched = touched + change
            // What a process took in after it had stood still was late for that reason.
            guard let receiver = nodes[link.to], !receiver.isLateByFaults else { continue }
            probes.add(
                before: receiver.launch == strike.launches[link.to]
                    ? strike.before.arrivals[link] : nil,
                after: after.arrivals[link])
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
        return Finding(
            hadEffect: didBite(strike, touched, probes), observations: observations)
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
            return didImpair(strike, degradation, touched, probes)
        case .reset: return touched.resetsInjected > 0
        case .refuse: return touched.connectionsPrevented > 0
        case .kill, .pause, .surge, .clock, .disk, .slow, .random: return false
        }
    }

    private func didImpair(
        _ strike: Strike, _ degradation: Degradation, _ touched: LinkCounters,
        _ probes: ProbeFigures
    ) -> Bool {
        guard touched.framesImpaired > 0 || touched.framesHeld > 0 else { return false }
        let isLossAlone =
            degradation.delay == nil && degradation.jitter == nil && degradation.bandwidth == nil
        if isLossAlone { return touched.framesResent + touched.framesHeld > 0 }
        guard let before = probes.delayBefore, let during = probes.delayDuring,
            !followsDegradation(strike)
        else { return true }
        let expected: Double
        switch degradation.delay {
        case .added(let span): expected = span.milliseconds
        case .multiplied(let factor): expected = before * (factor - 1)
        case nil: expected = 0
        }
        // Smaller changes drown in jitter and in the unevenness of the host.
        return expected < 5 || during - before > expected / 4
    }

    /// Whether another fault changed delays of the same links before `strike` ended, so that the
    /// probes do not tell of the one alone.
    private func followsDegradation(_ strike: Strike) -> Bool {
        let struck = Set(strike.links)
        let end = strike.ended ?? now
        return strikes.contains { other in
            guard case .degrade = other.active.kind, other.fault != strike.fault,
                other.began <= end
            else { return false }
            return other.links.contains(where: struck.contains)
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
