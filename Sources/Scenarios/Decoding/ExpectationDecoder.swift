import Determinism
import Geography
import Replication

/// Reads the entries of `expect:`.
struct ExpectationDecoder {
    let names: Names

    private static let measures = [
        "converged", "availability", "latency", "failover", "lost_updates", "stale_reads",
        "staleness", "visibility",
    ]
    private static let choices =
        ConsistencyModel.allCases.map(\.rawValue) + ConsistencyBound.names + ["invariants"]
        + measures + SessionExpectation.names + ["not"]

    func decode(_ reader: Reader) -> Expectation? {
        guard let text = reader.text else {
            return reader.mapping(expected: "an expectation such as linearizable") { map in
                guard let key = map.exactlyOne(of: Self.choices, what: "expectation"),
                    case .key(let name) = key.path.steps.last
                else { return nil }
                return decode(name, key)
            }
        }
        if let model = ConsistencyModel(rawValue: text) { return .consistency(model, group: nil) }
        if text == "invariants" { return .invariants }
        if Self.choices.contains(text) {
            reader.fail(
                "'\(text)' without a value", expected: "one such as '\(Self.example(text))'")
        } else {
            reader.fail(
                "unknown expectation \(quoted(text))", expected: "one of \(listed(Self.choices))",
                suggestions: closestMatches(to: text, in: Self.choices))
        }
        return nil
    }

    private static func example(_ name: String) -> String {
        switch name {
        case "converged": "converged: {within: 10s}"
        case "availability": "availability: {at_least: 99.9%}"
        case "latency": "latency: {percentile: 99, at_most: 120ms}"
        case "failover": "failover: {within: 30s}"
        case "lost_updates": "lost_updates: 0"
        case "stale_reads": "stale_reads: {at_most: 1%}"
        case "staleness": "staleness: {percentile: 99, at_most: 500ms}"
        case "visibility": "visibility: {after: 500ms, at_least: 99%}"
        case "bounded-staleness": "bounded-staleness: {at_most: 500ms, versions: 2}"
        case "delta-atomicity": "delta-atomicity: {at_most: 500ms}"
        case "stable-latency": "stable-latency: {percentile: 99, at_most: 2s}"
        case _ where SessionExpectation.names.contains(name): sessionExample(name)
        case _: "not: linearizable"
        }
    }

    private func decode(_ name: String, _ reader: Reader) -> Expectation? {
        if let model = ConsistencyModel(rawValue: name) { return decodeConsistency(model, reader) }
        if SessionExpectation.names.contains(name) { return decodeSessions(name, reader) }
        switch name {
        case "invariants":
            reader.fail("a value", expected: "'invariants' alone")
            return nil
        case "not":
            guard let inner = decode(reader) else { return nil }
            if case .not = inner {
                reader.fail("'not' within 'not'", expected: "an expectation")
                return nil
            }
            return .not(inner)
        case "lost_updates":
            if reader.isMapping {
                return reader.mapping(expected: "a mapping") { decodeLoss($0) }
            }
            return reader.value(.integer(0...Int.max)).map { .lostUpdates(atMost: $0) }
        case "stale_reads":
            if reader.isMapping {
                return reader.mapping(expected: "a mapping") { map in
                    required(map, "at_most", .share).map { .staleReads(atMost: $0) }
                }
            }
            if reader.text == "0" { return .staleReads(atMost: 0) }
            return reader.value(.share).map { .staleReads(atMost: $0) }
        case _:
            return reader.mapping(expected: "a mapping, as in '\(Self.example(name))'") {
                decodeMeasure(name, $0)
            }
        }
    }

    private func decodeConsistency(_ model: ConsistencyModel, _ reader: Reader) -> Expectation? {
        reader.mapping(expected: "a mapping such as {data_type: balance}") { map in
            .consistency(model, group: map["data_type"].flatMap { names.group($0) })
        }
    }

    private func decodeMeasure(_ name: String, _ map: MappingReader) -> Expectation? {
        switch name {
        case "converged":
            let fault = map.value("fault", .fault)
            return required(map, "within", .positiveDuration)
                .map { .converged(within: $0, fault: fault) }
        case "availability":
            let filter = decodeFilter(map)
            return required(map, "at_least", .share).map { .availability(atLeast: $0, filter) }
        case "latency":
            let filter = decodeFilter(map)
            let percentile = required(map, "percentile", .percentile)
            let bound = required(map, "at_most", .positiveDuration)
            guard let percentile, let bound else { return nil }
            return .latency(percentile: percentile, atMost: bound, filter)
        case "failover":
            return required(map, "within", .positiveDuration).map { .failover(within: $0) }
        case "bounded-staleness", "delta-atomicity", "stable-latency":
            let group = map["data_type"].flatMap { names.group($0) }
            return decodeBound(name, map).map { .bounded($0, group: group) }
        case "visibility":
            let region = map["region"].flatMap { names.region($0) }
            let after = required(map, "after", .duration)
            let share = required(map, "at_least", .share)
            guard let after, let share else { return nil }
            return .visibility(after: after, atLeast: share, region: region)
        case _:
            let percentile = required(map, "percentile", .percentile)
            let bound = required(map, "at_most", .duration)
            guard let percentile, let bound else { return nil }
            return .staleness(percentile: percentile, atMost: bound)
        }
    }

    private func decodeLoss(_ map: MappingReader) -> Expectation? {
        let bound = LossBound(
            count: map.value("at_most", .integer(0...Int.max)),
            window: map.value("within", .duration),
            group: map["data_type"].flatMap { names.group($0) })
        if map["at_most"] == nil, map["within"] == nil {
            map.reader.fail("no bound", expected: "'at_most', 'within' or both")
        }
        if bound.count == nil, bound.window == nil { return nil }
        return .lostUpdates(bound)
    }

    private func decodeBound(_ name: String, _ map: MappingReader) -> ConsistencyBound? {
        switch name {
        case "bounded-staleness":
            let age = map.value("at_most", .duration)
            let versions = map.value("versions", .integer(0...Int.max))
            if age == nil, versions == nil {
                map.reader.fail("no bound", expected: "'at_most', 'versions' or both")
                return nil
            }
            return .staleness(age: age, versions: versions)
        case "delta-atomicity":
            return required(map, "at_most", .duration).map { .delta(atMost: $0) }
        case _:
            let percentile = required(map, "percentile", .percentile)
            let span = required(map, "at_most", .duration)
            guard let percentile, let span else { return nil }
            return .stableLatency(percentile: percentile, atMost: span)
        }
    }

    private func decodeFilter(_ map: MappingReader) -> OperationFilter {
        OperationFilter(
            region: map["region"].flatMap { names.region($0) },
            operation: map.value("operation", .word), phase: map.value("phase", .word),
            fault: map.value("fault", .fault), group: map["data_type"].flatMap { names.group($0) })
    }

    private func required<Value>(
        _ map: MappingReader, _ key: String, _ notation: Notation<Value>
    ) -> Value? {
        map.required(key, expected: notation.expected)?.value(notation)
    }
}

extension Notation where Value == FaultReference {
    /// `f1`.
    static var fault: Notation {
        Notation(
            expected: "a fault by its number in the file, such as f1",
            parse: { text in
                guard text.hasPrefix("f"),
                    let number = Notation<Int>.integer(1...100_000).parse(
                        String(text.dropFirst()))
                else { return nil }
                return FaultReference(number: number)
            },
            format: { $0.id })
    }
}
