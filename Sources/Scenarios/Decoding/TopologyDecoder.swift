import Determinism
import Geography
import Replication

/// Reads the `topology:` section.
struct TopologyDecoder {
    /// The topology, with placeholders for regions that could not be understood, so that what
    /// later sections say of them is not reported again.
    static func decode(_ reader: Reader) -> TopologySpec? {
        reader.mapping(expected: "a mapping with 'regions'") { map in
            let latency = map.value("latency", .word, default: LatencyMatrix.aws)
            let regions = decodeRegions(map, latency)
            let names = Names(regions: regions)
            var topology = TopologySpec(latency: latency, regions: regions)
            topology.clientRoundTrip = map.value(
                "client_rtt", .delay, default: topology.clientRoundTrip)
            topology.ordering = map.value("ordering", .word, default: topology.ordering)
            topology.priorities = map.value(
                "priorities", .toggle, default: topology.priorities)
            topology.connectionTimeout = map.value(
                "connection_timeout", .positiveDuration, default: topology.connectionTimeout)
            if let links = map["links"]?.elements(expected: "a list of links") {
                topology.links = links.compactMap { decodeLink($0, names) }
            }
            if let node = map["node"] { topology.node = decodeNode(node) }
            return topology
        }
    }

    private static func decodeRegions(
        _ map: MappingReader, _ latency: LatencyMatrix
    ) -> [RegionSpec] {
        guard let list = map.required("regions", expected: "a list of regions") else { return [] }
        guard let elements = list.elements(expected: "a list of regions") else { return [] }
        if elements.isEmpty { list.fail("an empty list", expected: "at least one region") }
        if elements.count > Limits.regionsMax {
            list.fail(
                "\(elements.count) regions", expected: "at most \(Limits.regionsMax)")
            return []
        }
        var result: [RegionSpec] = []
        for element in elements {
            let spec = decodeRegion(element, latency)
            if result.contains(where: { $0.name == spec.name }) {
                element.fail("a second region named \(quoted(spec.name))")
            }
            result.append(spec)
        }
        let count = result.reduce(0) { $0 + $1.nodeCount }
        if count > Limits.nodesMax {
            list.fail("\(count) nodes", expected: "at most \(Limits.nodesMax)")
        }
        return result
    }

    private static func decodeRegion(_ reader: Reader, _ latency: LatencyMatrix) -> RegionSpec {
        if let name = reader.text {
            guard let known = latency.catalogue.region(named: name) else {
                reader.fail(
                    "unknown region \(quoted(name))",
                    expected: latency.measured == nil
                        ? "a region that 'meridian regions' lists, or a mapping that describes one"
                        : "a region of the matrix \(latency.rawValue), or a mapping that describes one",
                    suggestions: latency.catalogue.suggestions(for: name))
                return RegionSpec(Region(name: name))
            }
            return RegionSpec(known)
        }
        let expected = "the name of a region, or a mapping that describes one"
        let spec = reader.mapping(expected: expected) { decodeDescription($0, latency) }
        return spec ?? RegionSpec(Region(name: "?\(reader.path)"))
    }

    private static func decodeDescription(
        _ map: MappingReader, _ latency: LatencyMatrix
    ) -> RegionSpec? {
        guard let nameReader = map.required("name", expected: "the name of the region") else {
            return nil
        }
        let given = nameReader.text ?? ""
        var region = latency.catalogue.region(named: given) ?? Region(name: given)
        if region.name == given, given.isEmpty || !isPlainName(given) {
            nameReader.mismatch(expected: "a name of letters, digits, '-', '_' and '.'")
        }
        if let location = map["location"] { region.location = decodeLocation(location) }
        region.provider = map.value("provider", .text) ?? region.provider
        region.jurisdiction = map.value("jurisdiction", .text) ?? region.jurisdiction
        region.continent = map.value("continent", .word) ?? region.continent
        region.country = map.value("country", .text) ?? region.country
        region.city = map.value("city", .text) ?? region.city
        var zones = RegionSpec.defaultZones
        if let reader = map["zones"] { zones = decodeZones(reader) }
        var spec = RegionSpec(region, zones: zones)
        if let reader = map["nodes"], let count = reader.value(.integer(1...Limits.nodesMax)) {
            if count < zones.count {
                reader.fail(
                    "\(count) nodes in \(zones.count) zones", expected: "at least one for each zone"
                )
            } else if (count + zones.count - 1) / zones.count > Int(UInt8.max) {
                reader.fail(
                    "\(count) nodes in \(zones.count) zones",
                    expected: "at most \(UInt8.max) in each zone")
            } else {
                spec.nodeCount = count
            }
        }
        return spec
    }

    private static func isPlainName(_ name: String) -> Bool {
        name.utf8.count <= 100
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    private static func decodeZones(_ reader: Reader) -> [String] {
        guard let elements = reader.elements(expected: "a list of zones such as [a, b, c]") else {
            return RegionSpec.defaultZones
        }
        if elements.isEmpty || elements.count > Int(UInt8.max) {
            reader.fail("\(elements.count) zones", expected: "1 to \(UInt8.max)")
            return RegionSpec.defaultZones
        }
        var zones: [String] = []
        for element in elements {
            guard let zone = element.value(.name) else { continue }
            if zones.contains(zone) { element.fail("a second zone named \(quoted(zone))") }
            zones.append(zone)
        }
        return zones.isEmpty ? RegionSpec.defaultZones : zones
    }

    private static func decodeLocation(_ reader: Reader) -> GeographicPoint? {
        let expected = "latitude and longitude in degrees, such as [4.5, 137.4]"
        guard let elements = reader.elements(expected: expected) else { return nil }
        guard elements.count == 2 else {
            reader.fail("\(elements.count) numbers", expected: expected)
            return nil
        }
        guard let latitude = elements[0].value(.degrees(90)),
            let longitude = elements[1].value(.degrees(180))
        else { return nil }
        return GeographicPoint(latitude: latitude, longitude: longitude)
    }

    private static func decodeNode(_ reader: Reader) -> NodeCost {
        let cost: NodeCost? = reader.mapping(expected: "a mapping such as {fsync: 0.2ms}") { map in
            var cost = NodeCost()
            cost.fsync = map.value("fsync", .duration, default: cost.fsync)
            cost.perOperation = map.value("per_operation", .duration, default: cost.perOperation)
            cost.perMessage = map.value("per_message", .duration, default: cost.perMessage)
            cost.queue = map.value(
                "queue", .integer(1...Limits.requestsInFlightMax), default: cost.queue)
            return cost
        }
        return cost ?? NodeCost()
    }
}

// MARK: - Links

extension TopologyDecoder {
    private static func decodeLink(_ reader: Reader, _ names: Names) -> LinkSpec? {
        let expected = "a mapping such as {between: [a, b], rtt: 90ms}"
        return reader.mapping(expected: expected) { map in
            guard let scope = ScopeDecoder.decode(map, names, beside: ["for"] + effects) else {
                return nil
            }
            var link = LinkSpec(scope)
            if let kind = map["for"] { link.kind = decodeKind(kind) }
            let rtt = map["rtt"]
            let oneWay = map["one_way"]
            if let rtt, let span = rtt.value(.delay) {
                if case .directed = scope {
                    rtt.fail(
                        "an rtt for one direction",
                        expected: "one_way, or both directions (between)")
                }
                link.delay = .roundTrip(span)
            }
            if let oneWay {
                if rtt != nil { oneWay.fail("rtt and one_way together", expected: "one of them") }
                if oneWay.isMapping {
                    link.delay = DistributionDecoder.decode(oneWay).map { .distribution($0) }
                } else {
                    link.delay = oneWay.value(
                        Notation<TimeSpan>.delay.limited(
                            to:
                                "a duration such as 80ms, at most 1h, or a mapping with 'distribution'"
                        ) { _ in true }
                    ).map { .oneWay($0) }
                }
            }
            link.jitter = map["jitter"].flatMap { DistributionDecoder.decodeJitter($0) }
            link.loss = map.value("loss", .share)
            link.bandwidth = map.value("bandwidth", .bandwidth)
            checkEffect(link, map)
            return link
        }
    }

    private static func checkEffect(_ link: LinkSpec, _ map: MappingReader) {
        if link.kind != nil {
            for key in ["loss", "bandwidth"] {
                map[key]?.fail(
                    "\(key) for one kind of message", expected: "\(key) in a line without 'for'")
            }
        }
        if !effects.contains(where: map.has) {
            map.reader.fail("a link that changes nothing", expected: "one of \(listed(effects))")
        }
    }

    private static let effects = ["rtt", "one_way", "jitter", "loss", "bandwidth"]

    private static func decodeKind(_ reader: Reader) -> MessageKind? {
        let names = MessageKind.allCases.map(\.name)
        guard let name = reader.value(.choice(names)) else { return nil }
        return MessageKind.allCases.first { $0.name == name }
    }
}
