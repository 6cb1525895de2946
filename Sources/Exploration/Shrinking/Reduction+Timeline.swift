import Determinism
import Scenarios

/// Fewer things that happen, and sooner.
extension Reduction {
    static let faultsAndActions = Reduction(name: "fewer faults and actions") { candidate in
        let faults = candidate.scenario.faults.count
        return chunks(of: faults + candidate.scenario.actions.count).map { chunk in
            candidate.removingFaults(Set(chunk.filter { $0 < faults }))
                .removingActions(Set(chunk.filter { $0 >= faults }.map { $0 - faults }))
        }
    }

    static let liveness = Reduction(name: "no core, or an earlier one") { candidate in
        guard let spec = candidate.scenario.liveness else { return [] }
        let none = candidate.with { $0.liveness = nil }
        let last = candidate.scenario.moments.max() ?? .zero
        let sooner = [.milliseconds(100), .seconds(1)].map { last + $0 }.filter { $0 < spec.from }
        return [none] + sooner.map { from in candidate.with { $0.liveness?.from = from } }
    }

    static let end = Reduction(name: "an earlier end") { candidate in
        let scenario = candidate.scenario
        let strikes = scenario.moments
        let heals = scenario.faults.compactMap { fault in
            fault.duration.map { (fault.timing.moments.first ?? .zero) + $0 }
        }
        var ends = shorter(than: scenario.duration)
        for moment in strikes + heals {
            for more in [1, 2, 5] {
                ends.append(rounded(moment + .seconds(more)))
            }
        }
        ends.append(rounded(scenario.duration * 0.75))
        var seen: [TimeSpan] = []
        for end in ends.sorted()
        where end < scenario.duration && end >= shortest && seen.last != end {
            seen.append(end)
        }
        return seen.map { end in candidate.with { $0.duration = end } }
    }

    static let beginning = Reduction(name: "an earlier beginning") { candidate in
        guard let first = candidate.scenario.moments.min(), first > .zero else { return [] }
        let starts =
            [TimeSpan.zero, .milliseconds(500), .seconds(1), .seconds(2)]
            + shorter(than: first)
        return starts.filter { $0 < first }.map { start in
            candidate.with { $0.moveEarlier(from: .zero, by: first - start) }
        }
    }

    static let gaps = Reduction(name: "shorter pauses") { candidate in
        let moments = Set(candidate.scenario.moments).sorted()
        return zip(moments, moments.dropFirst()).flatMap { before, after in
            shorter(than: after - before).map { gap in
                candidate.with { $0.moveEarlier(from: after, by: after - before - gap) }
            }
        }
    }

    static let faultDurations = Reduction(name: "shorter faults") { candidate in
        candidate.scenario.faults.indices.flatMap { index -> [ShrinkCandidate] in
            guard let duration = candidate.scenario.faults[index].duration else { return [] }
            return shorter(than: duration).map { span in
                candidate.with { $0.faults[index].duration = span }
            }
        }
    }

    static let roundTimes = Reduction(name: "round times") { candidate in
        let units = [1_000, 500, 100, 10].map { TimeSpan.milliseconds($0) }
        let all = units.map { unit in candidate.with { $0.roundTimes(to: unit) } }
        let each = candidate.scenario.faults.indices.flatMap { index in
            units.map { unit in
                candidate.with { $0.faults[index].roundTimes(to: unit) }
            }
        }
        return all + each
    }
}

extension Scenario {
    /// When faults strike and actions are taken.
    var moments: [TimeSpan] {
        faults.map { $0.timing.moments.first ?? .zero } + actions.map(\.at)
    }

    /// Moves what happens from `start` on, and the end, earlier.
    fileprivate mutating func moveEarlier(from start: TimeSpan, by span: TimeSpan) {
        for index in faults.indices {
            if let moment = faults[index].timing.moments.first, moment >= start {
                faults[index].timing = .once(moment - span)
            }
        }
        for index in actions.indices where actions[index].at >= start { actions[index].at -= span }
        if let from = liveness?.from, from >= start { liveness?.from = from - span }
        duration -= span
    }

    fileprivate mutating func roundTimes(to unit: TimeSpan) {
        for index in faults.indices { faults[index].roundTimes(to: unit) }
        for index in actions.indices { actions[index].at = actions[index].at.down(to: unit) }
        duration = duration.down(to: unit)
    }
}

extension FaultSpec {
    fileprivate mutating func roundTimes(to unit: TimeSpan) {
        timing = .once((timing.moments.first ?? .zero).down(to: unit))
        duration = duration.map { $0.down(to: unit) }
    }
}

extension TimeSpan {
    fileprivate func down(to unit: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: nanoseconds / unit.nanoseconds * unit.nanoseconds)
    }
}
