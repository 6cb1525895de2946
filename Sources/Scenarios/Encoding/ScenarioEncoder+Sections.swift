import Determinism
import Replication

extension ScenarioEncoder {
    func replication(_ spec: ReplicationSpec) -> [(String, YAMLOutput)] {
        var entries: [(String, YAMLOutput)] = [("strategy", .text(spec.strategy))]
        for (name, value) in spec.options.sorted where !["regions", "learners"].contains(name) {
            entries.append((name, option(value)))
        }
        if let regions = spec.regions { entries.append(("regions", list(regions))) }
        if !spec.learners.isEmpty { entries.append(("learners", list(spec.learners))) }
        return entries
    }

    func dataType(_ spec: DataTypeSpec) -> YAMLOutput {
        .map(
            replication(spec.replication) + [
                ("value", .text(spec.value.rawValue)), ("priority", .text(spec.priority.rawValue)),
            ])
    }

    private func option(_ value: OptionValue) -> YAMLOutput {
        switch value {
        case .toggle(let flag): write(flag)
        case .choice(let word): .text(word)
        case .duration(let span): write(span)
        case .durationRange(let range): write(range, .durationRange)
        case .integer(let number): .text(String(number))
        case .size(let bytes): write(bytes, .size)
        case .region(let region): .text(name(region))
        case .regions(let regions): list(regions)
        case .automatic: .text("auto")
        case .unlimited: .text("unlimited")
        }
    }

    var workload: [(String, YAMLOutput)] {
        let workload = scenario.workload
        var entries: [(String, YAMLOutput)] = [
            ("clients", perRegion(workload.clients, .integer(0...Int.max), none: 0))
        ]
        switch workload.arrivals {
        case .closed: entries.append(("rate", .text("closed")))
        case .open(let rates): entries.append(("rate", perRegion(rates, .rate, none: 0)))
        }
        switch workload.mix {
        case .ycsb(let letter, let records):
            entries.append(
                (
                    "ycsb",
                    .map([
                        ("workload", .text(letter.rawValue)), ("records", .text(String(records))),
                    ])
                ))
        case .operations(let shares, let keys):
            entries.append(
                (
                    "operations",
                    .map(shares.map { ($0.item.rawValue, write($0.weight, .share)) })
                ))
            entries.append(
                (
                    "keys",
                    .map([
                        ("count", .text(String(keys.count))),
                        ("distribution", .text(keys.distribution.rawValue)),
                        ("size", write(keys.size, .size)),
                    ])
                ))
        }
        let types = workload.dataTypes
        if types.count == 1 {
            entries.append(("data_type", .text(name(types[0].item))))
        } else {
            let shares = types.map { (name($0.item), write($0.weight, .share)) }
            entries.append(("data_type", .map(shares)))
        }
        entries += [
            ("value_size", write(workload.valueSize, .size)), ("timeout", write(workload.timeout)),
        ]
        if let attempt = workload.givenAttemptTimeout {
            entries.append(("attempt_timeout", write(attempt)))
        }
        entries.append(("failover", .text(workload.failover.rawValue)))
        return entries
    }

    private func perRegion<Value: Hashable & Sendable>(
        _ values: PerRegion<Value>, _ notation: Notation<Value>, none: Value
    ) -> YAMLOutput {
        if values.named.isEmpty { return write(values.others, notation) }
        var entries = values.named.sorted { $0.key < $1.key }.map { region, value in
            (name(region), write(value, notation))
        }
        if values.others != none { entries.append(("others", write(values.others, notation))) }
        return .map(entries)
    }

    func expectation(_ expectation: Expectation) -> YAMLOutput {
        switch expectation {
        case .consistency(let model, nil): return .text(model.rawValue)
        case .consistency(let model, let group?):
            return .map([(model.rawValue, .map([("data_type", .text(name(group)))]))])
        case .converged(let span, let fault):
            var entries = [("within", write(span))]
            if let fault { entries.append(("fault", .text(fault.id))) }
            return .map([("converged", .map(entries))])
        case .availability(let share, let filter):
            return .map([
                ("availability", .map([("at_least", write(share, .share))] + self.filter(filter)))
            ])
        case .latency(let percentile, let bound, let filter):
            return .map([
                (
                    "latency",
                    .map(
                        [("percentile", write(percentile, .number)), ("at_most", write(bound))]
                            + self.filter(filter))
                )
            ])
        case .failover(let span):
            return .map([("failover", .map([("within", write(span))]))])
        case .lostUpdates(let count): return .map([("lost_updates", .text(String(count)))])
        case .staleReads(let share):
            return .map([("stale_reads", .map([("at_most", write(share, .share))]))])
        case .staleness(let percentile, let bound):
            return .map([
                (
                    "staleness",
                    .map([("percentile", write(percentile, .number)), ("at_most", write(bound))])
                )
            ])
        case .not(let inner): return .map([("not", self.expectation(inner))])
        }
    }

    func liveness(_ spec: LivenessSpec) -> YAMLOutput {
        .map([
            ("core", .list(spec.core.map(place))), ("from", write(spec.from)),
            ("within", write(spec.within)),
        ])
    }

    private func filter(_ filter: OperationFilter) -> [(String, YAMLOutput)] {
        var entries: [(String, YAMLOutput)] = []
        if let region = filter.region { entries.append(("region", .text(name(region)))) }
        if let operation = filter.operation {
            entries.append(("operation", .text(operation.rawValue)))
        }
        if let phase = filter.phase { entries.append(("phase", .text(phase.rawValue))) }
        if let fault = filter.fault { entries.append(("fault", .text(fault.id))) }
        if let group = filter.group { entries.append(("data_type", .text(name(group)))) }
        return entries
    }
}
