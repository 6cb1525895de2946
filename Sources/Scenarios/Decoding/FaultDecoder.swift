import Determinism
import Geography
import Replication

/// Reads the entries of `faults:`.
struct FaultDecoder {
    let names: Names

    private static let kinds = [
        "partition", "isolate", "cut", "degrade", "reset", "refuse", "kill", "pause", "clock",
        "disk", "slow", "surge", "random",
    ]
    private static let attributes = ["at", "every", "until", "for", "clients", "must_bite"]
    private static let changes = ["one_way", "jitter", "loss", "bandwidth"]

    func decode(_ reader: Reader) -> FaultSpec? {
        reader.mapping(expected: "a mapping such as {at: 10s, isolate: us-east-1, for: 10s}") {
            map in
            // `disk` beside `kill` says what is left of the disk, and is no fault of its own.
            let kinds = map.has("kill") ? Self.kinds.filter { $0 != "disk" } : Self.kinds
            let beside = Self.attributes + Self.changes + ["disk", "layer"]
            let timing = decodeTiming(map)
            let duration = map.value("for", .positiveDuration)
            let clients = map.value("clients", .toggle, default: false)
            guard let key = map.exactlyOne(of: kinds, beside: beside, what: "fault"),
                case .key(let name) = key.path.steps.last
            else { return nil }
            let mustBite = map.value("must_bite", .toggle, default: name != "random")
            guard let kind = decodeKind(name, key, map) else { return nil }
            if let reader = map["clients"], clients, !Self.canCutClients(kind) {
                reader.fail("'clients' for \(name)", expected: "it only with isolate or partition")
            }
            return FaultSpec(
                at: timing, kind, for: duration, cutsClients: clients, mustBite: mustBite)
        }
    }

    private static func canCutClients(_ kind: FaultKind) -> Bool {
        switch kind {
        case .partition, .isolate: true
        case .cut, .degrade, .reset, .refuse, .kill, .pause, .clock, .disk, .slow, .surge, .random:
            false
        }
    }

    private func decodeTiming(_ map: MappingReader) -> FaultTiming {
        let at = map["at"]
        let moment = at?.value(.duration)
        guard let every = map["every"] else {
            map["until"]?.fail("'until' without 'every'", expected: "both")
            if at == nil { map.reader.fail("'at' is missing", expected: "when the fault strikes") }
            return .once(moment ?? .zero)
        }
        let period = every.value(.positiveDuration)
        let until = map.required("until", expected: "when the repeating ends")
        guard let period, let end = until?.value(.duration) else { return .once(moment ?? .zero) }
        let from = moment ?? period
        if from >= end {
            until?.fail("an end at \(end)", expected: "one after the first strike at \(from)")
        }
        let strikes = (end.nanoseconds - from.nanoseconds) / period.nanoseconds
        if strikes > 10_000 {
            every.fail("about \(strikes) strikes", expected: "at most 10000")
            return .once(from)
        }
        return .repeated(every: period, from: from, until: end)
    }

    private func decodeKind(
        _ name: String, _ reader: Reader, _ map: MappingReader
    ) -> FaultKind? {
        switch name {
        case "partition": return decodePartition(reader)
        case "isolate": return selector(reader).map { .isolate($0) }
        case "refuse": return selector(reader).map { .refuse($0) }
        case "pause": return selector(reader).map { .pause($0) }
        case "kill":
            let disk = map.value("disk", .word, default: DiskAfterKill.kept)
            return selector(reader).map { .kill($0, disk: disk) }
        case "cut": return decodeCut(reader, map)
        case "degrade": return decodeDegrade(reader, map)
        case "reset":
            return reader.mapping(expected: "a mapping such as {between: [a, b]}") {
                ScopeDecoder.decode($0, names).map { .reset($0) }
            }
        case "clock": return decodeClock(reader)
        case "disk": return decodeDisk(reader)
        case "slow":
            return decodeFactor(reader, "cpu").map { .slow($0.selector, factor: $0.factor) }
        case "surge":
            return decodeFactor(reader, "rate").map { .surge($0.selector, factor: $0.factor) }
        case _: return decodeRandom(reader)
        }
    }

    private func selector(_ reader: Reader) -> NodeSelector? {
        ScopeDecoder.decodeSelector(reader, names)
    }

    private func decodePartition(_ reader: Reader) -> FaultKind? {
        let expected = "groups such as [[us-east-1, us-west-2], [eu-west-1]]"
        guard let elements = reader.elements(expected: expected) else { return nil }
        if elements.count < 2 {
            reader.fail("\(elements.count) groups", expected: "at least two")
            return nil
        }
        let groups = elements.compactMap { selector($0) }
        return groups.count == elements.count ? .partition(groups) : nil
    }

    private func decodeCut(_ reader: Reader, _ outer: MappingReader) -> FaultKind? {
        reader.mapping(expected: "a mapping such as {between: [a, b]} or {from: a, to: b}") { map in
            guard let scope = ScopeDecoder.decode(map, names, beside: ["layer"]) else { return nil }
            let layer = map["layer"] ?? outer["layer"]
            return .cut(scope, layer: layer?.value(.word) ?? .packet)
        }
    }

    private func decodeDegrade(_ reader: Reader, _ outer: MappingReader) -> FaultKind? {
        reader.mapping(expected: "a mapping such as {between: [a, b], loss: 5%}") { map in
            guard let scope = ScopeDecoder.decode(map, names, beside: Self.changes) else {
                return nil
            }
            func value(_ key: String) -> Reader? {
                let inner = map[key]
                return inner ?? outer[key]
            }
            var change = Degradation()
            let readers = Self.changes.map(value)
            if readers.allSatisfy({ $0 == nil }) {
                reader.fail("no change", expected: "one of \(listed(Self.changes))")
            }
            change.delay = readers[0]?.value(.delayChange)
            change.jitter = readers[1].flatMap { DistributionDecoder.decodeJitter($0) }
            change.loss = readers[2]?.value(.share)
            change.bandwidth = readers[3]?.value(.bandwidth)
            return .degrade(scope, change)
        }
    }

    private func region(_ map: MappingReader) -> NodeSelector? {
        map.required("region", expected: "a region").flatMap { selector($0) }
    }

    private func decodeClock(_ reader: Reader) -> FaultKind? {
        reader.mapping(expected: "a mapping such as {region: a, offset: +5s}") { map in
            let error = ClockError(
                offset: map.value("offset", .difference),
                driftPartsPerMillion: map.value("drift", .partsPerMillion))
            if !map.has("offset") && !map.has("drift") {
                reader.fail("no change", expected: "offset or drift")
            }
            return region(map).map { .clock($0, error) }
        }
    }

    private func decodeDisk(_ reader: Reader) -> FaultKind? {
        reader.mapping(expected: "a mapping such as {region: a, fsync: +50ms}") { map in
            var trouble = DiskTrouble()
            if let sync = map["fsync"] {
                trouble.extraSync = sync.value(.difference)
                if let extra = trouble.extraSync, extra < .zero {
                    sync.fail("a faster disk", expected: "a difference such as +50ms")
                }
            }
            trouble.isFull = map.value("full", .toggle, default: false)
            trouble.fails = map.value("fail", .toggle, default: false)
            trouble.losesUnsynced = map.value("lose_unsynced", .toggle, default: false)
            trouble.corrupts = map.value("corrupt", .toggle, default: false)
            if trouble == DiskTrouble(), !map.has("fsync") {
                reader.fail(
                    "no trouble", expected: "one of fsync, full, fail, lose_unsynced or corrupt")
            }
            return region(map).map { .disk($0, trouble) }
        }
    }

    private func decodeFactor(
        _ reader: Reader, _ key: String
    ) -> (selector: NodeSelector, factor: Double)? {
        reader.mapping(expected: "a mapping such as {region: a, \(key): x10}") { map in
            let factor = map.required(key, expected: "a factor such as x10")?.value(.factor)
            guard let selector = region(map), let factor else { return nil }
            return (selector, factor)
        }
    }

    private func decodeRandom(_ reader: Reader) -> FaultKind? {
        reader.mapping(expected: "a mapping such as {faults: [kill], every: 5s, for: 2s..6s}") {
            map in
            let list = map.required("faults", expected: "a list such as [partition, kill]")
            let kinds = list?.elements(expected: "a list such as [partition, kill]")?
                .compactMap { $0.value(Notation<RandomFaultKind>.word) }
            if let list, kinds?.isEmpty == true, list.node.content == .sequence([]) {
                list.fail("an empty list", expected: "at least one fault")
            }
            let every = map.required("every", expected: "a duration such as 5s")?
                .value(.positiveDuration)
            let duration = map.required("for", expected: "a range such as 2s..6s")
                .flatMap { decodeRange($0) }
            let budget = map.value("budget", .word, default: FaultBudget.minority)
            guard let kinds, let every, let duration else { return nil }
            return .random(
                RandomFaults(kinds: kinds, every: every, duration: duration, budget: budget))
        }
    }

    private func decodeRange(_ reader: Reader) -> ClosedRange<TimeSpan>? {
        if let text = reader.text, let single = Notation<TimeSpan>.positiveDuration.parse(text) {
            return single...single
        }
        return reader.value(.durationRange)
    }
}
