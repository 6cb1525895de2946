import Determinism
import Replication

extension ScenarioEncoder {
    /// How data is replicated; with `base`, what the file says of that already is left out.
    func replication(
        _ spec: ReplicationSpec, base: ReplicationSpec? = nil
    ) -> [(String, YAMLOutput)] {
        let inherited = isConcise && base?.strategy == spec.strategy ? base : nil
        var entries: [(String, YAMLOutput)] = []
        if inherited == nil { entries.append(("strategy", .text(spec.strategy))) }
        for (name, value) in spec.options.sorted
        where !["regions", "learners"].contains(name) && inherited?.options[name] != value {
            entries.append((name, option(value)))
        }
        if let regions = spec.regions, regions != inherited?.regions {
            entries.append(("regions", list(regions)))
        }
        if !spec.learners.isEmpty, spec.learners != inherited?.learners {
            entries.append(("learners", list(spec.learners)))
        }
        return entries
    }

    func dataType(_ spec: DataTypeSpec) -> YAMLOutput {
        var entries = replication(spec.replication, base: scenario.replication)
        if says(spec.value, .register) { entries.append(("value", .text(spec.value.rawValue))) }
        if says(spec.priority, .normal) {
            entries.append(("priority", .text(spec.priority.rawValue)))
        }
        if let operations = spec.operations {
            let parts = operations.map { ($0.item.rawValue, write($0.weight, .share)) }
            entries.append(("operations", .map(parts)))
        }
        return .map(entries)
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

    func expectation(_ expectation: Expectation) -> YAMLOutput {
        switch expectation {
        case .consistency(let model, nil): return .text(model.rawValue)
        case .consistency(let model, let group?):
            return .map([(model.rawValue, .map([("data_type", .text(name(group)))]))])
        case .bounded(let bound, let group):
            let part = group.map { [("data_type", YAMLOutput.text(name($0)))] } ?? []
            return .map([(bound.name, .map(entries(of: bound) + part))])
        case .visibility(let after, let share, let region):
            let part = region.map { [("region", YAMLOutput.text(name($0)))] } ?? []
            return .map([
                (
                    "visibility",
                    .map([("after", write(after)), ("at_least", write(share, .share))] + part)
                )
            ])
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
        case .lostUpdates(let bound): return .map([("lost_updates", loss(bound))])
        case .staleReads(let share):
            return .map([("stale_reads", .map([("at_most", write(share, .share))]))])
        case .staleness(let percentile, let bound):
            return .map([
                (
                    "staleness",
                    .map([("percentile", write(percentile, .number)), ("at_most", write(bound))])
                )
            ])
        case .sessions(let inner): return .map([(inner.name, sessions(inner))])
        case .invariants: return .text("invariants")
        case .not(let inner): return .map([("not", self.expectation(inner))])
        }
    }

    private func loss(_ bound: LossBound) -> YAMLOutput {
        if let count = bound.count, bound.window == nil, bound.group == nil {
            return .text(String(count))
        }
        var entries: [(String, YAMLOutput)] = []
        if let count = bound.count { entries.append(("at_most", .text(String(count)))) }
        if let window = bound.window { entries.append(("within", write(window))) }
        if let group = bound.group { entries.append(("data_type", .text(name(group)))) }
        return .map(entries)
    }

    private func entries(of bound: ConsistencyBound) -> [(String, YAMLOutput)] {
        switch bound {
        case .staleness(let age, let versions):
            let span = age.map { [("at_most", write($0))] } ?? []
            return span + (versions.map { [("versions", .text(String($0)))] } ?? [])
        case .delta(let span): return [("at_most", write(span))]
        case .stableLatency(let percentile, let span):
            return [("percentile", write(percentile, .number)), ("at_most", write(span))]
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
