import Determinism
import Geography
import Replication

/// How the data is replicated: members, and the options that the strategy publishes.
extension SwarmDraw {
    func replication(_ topology: TopologySpec, slowest: TimeSpan) -> ReplicationSpec {
        var random = stream("members")
        var spec = ReplicationSpec(strategy: base.replication.strategy)
        let ids = topology.regions.indices.map { RegionID(index: UInt16($0)) }
        func count(_ regions: [RegionID]) -> Int {
            regions.reduce(0) { $0 + topology.regions[Int($1.index)].nodeCount }
        }
        var voters = ids
        // One region may only listen, and another may not belong, as long as three nodes vote.
        let canLearn = description?.options.contains { $0.name == "learners" } ?? false
        if canLearn, random.chance(0.2) {
            let without = voters.filter { $0 != ids[0] }
            if count(without) >= 3 {
                spec.learners = [ids[0]]
                voters = without
            }
        }
        if let last = ids.last, random.chance(0.2) {
            let without = voters.filter { $0 != last }
            if count(without) >= 3 {
                voters = without
                spec.regions = without
            }
        }
        let options = stream("options")
        for option in description?.options ?? [] {
            // Each from a stream of its own: an option more leaves the others as they were.
            var stream = options.derived(option.name)
            spec.options[option.name] = value(
                of: option, voters: voters, slowest: slowest, &stream)
        }
        if let description, description.linearizingOption != nil,
            description.isLinearizable(with: spec.options)
        {
            // One order of all writes goes with the standard rule and sizes only.
            for name in ["resolve", "read", "write"] { spec.options[name] = nil }
        }
        if spec.options["sloppy"] == .toggle(true) {
            // Who stands in for members is no member.
            let outside = ids.filter { !voters.contains($0) && !spec.learners.contains($0) }
            if outside.isEmpty || spec.options["write_back"] == .toggle(true) {
                spec.options["sloppy"] = nil
            } else {
                spec.options["coordinators"] = .regions(outside)
            }
        }
        // Only what waits for replicas can cease to.
        if spec.options["mode"] != .choice("semi-sync") { spec.options["degrade_after"] = nil }
        if let merge {
            spec.options["resolve"] = .choice("merge")
            spec.options["merge"] = .choice(merge.description.name)
            // One order of all writes does not go with it.
            if let name = description?.linearizingOption { spec.options[name] = nil }
        }
        // As an option a strategy hears of its learners, too.
        if !spec.learners.isEmpty { spec.options["learners"] = .regions(spec.learners) }
        return spec
    }

    /// A value that makes sense, or `nil` for the default.
    private func value(
        of option: OptionDescription, voters: [RegionID], slowest: TimeSpan,
        _ random: inout RandomStream
    ) -> OptionValue? {
        switch option.type {
        case .toggle:
            guard case .toggle(let isOn)? = option.defaultValue, random.chance(0.25) else {
                return nil
            }
            return .toggle(!isOn)
        case .choice(let words):
            // How values merge is drawn apart, and only where the scenario is about merges.
            if option.name == "merge" { return nil }
            let drawn = option.name == "resolve" ? words.filter { $0 != "merge" } : words
            return random.chance(0.6) ? .choice(random.element(of: drawn)) : nil
        case .region:
            return random.chance(0.4) ? .region(random.element(of: voters)) : nil
        case .size:
            // So small that every few writes go over it.
            return random.chance(0.7) ? .size(1024 << (2 * random.index(4))) : nil
        case .automaticDurationRange:
            guard random.chance(0.4) else { return nil }
            let lower =
                max(.milliseconds(150), slowest * 2 + .milliseconds(100))
                + random.milliseconds(in: 0...500, step: 10)
            return .durationRange(lower...(lower + random.milliseconds(in: 50...1_000, step: 10)))
        case .duration, .automaticDuration, .unlimitedDuration:
            return duration(of: option.name, slowest: slowest, &random).map { .duration($0) }
        case .automaticInteger(let range):
            guard random.chance(0.5) else { return nil }
            // No more than a majority: the rest may be away.
            return .integer(range.lowerBound + random.index(voters.count / 2 + 1))
        case .integer, .regions:
            return nil
        }
    }

    /// What times are reasonable only their names say; others keep their defaults.
    private func duration(
        of name: String, slowest: TimeSpan, _ random: inout RandomStream
    ) -> TimeSpan? {
        switch name {
        case "replication_delay":
            random.chance(0.5) ? random.milliseconds(in: 0...500, step: 10) : nil
        case "detect_after":
            slowest * 5 + random.milliseconds(in: 500...3_000, step: 100)
        case "degrade_after":
            random.chance(0.15) ? random.milliseconds(in: 100...2_000, step: 100) : nil
        case "timeout": random.chance(0.25) ? random.milliseconds(in: 500...4_000, step: 100) : nil
        case "anti_entropy": random.milliseconds(in: 200...3_000, step: 100)
        case "conflict_window":
            random.chance(0.3) ? random.milliseconds(in: 100...5_000, step: 100) : nil
        case "commit_timeout":
            random.chance(0.25) ? slowest * 3 + random.milliseconds(in: 300...2_000, step: 50) : nil
        case "session_timeout":
            random.chance(0.25) ? random.milliseconds(in: 2_000...20_000, step: 500) : nil
        case _: nil
        }
    }
}
