import Geography
import Replication

/// The names that a scenario gives to regions, zones, nodes and data types, for resolving what
/// later sections say.
struct Names {
    /// The regions, in order.
    let regions: [RegionSpec]
    /// The data types, in order of their ``GroupID``.
    var dataTypes: [String] = []
    private let catalogue: RegionCatalogue
    private let ids: [String: RegionID]

    init(regions: [RegionSpec]) {
        self.regions = regions
        catalogue = RegionCatalogue(regions.map(\.region))
        var ids: [String: RegionID] = [:]
        for (index, region) in regions.enumerated() where ids[region.name] == nil {
            ids[region.name] = RegionID(index: UInt16(truncatingIfNeeded: index))
        }
        self.ids = ids
    }

    /// The region that `text` names.
    func region(_ text: String) -> RegionID? {
        catalogue.region(named: text).flatMap { ids[$0.name] }
    }

    /// The region that `reader` names.
    func region(_ reader: Reader) -> RegionID? {
        guard let text = reader.text else {
            reader.mismatch(expected: "a region of the scenario")
            return nil
        }
        guard let region = region(text) else {
            reader.fail(
                "unknown region \(quoted(text))", expected: expectedRegions,
                suggestions: catalogue.suggestions(for: text))
            return nil
        }
        return region
    }

    /// The regions that a list names; a region alone is a list of one.
    func regions(_ reader: Reader) -> [RegionID]? {
        var result: [RegionID] = []
        for element in reader.elementsOrSelf() {
            guard let region = region(element) else { continue }
            if result.contains(region) {
                element.fail("the region \(quoted(element.text ?? "")) stands here twice")
            } else {
                result.append(region)
            }
        }
        if reader.isSequence, result.isEmpty, reader.node.content == .sequence([]) {
            reader.fail("an empty list", expected: "at least one region")
            return nil
        }
        return result
    }

    /// The region, zone or node that `reader` names.
    func place(_ reader: Reader, alternatives: [String] = []) -> Place? {
        guard let text = reader.text else {
            reader.mismatch(expected: "a region, zone or node of the scenario")
            return nil
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, let id = region(parts[0]) else {
            let suggestions =
                closestMatches(to: text, in: alternatives)
                + catalogue.suggestions(for: parts[0]).map { name in
                    ([name] + parts.dropFirst()).joined(separator: "/")
                }
            reader.fail(
                "unknown region \(quoted(parts[0]))",
                expected: alternatives.isEmpty
                    ? expectedRegions : "\(expectedRegions), or \(listed(alternatives))",
                suggestions: Array(suggestions.prefix(3)))
            return nil
        }
        if parts.count == 1 { return .region(id) }
        let spec = regions[Int(id.index)]
        guard let zone = spec.zones.firstIndex(of: parts[1]) else {
            reader.fail(
                "\(spec.name) has no zone \(quoted(parts[1]))", expected: listed(spec.zones),
                suggestions: closestMatches(to: parts[1], in: spec.zones).map {
                    ([spec.name, $0] + parts.dropFirst(2)).joined(separator: "/")
                })
            return nil
        }
        let zoneIndex = UInt8(truncatingIfNeeded: zone)
        if parts.count == 2 { return .zone(id, zone: zoneIndex) }
        let inZone = spec.nodes(at: id).filter { $0.zone == zoneIndex }
        guard let node = inZone.first(where: { String($0.ordinal) == parts[2] }) else {
            reader.fail(
                "\(spec.name)/\(parts[1]) has no node \(quoted(parts[2]))",
                expected: inZone.count == 1 ? "1" : "a number from 1 to \(inZone.count)")
            return nil
        }
        return .node(node)
    }

    /// The data type that `reader` names.
    func group(_ reader: Reader) -> GroupID? {
        guard let text = reader.text else {
            reader.mismatch(expected: "a data type of the scenario")
            return nil
        }
        guard let index = dataTypes.firstIndex(of: text) else {
            reader.fail(
                "unknown data type \(quoted(text))", expected: listed(dataTypes),
                suggestions: closestMatches(to: text, in: dataTypes))
            return nil
        }
        return GroupID(index: UInt16(truncatingIfNeeded: index))
    }

    private var expectedRegions: String {
        let names = regions.map(\.name)
        return names.count > 12
            ? "one of the scenario's \(names.count) regions" : listed(names)
    }
}
