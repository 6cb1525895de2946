import Determinism
import Replication

/// One strike of a nemesis: a fault, or several that together reach what each alone hardly ever
/// does.
///
/// - Two faults at one place, a moment apart: a disk that is slow when its process is killed.
/// - A stupor: somebody, mostly a leader, stands still and is cut off before it goes on.
/// - A volley: the same fault at the same place again and again, faster than a group recovers, such
///   as whoever leads, or a voter just restarted.
/// - A fall of leaders: whoever leads is cut off, then its successor, and so on, each of them about
///   until the next one falls.
/// - A blackout: all processes are killed at once, and each starts again in its own time. Now and
///   then one is spared, but cut off from the others.
///
/// Each fault is an ordinary one of the Plan and strikes once.
struct StrikeDraw {
    let faults: RandomFaults
    let led: [NodeSelector]
    let resolution: FaultResolution
    /// How far clocks may drift by what groups assume, in millionths.
    let driftMax: Double
    /// Nothing strikes from then on.
    let end: TimeSpan
    var random: RandomStream

    /// What strikes from `moment` on; empty if this draw came to nothing sensible.
    mutating func strike(at moment: TimeSpan) -> [FaultSpec] {
        let share = random.unit()
        if share < 0.50 { return single(at: moment) }
        if share < 0.65 { return pair(at: moment) }
        if share < 0.78 { return volley(at: moment) }
        if share < 0.85 { return stupor(at: moment) }
        if share < 0.92 { return fall(at: moment) }
        return blackout(at: moment)
    }

    // MARK: - Shapes

    private mutating func single(at moment: TimeSpan) -> [FaultSpec] {
        var draw = faultDraw()
        return fault(kind(), &draw, at: moment, for: duration()).map { [$0] } ?? []
    }

    private mutating func pair(at moment: TimeSpan) -> [FaultSpec] {
        var draw = faultDraw()
        draw.aimAtOnePlace()
        let first = fault(kind(), &draw, at: moment, for: duration())
        let later = moment + random.milliseconds(in: 0...500)
        let second = fault(kindThatTakesOut(), &draw, at: later, for: duration())
        guard let first, let second, later < end, first.kind.name != second.kind.name else {
            return []
        }
        return [first, second]
    }

    private mutating func volley(at moment: TimeSpan) -> [FaultSpec] {
        let kinds = faults.kinds.filter { kind in
            switch kind {
            case .partition, .isolate, .cut, .reset, .kill, .pause: true
            case .degrade, .refuse, .clock, .disk, .slow, .surge: false
            }
        }
        guard !kinds.isEmpty else { return [] }
        var draw = faultDraw()
        draw.aimAtOnePlace()
        guard var fault = draw.fault(kinds[random.index(kinds.count)]) else { return [] }
        if case .kill(let selector, .gone) = fault.kind {
            fault.kind = .kill(selector, disk: .kept)
        }
        var result: [FaultSpec] = []
        let gap = random.logarithmicMilliseconds(100, 1500)
        var next = moment
        for _ in 0..<(2 + random.index(5)) where next < end {
            fault.timing = .once(next)
            if fault.kind.name != RandomFaultKind.reset.rawValue {
                let longest = Int(gap.milliseconds) * 9 / 10
                fault.duration = random.logarithmicMilliseconds(30, max(31, longest))
            }
            result.append(fault)
            next += gap
        }
        return result
    }

    /// Leaders fall one after another, each about when the one before comes back: logs that differ
    /// meet.
    private mutating func fall(at moment: TimeSpan) -> [FaultSpec] {
        guard faults.kinds.contains(.isolate), !led.isEmpty else { return [] }
        let leader = led[random.index(led.count)]
        var result: [FaultSpec] = []
        var next = moment
        for _ in 0..<(3 + random.index(3)) where next < end {
            let pause = random.milliseconds(in: 400...2_000)
            let length = pause + random.milliseconds(in: -300...300)
            result.append(
                FaultSpec(at: .once(next), .isolate(leader), for: length, mustBite: false))
            next += pause
        }
        return result
    }

    /// All are killed at once, and each comes back in its own time, so that for a while chance says
    /// who is there to elect whom. Half of them find somebody's disk behind, so that it is told what
    /// was there when the light went out.
    private mutating func blackout(at moment: TimeSpan) -> [FaultSpec] {
        guard faults.kinds.contains(.kill) else { return [] }
        var result: [FaultSpec] = []
        var dark = moment
        if faults.kinds.contains(.disk), random.chance(0.5) {
            dark = moment + random.logarithmicMilliseconds(100, 1000)
            guard dark < end else { return [] }
            var draw = faultDraw()
            draw.aimAtOnePlace()
            result.append(
                FaultSpec(
                    at: .once(moment), draw.slowDisk(atLeast: 50), for: dark - moment,
                    mustBite: false))
        }
        var spared: NodeID?
        if faults.kinds.contains(.isolate), random.chance(0.35) {
            let node = resolution.nodes[random.index(resolution.nodes.count)].id
            spared = node
            result.append(
                FaultSpec(
                    at: .once(dark), .isolate(.place(resolution.place(of: node))),
                    for: duration(), mustBite: false))
        }
        for node in resolution.nodes where node.id != spared {
            let place = NodeSelector.place(resolution.place(of: node.id))
            result.append(
                FaultSpec(
                    at: .once(dark), .kill(place, disk: .kept),
                    for: random.logarithmicMilliseconds(30, 2500), mustBite: false))
        }
        return result
    }

    /// Somebody stands still and is cut off before it goes on: what it took for true when it
    /// stopped may have long been otherwise, and nobody tells it.
    private mutating func stupor(at moment: TimeSpan) -> [FaultSpec] {
        guard faults.kinds.contains(.pause), faults.kinds.contains(.isolate) else { return [] }
        var draw = faultDraw()
        draw.aimAtOnePlace()
        let still = duration()
        let later = moment + still * (0.5 * random.unit())
        let cut = moment + still + random.milliseconds(in: 200...2_000) - later
        let pause = fault(.pause, &draw, at: moment, for: still)
        let isolation = fault(.isolate, &draw, at: later, for: cut)
        guard let pause, let isolation, later < end else { return [] }
        return [pause, isolation]
    }

    // MARK: - Parts

    private mutating func kind() -> RandomFaultKind {
        faults.kinds[random.index(faults.kinds.count)]
    }

    /// A kind that takes its place out for a while, if any of those can be drawn.
    private mutating func kindThatTakesOut() -> RandomFaultKind {
        let kinds = [.kill, .isolate, .pause, .kill].filter(faults.kinds.contains)
        return kinds.isEmpty || random.chance(0.2) ? kind() : kinds[random.index(kinds.count)]
    }

    private mutating func faultDraw() -> FaultDraw {
        FaultDraw(
            resolution: resolution, led: led, isBounded: faults.budget != .none,
            driftMax: driftMax, random: random.derived("fault"))
    }

    private func fault(
        _ kind: RandomFaultKind, _ draw: inout FaultDraw, at moment: TimeSpan,
        for duration: TimeSpan
    ) -> FaultSpec? {
        guard var fault = draw.fault(kind) else { return nil }
        fault.timing = .once(moment)
        if kind != .reset { fault.duration = duration }
        return fault
    }

    private mutating func duration() -> TimeSpan {
        let span = random.span(in: faults.duration)
        // Whole milliseconds are easier to read, where the range has them.
        let whole = TimeSpan(nanoseconds: span.nanoseconds / 1_000_000 * 1_000_000)
        return faults.duration.contains(whole) && whole > .zero ? whole : span
    }
}

extension RandomStream {
    /// Whole milliseconds from `low` to `high`, each order of magnitude alike.
    mutating func logarithmicMilliseconds(_ low: Int, _ high: Int) -> TimeSpan {
        let bound = Double(high) / Double(low)
        let scale = DeterministicMath.exp(DeterministicMath.log(bound) * unit())
        return .milliseconds(max(low, min(high, Int((Double(low) * scale).rounded()))))
    }
}
