import Determinism
import Replication

extension ScenarioEncoder {
    var workload: [(String, YAMLOutput)] {
        let workload = scenario.workload
        let standard = WorkloadSpec()
        var entries: [(String, YAMLOutput)] = []
        if says(workload.clients, standard.clients) {
            entries.append(("clients", perRegion(workload.clients, .integer(0...Int.max), none: 0)))
        }
        if says(workload.arrivals, standard.arrivals) {
            switch workload.arrivals {
            case .closed: entries.append(("rate", .text("closed")))
            case .open(let rates): entries.append(("rate", perRegion(rates, .rate, none: 0)))
            }
        }
        entries += mix(workload.mix, standard.mix)
        if workload.hasTransactions, says(workload.transactions, standard.transactions) {
            entries.append(("txn", .map(transactions(workload.transactions))))
        }
        if workload.usesSessions, says(workload.sessions, standard.sessions) {
            entries.append(("sessions", .map(sessionLoad(workload.sessions))))
        }
        if let probes = workload.probes {
            entries.append(("probes", .map(self.probes(probes))))
        }
        let types = workload.dataTypes
        // What a file that does not say means: the one called so, listed or not.
        let last = groupNames.firstIndex(of: Scenario.defaultDataType) ?? groupNames.count
        if !workload.usesKeys {
            // They go to no data type.
        } else if types.count == 1 {
            if says(Int(types[0].item.index), last) {
                entries.append(("data_type", .text(name(types[0].item))))
            }
        } else {
            let shares = types.map { (name($0.item), write($0.weight, .share)) }
            entries.append(("data_type", .map(shares)))
        }
        if says(workload.valueSize, standard.valueSize) {
            entries.append(("value_size", write(workload.valueSize, .size)))
        }
        if says(workload.timeout, standard.timeout) {
            entries.append(("timeout", write(workload.timeout)))
        }
        if let attempt = workload.givenAttemptTimeout {
            entries.append(("attempt_timeout", write(attempt)))
        }
        if says(workload.failover, standard.failover) {
            entries.append(("failover", .text(workload.failover.rawValue)))
        }
        return entries
    }

    private func mix(
        _ mix: WorkloadSpec.Mix, _ standard: WorkloadSpec.Mix
    ) -> [(String, YAMLOutput)] {
        guard says(mix, standard) else { return [] }
        switch mix {
        case .ycsb(let letter, let records):
            let entries: [(String, YAMLOutput)] = [
                ("workload", .text(letter.rawValue)), ("records", .text(String(records))),
            ]
            return [("ycsb", .map(entries))]
        case .operations(let shares, let keys):
            let usual = WorkloadSpec.Mix.operations(shares, KeySpec())
            let parts = shares.map { ($0.item.rawValue, write($0.weight, .share)) }
            var entries: [(String, YAMLOutput)] = []
            if says(shares, standardShares) {
                entries.append(("operations", .map(parts)))
            }
            if scenario.workload.usesKeys, says(mix, usual) {
                entries.append(("keys", .map(self.keys(keys))))
            }
            return entries
        }
    }

    private var standardShares: [Share<OperationKind>] {
        if case .operations(let shares, _) = WorkloadSpec().mix { shares } else { [] }
    }

    private func transactions(_ spec: TransactionSpec) -> [(String, YAMLOutput)] {
        let standard = TransactionSpec()
        var entries: [(String, YAMLOutput)] = []
        if says(spec.operations, standard.operations) {
            entries.append(("operations", write(spec.operations, .integerRange)))
        }
        if says(spec.readShare, standard.readShare) {
            entries.append(("read", write(spec.readShare, .share)))
        }
        if says(spec.writesPerKeyMax, standard.writesPerKeyMax) {
            entries.append(("max_writes_per_key", .text(String(spec.writesPerKeyMax))))
        }
        return entries
    }

    private func probes(_ spec: ProbeSpec) -> [(String, YAMLOutput)] {
        let after = YAMLOutput.list(spec.after.map { write($0) })
        let part = spec.dataType.map { [("data_type", YAMLOutput.text(name($0)))] } ?? []
        return [("rate", write(spec.rate, .rate)), ("after", after)] + part
    }

    private func keys(_ keys: KeySpec) -> [(String, YAMLOutput)] {
        let standard = KeySpec()
        var entries: [(String, YAMLOutput)] = []
        if says(keys.count, standard.count) { entries.append(("count", .text(String(keys.count)))) }
        if says(keys.distribution, standard.distribution) {
            entries.append(("distribution", .text(keys.distribution.rawValue)))
        }
        if says(keys.size, standard.size) { entries.append(("size", write(keys.size, .size))) }
        return entries
    }

    private func perRegion<Value: Hashable & Sendable>(
        _ values: PerRegion<Value>, _ notation: Notation<Value>, none: Value
    ) -> YAMLOutput {
        if values.named.isEmpty { return write(values.others, notation) }
        var entries = values.named.sorted { $0.key < $1.key }.map { region, value in
            (name(region), write(value, notation))
        }
        if values.others != none { entries.append(("others", write(values.others, notation))) }
        return .map(entries)
    }
}
