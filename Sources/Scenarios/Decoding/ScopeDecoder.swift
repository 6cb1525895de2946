import Geography
import Replication

/// Reads selectors, and which links something is about.
struct ScopeDecoder {
    /// The keys of which a scope has one (`from` goes with `to`).
    static let keys = ["between", "from", "region", "all"]

    /// The scope that the keys of `map` tell; `others` are keys that may stand beside them.
    static func decode(
        _ map: MappingReader, _ names: Names, beside others: [String] = []
    ) -> LinkScope? {
        let to = map["to"]
        guard let key = map.exactlyOne(of: keys, beside: others, what: "link") else { return nil }
        if !map.has("from") {
            to?.fail("'to' without 'from'", expected: "both")
        }
        guard case .key(let name) = key.path.steps.last else { return nil }
        switch name {
        case "between":
            let expected = "two regions, such as [us-east-1, eu-west-1]"
            guard let ends = key.elements(expected: expected) else { return nil }
            guard ends.count == 2 else {
                key.fail("\(ends.count) places", expected: expected)
                return nil
            }
            let places = ends.compactMap { names.place($0) }
            return places.count == 2 ? .between(places[0], places[1]) : nil
        case "from":
            guard let to else {
                key.fail("'from' without 'to'", expected: "both")
                return nil
            }
            guard let source = names.place(key), let destination = names.place(to) else {
                return nil
            }
            return .directed(from: source, to: destination)
        case "region":
            return decodeSelector(key, names).map { .around($0) }
        case _:
            if key.value(.toggle) == false { key.fail("'all' is off", expected: "on") }
            return .all
        }
    }

    private static let words = ["leader", "primary", "random", "minority", "majority", "all"]

    /// The selector that `reader` is.
    static func decodeSelector(_ reader: Reader, _ names: Names) -> NodeSelector? {
        switch reader.node.content {
        case .scalar(let text):
            switch text {
            case "leader": return .leader(nil)
            case "primary": return .primary(nil)
            case "random": return .random
            case "minority": return .minority
            case "majority": return .majority
            case "all": return .all
            case _: return names.place(reader, alternatives: words).map { .place($0) }
            }
        case .sequence:
            let elements = reader.elements(expected: "a list") ?? []
            if elements.isEmpty {
                reader.fail("an empty list", expected: "at least one region, zone or node")
                return nil
            }
            return .list(elements.compactMap { decodeSelector($0, names) })
        case .mapping:
            return reader.mapping(expected: "a selector") { decodeSelector($0, names) }
        }
    }

    private static func decodeSelector(_ map: MappingReader, _ names: Names) -> NodeSelector? {
        let keys = ["leader", "primary", "continent", "provider"]
        guard let reader = map.exactlyOne(of: keys, what: "selector"),
            case .key(let name) = reader.path.steps.last
        else { return nil }
        switch name {
        case "leader": return names.group(reader).map { .leader($0) }
        case "primary": return names.group(reader).map { .primary($0) }
        case "continent":
            guard let continent = reader.value(Notation<Continent>.word) else { return nil }
            let present = names.regions.compactMap(\.region.continent)
            if !present.contains(continent) {
                reader.fail("no region of the scenario is in \(continent.rawValue)")
            }
            return .continent(continent)
        case _:
            guard let provider = reader.value(.text) else { return nil }
            var present: [String] = []
            for name in names.regions.compactMap(\.region.provider) where !present.contains(name) {
                present.append(name)
            }
            if !present.contains(provider) {
                reader.fail(
                    "no region of the scenario is run by \(quoted(provider))",
                    expected: present.isEmpty ? nil : listed(present),
                    suggestions: closestMatches(to: provider, in: present))
            }
            return .provider(provider)
        }
    }
}
