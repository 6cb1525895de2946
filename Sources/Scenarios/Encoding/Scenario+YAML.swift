import Determinism
import Geography
import Replication

extension Scenario {
    /// The scenario as a file, with every default written out. Decoding it gives the same
    /// scenario again.
    public var yaml: String { ScenarioEncoder(self).document }
}

extension Plan {
    /// The Plan as a scenario file. Decoding and planning it gives the same Plan again.
    public var yaml: String { scenario.yaml }
}

/// Writes a scenario in the format that ``ScenarioDecoder`` reads.
struct ScenarioEncoder {
    let scenario: Scenario
    let groupNames: [String]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        groupNames = scenario.groups.map(\.name)
    }

    var document: String {
        var entries: [(String, YAMLOutput)] = [
            ("meridian", .text("1")), ("name", .text(scenario.name)),
        ]
        if let title = scenario.title { entries.append(("title", .text(title))) }
        entries += [
            ("seed", write(scenario.seed, .seed)), ("start", write(scenario.start, .time)),
            ("duration", write(scenario.duration)), ("topology", topology),
            ("replication", .block(replication(scenario.replication))),
        ]
        if !scenario.dataTypes.isEmpty {
            entries.append(
                ("data_types", .block(scenario.dataTypes.map { ($0.name, dataType($0)) })))
        }
        entries += [
            ("workload", .block(workload)), ("faults", .lines(scenario.faults.map(fault))),
            ("actions", .lines(scenario.actions.map(action))),
            ("expect", .lines(scenario.expectations.map(expectation))),
        ]
        if let liveness = scenario.liveness {
            entries.append(("liveness", self.liveness(liveness)))
        }
        if !scenario.sweep.isEmpty {
            let sweeps = scenario.sweep.map { sweep in
                (sweep.path.joined(separator: "."), YAMLOutput.list(sweep.values.map { .text($0) }))
            }
            entries.append(("matrix", .block(sweeps)))
        }
        return YAMLOutput.block(entries).document
    }

    // MARK: - Names

    func write<Value>(_ value: Value, _ notation: Notation<Value>) -> YAMLOutput {
        .text(notation.format(value))
    }

    func write(_ span: TimeSpan) -> YAMLOutput { .text(Notation<TimeSpan>.duration.format(span)) }

    func write(_ flag: Bool) -> YAMLOutput { .text(flag ? "on" : "off") }

    func name(_ region: RegionID) -> String { spec(region)?.name ?? "region-\(region.index)" }

    func name(_ group: GroupID) -> String {
        groupNames.indices.contains(Int(group.index))
            ? groupNames[Int(group.index)]
            : "group-\(group.index)"
    }

    func place(_ place: Place) -> YAMLOutput {
        switch place {
        case .region(let region): .text(name(region))
        case .zone(let region, let zone): .text("\(name(region))/\(zoneName(region, zone))")
        case .node(let node):
            .text("\(name(node.region))/\(zoneName(node.region, node.zone))/\(node.ordinal)")
        }
    }

    func list(_ regions: [RegionID]) -> YAMLOutput { .list(regions.map { .text(name($0)) }) }

    private func spec(_ region: RegionID) -> RegionSpec? {
        let regions = scenario.topology.regions
        return regions.indices.contains(Int(region.index)) ? regions[Int(region.index)] : nil
    }

    private func zoneName(_ region: RegionID, _ zone: UInt8) -> String {
        guard let zones = spec(region)?.zones, zones.indices.contains(Int(zone)) else {
            return "\(zone)"
        }
        return zones[Int(zone)]
    }
}
