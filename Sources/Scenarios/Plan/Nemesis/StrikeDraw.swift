import Determinism
import Replication

/// One strike of a nemesis: a fault, or several that together reach what each alone hardly ever
/// does.
///
/// - Two faults at one place, a moment apart: a leader that stands still and is cut off before it
///   goes on; a disk that is slow when its process is killed.
/// - A volley: the same fault at the same place again and again, faster than a group recovers, such
///   as whoever leads, or a voter just restarted.
/// - A blackout: all processes are killed and start again at about the same time.
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
        if share < 0.55 { return single(at: moment) }
        if share < 0.77 { return pair(at: moment) }
        if share < 0.94 { return volley(at: moment) }
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

    private mutating func blackout(at moment: TimeSpan) -> [FaultSpec] {
        guard faults.kinds.contains(.kill) else { return [] }
        let length = random.logarithmicMilliseconds(30, 1500)
        var blackout = FaultSpec(
            at: .once(moment), .kill(.all, disk: .kept), for: length, mustBite: false)
        guard faults.kinds.contains(.disk), random.chance(0.5) else { return [blackout] }
        // It is told what was not on disk when the light went out.
        let later = moment + random.logarithmicMilliseconds(100, 1000)
        guard later < end else { return [blackout] }
        var draw = faultDraw()
        draw.aimAtOnePlace()
        let slow = FaultSpec(
            at: .once(moment), draw.slowDisk(), for: later - moment, mustBite: false)
        blackout.timing = .once(later)
        return [slow, blackout]
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
