import Determinism
import Geography
import Replication

/// Reads a whole scenario, section by section, in the order in which they need each other: names
/// of regions first, then data types, then what speaks of them.
struct ScenarioDecoder {
    let strategies: [StrategyDescription]

    /// The scenario, or `nil` after everything wrong was reported to the log of `reader`.
    func decode(_ reader: Reader) -> Scenario? {
        reader.mapping(expected: "a mapping with at least 'name' and 'topology'") { map in
            _ = map.value("meridian", version)
            let name = map.required("name", expected: "a name")?.value(Notation<String>.name)
            let title = map["title"]?.value(Notation<String>.text)
            let topologyReader = map.required("topology", expected: "a mapping with 'regions'")
            let topology = topologyReader.flatMap { TopologyDecoder.decode($0) }
            var scenario = Scenario(
                name: name ?? "", title: title, topology: topology ?? TopologySpec(regions: []))
            scenario.seed = map.value("seed", .seed, default: scenario.seed)
            scenario.start = map.value("start", .time, default: scenario.start)
            scenario.duration = map.value(
                "duration", Notation<TimeSpan>.positiveDuration, default: scenario.duration)
            scenario.logsReplication = map.value(
                "replication_log", .toggle, default: scenario.logsReplication)
            guard !scenario.topology.regions.isEmpty else {
                // Without regions nothing else can be understood, but a mistyped key can be named.
                for key in Self.otherSections { _ = map[key] }
                map.reportUnknownKeys()
                return nil
            }
            var names = Names(regions: scenario.topology.regions)
            decodeReplication(map, names, into: &scenario)
            names.dataTypes = dataTypeNames(scenario, map)
            if let reader = map["services"] {
                scenario.services =
                    ServicesDecoder(names: names).decode(reader) ?? scenario.services
            }
            decodeWorkload(map, names, into: &scenario)
            let faults = FaultDecoder(names: names)
            scenario.faults = list(map["faults"], "a list of faults") { faults.decode($0) }
            nameLedGroups(in: &scenario)
            let actions = ActionDecoder(names: names)
            scenario.actions = list(map["actions"], "a list of actions") { actions.decode($0) }
            let expectations = ExpectationDecoder(names: names)
            scenario.expectations = list(map["expect"], "a list of expectations") {
                expectations.decode($0)
            }
            if let liveness = map["liveness"] {
                scenario.liveness = decodeLiveness(liveness, names)
            }
            if let sweep = map["matrix"] { scenario.sweep = decodeSweep(sweep) }
            return scenario
        }
    }

    /// The keys of the sections that speak of regions.
    private static let otherSections = [
        "replication", "data_types", "services", "workload", "faults", "actions", "expect",
        "liveness",
        "matrix",
    ]

    private var version: Notation<Int> {
        Notation<Int>.integer(1...1).limited(to: "1, the version of this format") { _ in true }
    }

    private func decodeReplication(
        _ map: MappingReader, _ names: Names, into scenario: inout Scenario
    ) {
        let decoder = ReplicationDecoder(strategies: strategies, names: names)
        if let reader = map["replication"], let spec = decoder.decodeDefault(reader) {
            scenario.replication = spec
        }
        if let reader = map["data_types"] {
            scenario.dataTypes = decoder.decodeDataTypes(reader, base: scenario.replication)
        }
    }

    /// The names of the data types, `default` at the end where it may be used without being
    /// listed.
    private func dataTypeNames(_ scenario: Scenario, _ map: MappingReader) -> [String] {
        let listed = scenario.dataTypes.map(\.name)
        return listed.contains(Scenario.defaultDataType)
            ? listed : listed + [Scenario.defaultDataType]
    }

    private func decodeWorkload(
        _ map: MappingReader, _ names: Names, into scenario: inout Scenario
    ) {
        if let reader = map["workload"],
            let workload = WorkloadDecoder(names: names).decode(reader)
        {
            scenario.workload = workload
        }
        let saysDataType = map["workload"]?.has("data_type") ?? false
        if !saysDataType, let group = WorkloadDecoder.defaultGroup(names) {
            scenario.workload.dataTypes = [Share(group, 1)]
        }
    }

    /// Tells random faults which groups have a leader that they may mean.
    private func nameLedGroups(in scenario: inout Scenario) {
        let led = scenario.groups.indices.filter { index in
            let name = scenario.groups[index].replication.strategy
            return strategies.first { $0.name == name }?.hasLeader ?? false
        }.map { GroupID(index: UInt16(truncatingIfNeeded: $0)) }
        for index in scenario.faults.indices {
            guard case .random(var faults) = scenario.faults[index].kind else { continue }
            faults.led = led
            scenario.faults[index].kind = .random(faults)
        }
    }

    private func decodeLiveness(_ reader: Reader, _ names: Names) -> LivenessSpec? {
        reader.mapping(expected: "a mapping such as {core: [a, b], from: 35s, within: 30s}") {
            map in
            let core = map.required("core", expected: "a list of places")
            let from = map.required("from", expected: "when")?.value(.duration)
            let within = map.value(
                "within", .positiveDuration, default: LivenessSpec.defaultWithin)
            guard let from, let places = core?.elements(expected: "a list of places") else {
                return nil
            }
            return LivenessSpec(
                core: places.compactMap { names.place($0) }, from: from, within: within)
        }
    }

    private func list<Element>(
        _ reader: Reader?, _ expected: String, _ element: (Reader) -> Element?
    ) -> [Element] {
        guard let readers = reader?.elements(expected: expected) else { return [] }
        return readers.compactMap(element)
    }

    private func decodeSweep(_ reader: Reader) -> [SweepSpec] {
        let expected = "a mapping such as {replication.strategy: [raft, eventual], seed: 1..20}"
        guard let entries = reader.entries(expected: expected) else { return [] }
        if entries.isEmpty { reader.fail("an empty matrix", expected: expected) }
        let sweep = entries.compactMap { entry -> SweepSpec? in
            guard let key = entry.key.text else { return nil }
            let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if path.contains("") { entry.key.fail("the key \(quoted(key))", expected: "a.b.c") }
            if let text = entry.value.text,
                let range = Notation<ClosedRange<Int>>.integerRange.parse(text)
            {
                if range.upperBound.subtractingReportingOverflow(range.lowerBound).overflow
                    || range.upperBound - range.lowerBound >= 10_000
                {
                    entry.value.fail("more than 10000 values", expected: "fewer")
                    return nil
                }
                return SweepSpec(path: path, values: range.map { String($0) })
            }
            let what = "a list of values, or a range such as 1..20"
            guard let values = entry.value.elements(expected: what) else { return nil }
            if values.isEmpty { entry.value.fail("an empty list", expected: "at least one value") }
            var texts: [String] = []
            for value in values {
                guard let text = value.value(Notation<String>.text) else { continue }
                if texts.contains(text) { value.fail("\(quoted(text)) stands here twice") }
                if text.contains(where: \.isNewline) {
                    value.fail("a value of several lines", expected: "one line")
                }
                texts.append(text)
            }
            return SweepSpec(path: path, values: texts)
        }
        var count = 1
        for key in sweep {
            let (product, isMore) = count.multipliedReportingOverflow(by: max(1, key.values.count))
            guard !isMore, product <= Self.combinationsMax else {
                reader.fail(
                    "more than \(Self.combinationsMax) combinations",
                    expected: "fewer values, or several sweeps")
                return []
            }
            count = product
        }
        return sweep
    }

    /// How many runs a matrix may be of.
    private static let combinationsMax = 100_000
}

extension Reader {
    /// Whether this is a mapping with `key`.
    func has(_ key: String) -> Bool {
        guard case .mapping(let entries) = node.content else { return false }
        return entries.contains { $0.key == key }
    }
}
