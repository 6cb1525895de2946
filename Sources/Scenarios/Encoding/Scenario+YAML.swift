import Determinism
import Geography
import Replication

extension Scenario {
    /// The scenario as a file, with every default written out. Decoding it gives the same
    /// scenario again.
    public var yaml: String { ScenarioEncoder(self).document }

    /// The scenario as a file for people: without what is as by default, with the sections set
    /// apart. Decoding it gives the same scenario again, as long as the defaults are the same.
    public var conciseYAML: String { ScenarioEncoder(self, isConcise: true).document }
}

extension Plan {
    /// The Plan as a scenario file. Decoding and planning it gives the same Plan again.
    public var yaml: String { scenario.yaml }
}

/// Writes a scenario in the format that ``ScenarioDecoder`` reads.
struct ScenarioEncoder {
    let scenario: Scenario
    let groupNames: [String]
    /// Whether what is as by default is left out.
    let isConcise: Bool

    init(_ scenario: Scenario, isConcise: Bool = false) {
        self.scenario = scenario
        self.isConcise = isConcise
        groupNames = scenario.groups.map(\.name)
    }

    var document: String {
        var heading: [(String, YAMLOutput)] = isConcise ? [] : [("meridian", .text("1"))]
        heading.append(("name", .text(scenario.name)))
        if let title = scenario.title { heading.append(("title", .text(title))) }
        heading.append(("seed", write(scenario.seed, .seed)))
        if says(scenario.start, Scenario.defaultStart) {
            heading.append(("start", write(scenario.start, .time)))
        }
        heading.append(("duration", write(scenario.duration)))
        if scenario.logsReplication {
            heading.append(("replication_log", write(scenario.logsReplication)))
        }
        let all = [heading] + sections.map { [$0] }
        guard isConcise else { return YAMLOutput.block(Array(all.joined())).document }
        return all.map { YAMLOutput.block($0).document }.joined(separator: "\n")
    }

    /// Whether a value is to be written although, or because, it may be as by default.
    func says<Value: Equatable>(_ value: Value, _ standard: Value) -> Bool {
        !isConcise || value != standard
    }

    private var sections: [(String, YAMLOutput)] {
        var sections: [(String, YAMLOutput)] = [
            ("topology", .block(topology)),
            ("replication", .block(replication(scenario.replication))),
        ]
        if !scenario.dataTypes.isEmpty {
            sections.append(
                ("data_types", .block(scenario.dataTypes.map { ($0.name, dataType($0)) })))
        }
        if !scenario.services.isEmpty { sections.append(("services", .block(services))) }
        let workload = workload
        if !isConcise || !workload.isEmpty { sections.append(("workload", .block(workload))) }
        let expected = scenario.expectations.map(expectation)
        let lists = [
            ("faults", scenario.faults.map(fault)), ("actions", scenario.actions.map(action)),
            ("expect", isConcise ? expected.map(\.unbraced) : expected),
        ]
        for (key, lines) in lists where !isConcise || !lines.isEmpty {
            sections.append((key, .lines(lines)))
        }
        if let liveness = scenario.liveness {
            sections.append(("liveness", self.liveness(liveness)))
        }
        if !scenario.sweep.isEmpty {
            let sweeps = scenario.sweep.map { sweep in
                (sweep.path.joined(separator: "."), YAMLOutput.list(sweep.values.map { .text($0) }))
            }
            sections.append(("matrix", .block(sweeps)))
        }
        return sections
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
