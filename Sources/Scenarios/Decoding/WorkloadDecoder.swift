import Determinism
import Replication

/// Reads the `workload:` section.
struct WorkloadDecoder {
    let names: Names

    func decode(_ reader: Reader) -> WorkloadSpec? {
        reader.mapping(expected: "a mapping such as {clients: 3, rate: 50/s}") { map in
            var workload = WorkloadSpec()
            if let clients = map["clients"] {
                workload.clients = perRegion(
                    clients, .integer(0...100_000), others: 0, default: workload.clients)
            }
            if let rate = map["rate"] { workload.arrivals = decodeArrivals(rate) }
            workload.mix = decodeMix(map)
            if let txn = map["txn"] {
                if workload.hasTransactions {
                    workload.transactions = decodeTransactions(txn) ?? workload.transactions
                } else {
                    txn.fail(
                        "'txn' without transactions", expected: "a share of txn in 'operations'")
                }
            }
            if let sessions = map["sessions"] {
                if workload.usesSessions {
                    workload.sessions = decodeSessions(sessions) ?? workload.sessions
                } else {
                    sessions.fail(
                        "'sessions' without requests about them",
                        expected: "a share of login, validate, refresh or logout in 'operations'")
                }
            }
            if !workload.usesKeys {
                for key in ["keys", "data_type", "probes"] {
                    map[key]?.fail(
                        "'\(key)' without operations on keys",
                        expected: "a share of an operation such as read in 'operations'")
                }
            }
            if let dataType = map["data_type"] {
                workload.dataTypes = decodeDataTypes(dataType) ?? workload.dataTypes
            }
            workload.probes = map["probes"].flatMap { decodeProbes($0) }
            if let size = map["value_size"], let bytes = size.value(.size) {
                if bytes > Limits.valueBytesMax {
                    size.fail("\(bytes) bytes", expected: "at most \(Limits.valueBytesMax)")
                } else {
                    workload.valueSize = bytes
                }
            }
            workload.timeout = map.value("timeout", .positiveDuration, default: workload.timeout)
            workload.givenAttemptTimeout = map.value("attempt_timeout", .positiveDuration)
            workload.failover = map.value("failover", .word, default: workload.failover)
            return workload
        }
    }

    /// The data type that a workload goes to which does not say: the last, where `default` stands
    /// if the scenario has it.
    static func defaultGroup(_ names: Names) -> GroupID? {
        names.dataTypes.firstIndex(of: Scenario.defaultDataType).map {
            GroupID(index: UInt16(truncatingIfNeeded: $0))
        }
    }

    private func perRegion<Value: Hashable & Sendable>(
        _ reader: Reader, _ notation: Notation<Value>, others: Value,
        default standard: PerRegion<Value>
    ) -> PerRegion<Value> {
        guard reader.isMapping else {
            return reader.value(notation).map { PerRegion($0) } ?? standard
        }
        var result = PerRegion(others)
        for entry in reader.entries(expected: "a mapping of regions") ?? [] {
            let value = entry.value.value(notation)
            if entry.key.text == "others" {
                result.others = value ?? others
            } else if let region = names.region(entry.key) {
                if result.named[region] != nil {
                    entry.key.fail("the region \(quoted(entry.key.text ?? "")) stands here twice")
                }
                result.named[region] = value ?? others
            }
        }
        return result
    }

    private func decodeArrivals(_ reader: Reader) -> WorkloadSpec.Arrivals {
        if reader.text == "closed" { return .closed }
        let rate = Notation<Double>.rate
        let notation = Notation(
            expected: "\(rate.expected), or 'closed'",
            parse: { $0 == "0/s" ? 0 : rate.parse($0) }, format: rate.format, words: ["closed"])
        return .open(perRegion(reader, notation, others: 0, default: PerRegion(50)))
    }

    private func decodeMix(_ map: MappingReader) -> WorkloadSpec.Mix {
        if let ycsb = map["ycsb"] {
            for key in ["operations", "keys"] {
                map[key]?.fail("'\(key)' beside 'ycsb'", expected: "one of them")
            }
            return decodeYCSB(ycsb)
        }
        var operations = [Share(OperationKind.read, 0.8), Share(OperationKind.write, 0.2)]
        if let reader = map["operations"] {
            operations =
                decodeShares(reader, what: "an operation") { $0.value(.word) } ?? operations
        }
        return .operations(operations, map["keys"].flatMap { decodeKeys($0) } ?? KeySpec())
    }

    private func decodeYCSB(_ reader: Reader) -> WorkloadSpec.Mix {
        let standard = 1_000
        if reader.isMapping {
            let mix: WorkloadSpec.Mix? = reader.mapping(expected: "a mapping") { map in
                let letters = listed(YCSBWorkload.allCases.map(\.rawValue))
                let workload = map.required("workload", expected: letters)?
                    .value(Notation<YCSBWorkload>.word)
                let records = map.value("records", .integer(1...1_000_000), default: standard)
                return .ycsb(workload ?? .a, records: records)
            }
            return mix ?? .ycsb(.a, records: standard)
        }
        return .ycsb(reader.value(.word) ?? .a, records: standard)
    }

    private func decodeTransactions(_ reader: Reader) -> TransactionSpec? {
        reader.mapping(expected: "a mapping such as {operations: 1..4, read: 50%}") { map in
            var spec = TransactionSpec()
            if let operations = map["operations"], let range = operations.value(.integerRange) {
                let most = Limits.transactionStepsMax
                if range.lowerBound < 1 || range.upperBound > most {
                    operations.fail(
                        "from \(range.lowerBound) to \(range.upperBound)",
                        expected: "a range within 1..\(most)")
                } else {
                    spec.operations = range
                }
            }
            spec.readShare = map.value("read", .share, default: spec.readShare)
            spec.writesPerKeyMax = map.value(
                "max_writes_per_key", .integer(1...TransactionSpec.writesPerKeyLimit),
                default: spec.writesPerKeyMax)
            return spec
        }
    }

    private func decodeProbes(_ reader: Reader) -> ProbeSpec? {
        reader.mapping(expected: "a mapping such as {rate: 5/s, after: [0ms, 100ms]}") { map in
            var spec = ProbeSpec()
            spec.rate = map.value("rate", .rate, default: spec.rate)
            if let after = map["after"] {
                spec.after = after.elementsOrSelf().compactMap { $0.value(.duration) }
                if !(1...ProbeSpec.timesMax).contains(spec.after.count) {
                    after.fail(
                        "\(spec.after.count) times", expected: "1 to \(ProbeSpec.timesMax)")
                }
            }
            spec.dataType = map["data_type"].flatMap { names.group($0) }
            return spec
        }
    }

    private func decodeKeys(_ reader: Reader) -> KeySpec? {
        reader.mapping(expected: "a mapping such as {count: 100, distribution: zipfian}") { map in
            var keys = KeySpec()
            keys.count = map.value("count", .integer(1...1_000_000), default: keys.count)
            keys.distribution = map.value("distribution", .word, default: keys.distribution)
            if let size = map["size"], let bytes = size.value(.size) {
                if bytes > Limits.keyBytesMax {
                    size.fail("\(bytes) bytes", expected: "at most \(Limits.keyBytesMax)")
                } else {
                    keys.size = bytes
                }
            }
            return keys
        }
    }

    private func decodeDataTypes(_ reader: Reader) -> [Share<GroupID>]? {
        if reader.isMapping {
            return decodeShares(reader, what: "a data type") { names.group($0) }
        }
        return names.group(reader).map { [Share($0, 1)] }
    }

    /// Shares in percent that add up to 100, give or take what rounding takes.
    func decodeShares<Item: Hashable & Sendable>(
        _ reader: Reader, what: String, _ item: (Reader) -> Item?
    ) -> [Share<Item>]? {
        guard let entries = reader.entries(expected: "\(what) and a share for each") else {
            return nil
        }
        var shares: [Share<Item>] = []
        for entry in entries {
            let weight = entry.value.value(.share)
            if let item = item(entry.key), let weight { shares.append(Share(item, weight)) }
        }
        guard shares.count == entries.count else { return nil }
        let sum = shares.reduce(0) { $0 + $1.weight }
        if sum < 0.99 || sum > 1.01 {
            reader.fail(
                "shares that add up to \(Notation<Double>.share.format((sum * 1e6).rounded() / 1e6))",
                expected: "100%")
            return nil
        }
        return shares
    }
}
