import Determinism
import Geography
import Replication

extension ScenarioEncoder {
    func fault(_ fault: FaultSpec) -> YAMLOutput {
        var entries: [(String, YAMLOutput)] = []
        switch fault.timing {
        case .once(let moment): entries.append(("at", write(moment)))
        case .repeated(let every, let from, let until):
            entries = [("at", write(from)), ("every", write(every)), ("until", write(until))]
        }
        entries += kind(fault.kind)
        if let duration = fault.duration { entries.append(("for", write(duration))) }
        if fault.cutsClients { entries.append(("clients", write(true))) }
        let isDrawn = fault.kind.name == "random"
        if fault.mustBite == isDrawn { entries.append(("must_bite", write(fault.mustBite))) }
        return .map(entries)
    }

    private func kind(_ kind: FaultKind) -> [(String, YAMLOutput)] {
        switch kind {
        case .partition(let groups):
            return [(kind.name, .list(groups.map(selector)))]
        case .isolate(let selected), .refuse(let selected), .pause(let selected):
            return [(kind.name, selector(selected))]
        case .kill(let selected, let disk):
            let target = [(kind.name, selector(selected))]
            return disk == .kept ? target : target + [("disk", .text(disk.rawValue))]
        case .cut(let links, let layer):
            let way = says(layer, .packet) ? [("layer", YAMLOutput.text(layer.rawValue))] : []
            return [(kind.name, .map(scope(links) + way))]
        case .degrade(let links, let change):
            return [(kind.name, .map(scope(links) + degradation(change)))]
        case .reset(let links):
            return [(kind.name, .map(scope(links)))]
        case .clock(let selected, let error):
            var entries = [("region", selector(selected))]
            if let offset = error.offset { entries.append(("offset", write(offset, .difference))) }
            if let drift = error.driftPartsPerMillion {
                entries.append(("drift", write(drift, .partsPerMillion)))
            }
            return [(kind.name, .map(entries))]
        case .disk(let selected, let trouble):
            return [(kind.name, .map([("region", selector(selected))] + disk(trouble)))]
        case .slow(let selected, let factor):
            return [
                (
                    kind.name,
                    .map([("region", selector(selected)), ("cpu", write(factor, .factor))])
                )
            ]
        case .surge(let selected, let factor):
            return [
                (
                    kind.name,
                    .map([("region", selector(selected)), ("rate", write(factor, .factor))])
                )
            ]
        case .random(let faults):
            return [
                (
                    kind.name,
                    .map([
                        ("faults", .list(faults.kinds.map { .text($0.rawValue) })),
                        ("every", write(faults.every)),
                        ("for", write(faults.duration, .durationRange)),
                        ("budget", .text(faults.budget.rawValue)),
                    ])
                )
            ]
        }
    }

    private func degradation(_ change: Degradation) -> [(String, YAMLOutput)] {
        var entries: [(String, YAMLOutput)] = []
        if let delay = change.delay { entries.append(("one_way", write(delay, .delayChange))) }
        if let jitter = change.jitter { entries.append(("jitter", distribution(jitter))) }
        if let loss = change.loss { entries.append(("loss", write(loss, .share))) }
        if let bandwidth = change.bandwidth {
            entries.append(("bandwidth", write(bandwidth, .bandwidth)))
        }
        return entries
    }

    private func disk(_ trouble: DiskTrouble) -> [(String, YAMLOutput)] {
        var entries: [(String, YAMLOutput)] = []
        if let extra = trouble.extraSync { entries.append(("fsync", write(extra, .difference))) }
        if trouble.isFull { entries.append(("full", .text("true"))) }
        if trouble.fails { entries.append(("fail", .text("true"))) }
        if trouble.losesUnsynced { entries.append(("lose_unsynced", .text("true"))) }
        if trouble.corrupts { entries.append(("corrupt", .text("true"))) }
        return entries
    }

    func selector(_ selector: NodeSelector) -> YAMLOutput {
        switch selector {
        case .place(let selected): place(selected)
        case .list(let parts): .list(parts.map(self.selector))
        case .leader(nil): .text("leader")
        case .leader(let group?): .map([("leader", .text(name(group)))])
        case .primary(nil): .text("primary")
        case .primary(let group?): .map([("primary", .text(name(group)))])
        case .random: .text("random")
        case .minority: .text("minority")
        case .majority: .text("majority")
        case .all: .text("all")
        case .continent(let continent): .map([("continent", .text(continent.rawValue))])
        case .provider(let provider): .map([("provider", .text(provider))])
        }
    }

    func action(_ action: ActionSpec) -> YAMLOutput {
        var entries = [("at", write(action.at))]
        switch action.kind {
        case .transferLeader(let target), .addMember(let target), .removeMember(let target),
            .promote(let target), .failover(let target):
            entries.append((action.kind.name, place(target)))
        case .stop(let selected), .start(let selected):
            entries.append((action.kind.name, selector(selected)))
        }
        if let group = action.group { entries.append(("data_type", .text(name(group)))) }
        return .map(entries)
    }
}
