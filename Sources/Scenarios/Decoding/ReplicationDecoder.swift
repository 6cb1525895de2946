import Determinism
import Replication

/// Reads the `replication:` section and `data_types:`, with the options that the strategies
/// publish.
struct ReplicationDecoder {
    let strategies: [StrategyDescription]
    let names: Names

    /// The default of all data types.
    func decodeDefault(_ reader: Reader) -> ReplicationSpec? {
        reader.mapping(expected: "a mapping such as {strategy: raft}") { map in
            decodeReplication(map, base: nil)
        }
    }

    /// The data types, in order.
    func decodeDataTypes(_ reader: Reader, base: ReplicationSpec) -> [DataTypeSpec] {
        let expected = "a mapping of names to data types"
        guard let entries = reader.entries(expected: expected) else { return [] }
        if entries.count >= Limits.groupsMax {
            reader.fail("\(entries.count) data types", expected: "at most \(Limits.groupsMax - 1)")
            return []
        }
        return entries.map { entry in
            let name = entry.key.value(.name) ?? entry.key.text ?? ""
            let spec = decodeDataType(name, entry.value, base)
            // A placeholder keeps later mentions of the name from being reported again.
            return spec ?? DataTypeSpec(name: name, replication: base)
        }
    }

    private func decodeDataType(
        _ name: String, _ reader: Reader, _ base: ReplicationSpec
    ) -> DataTypeSpec? {
        reader.mapping(expected: "a mapping such as {strategy: eventual}") { map in
            var spec = DataTypeSpec(name: name)
            spec.value = map.value("value", .word, default: spec.value)
            spec.priority = map.value("priority", .word, default: spec.priority)
            if let operations = map["operations"] {
                spec.operations = WorkloadDecoder(names: names)
                    .decodeShares(operations, what: "an operation") { share in
                        let kind: OperationKind? = share.value(.word)
                        if let kind, kind.service != nil {
                            share.fail(
                                "\(kind.rawValue) is asked of a service, not of a data type",
                                expected: "it in the workload's 'operations'")
                        }
                        return kind
                    }
            }
            spec.replication = decodeReplication(map, base: base)
            return spec
        }
    }

    private func decodeReplication(_ map: MappingReader, base: ReplicationSpec?) -> ReplicationSpec
    {
        let standard = base?.strategy ?? ReplicationSpec().strategy
        let word = Notation<String>.choice(strategies.map(\.name))
        let given = map["strategy"]
        let strategy = given.map { $0.value(word) } ?? standard
        var spec = ReplicationSpec(strategy: strategy ?? standard)
        if let base, base.strategy == spec.strategy { spec = base }
        if let regions = map["regions"] { spec.regions = names.regions(regions) }
        guard strategy != nil,
            let description = strategies.first(where: { $0.name == spec.strategy })
        else {
            // Without a strategy nobody knows what options there are.
            for option in strategies.flatMap(\.options) { _ = map[option.name] }
            return spec
        }
        // Who only listens is a member too, of strategies that know such members.
        if description.options.contains(where: { $0.name == "learners" }),
            let learners = map["learners"]
        {
            spec.learners = names.regions(learners) ?? []
        }
        for option in description.options {
            guard let reader = map[option.name], let value = decode(reader, option.type) else {
                continue
            }
            spec.options[option.name] = value
        }
        return spec
    }

    private func decode(_ reader: Reader, _ type: OptionType) -> OptionValue? {
        switch type {
        case .toggle:
            return reader.value(.toggle).map { .toggle($0) }
        case .choice(let words):
            return reader.value(.choice(words)).map { .choice($0) }
        case .duration:
            return reader.value(.duration).map { .duration($0) }
        case .automaticDuration:
            if reader.text == "auto" { return .automatic }
            return reader.value(durationOr("auto")).map { .duration($0) }
        case .automaticDurationRange:
            if reader.text == "auto" { return .automatic }
            if let text = reader.text,
                let range = Notation<ClosedRange<TimeSpan>>.durationRange.parse(text)
            {
                return .durationRange(range)
            }
            let expected = "'auto', a duration such as 300ms, or a range such as 300ms..600ms"
            return reader.value(Notation<TimeSpan>.duration.limited(to: expected) { _ in true })
                .map { .duration($0) }
        case .unlimitedDuration:
            if reader.text == "unlimited" { return .unlimited }
            return reader.value(durationOr("unlimited")).map { .duration($0) }
        case .integer(let range):
            return reader.value(.integer(range)).map { .integer($0) }
        case .automaticInteger(let range):
            if reader.text == "auto" { return .automatic }
            return reader.value(.integer(range)).map { .integer($0) }
        case .size:
            return reader.value(.size).map { .size($0) }
        case .region:
            return names.region(reader).map { .region($0) }
        case .regions:
            return names.regions(reader).map { .regions($0) }
        }
    }

    private func durationOr(_ word: String) -> Notation<TimeSpan> {
        let duration = Notation<TimeSpan>.duration
        return Notation(
            expected: "'\(word)' or \(duration.expected)", parse: duration.parse,
            format: duration.format, words: [word])
    }
}
