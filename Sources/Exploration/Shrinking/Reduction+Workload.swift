import Replication
import Scenarios

/// Clients that do less.
extension Reduction {
    static let clients = Reduction(name: "fewer clients") { candidate in
        let clients = candidate.scenario.workload.clients
        let ids = candidate.scenario.regionIDs
        let most = ids.map { clients[$0] }.max() ?? 0
        let alike = smaller(than: most).map { count in
            candidate.with { scenario in
                scenario.workload.clients = PerRegion(count)
                for id in ids where clients[id] == 0 { scenario.workload.clients.named[id] = 0 }
            }
        }
        let without = ids.filter { clients[$0] > 0 }.map { id in
            candidate.with { scenario in
                scenario.workload.clients.named[id] = 0
                if case .open(var rates) = scenario.workload.arrivals {
                    rates.named[id] = nil
                    scenario.workload.arrivals = .open(rates)
                }
            }
        }
        let each = ids.flatMap { id in
            smaller(than: clients[id]).map { count in
                candidate.with { $0.workload.clients.named[id] = count }
            }
        }
        return alike + without + each
    }

    static let rates = Reduction(name: "a lower rate") { candidate in
        guard case .open(let rates) = candidate.scenario.workload.arrivals else { return [] }
        let ids = candidate.scenario.regionIDs
        let least = ids.map { rates[$0] }.filter { $0 > 0 }.min() ?? rates.others
        let alike = smaller(than: Int(least.rounded(.up))).map { rate in
            candidate.with { $0.workload.arrivals = .open(PerRegion(Double(rate))) }
        }
        let each = rates.named.keys.sorted().flatMap { id in
            smaller(than: Int((rates.named[id] ?? 0).rounded(.up))).map { rate in
                var rates = rates
                rates.named[id] = Double(rate)
                return candidate.with { $0.workload.arrivals = .open(rates) }
            }
        }
        return alike + each
    }

    static let keys = Reduction(name: "fewer keys") { candidate in
        switch candidate.scenario.workload.mix {
        case .operations(let shares, let keys):
            return smaller(than: keys.count).map { count in
                var keys = keys
                keys.count = count
                return candidate.with { $0.workload.mix = .operations(shares, keys) }
            }
        case .ycsb(let letter, let records):
            return smaller(than: records).map { count in
                candidate.with { $0.workload.mix = .ycsb(letter, records: count) }
            }
        }
    }

    static let operations = Reduction(name: "fewer kinds of operations") { candidate in
        guard case .operations(let shares, let keys) = candidate.scenario.workload.mix,
            shares.count > 1
        else { return [] }
        let kinds = shares.map(\.item)
        return kinds.map { kind in
            let others = evenShares(of: kinds.filter { $0 != kind })
            return candidate.with { scenario in
                scenario.workload.mix = .operations(others, keys)
                // What is said of transactions says nothing without them.
                if kind == .txn { scenario.workload.transactions = TransactionSpec() }
            }
        }
    }

    static let transactions = Reduction(name: "shorter transactions") { candidate in
        guard candidate.scenario.workload.hasTransactions else { return [] }
        let steps = candidate.scenario.workload.transactions.operations
        let shorter = smaller(than: steps.upperBound).map { most in
            candidate.with {
                $0.workload.transactions.operations = min(steps.lowerBound, most)...most
            }
        }
        let standard = TransactionSpec()
        return shorter + [
            candidate.with { $0.workload.transactions.readShare = standard.readShare },
            candidate.with { $0.workload.transactions.writesPerKeyMax = standard.writesPerKeyMax },
        ]
    }

    static let workloadDetails = Reduction(name: "a plainer workload") { candidate in
        let standard = WorkloadSpec()
        var result = [
            candidate.with { $0.workload.timeout = standard.timeout },
            candidate.with { $0.workload.givenAttemptTimeout = nil },
            candidate.with { $0.workload.failover = standard.failover },
            candidate.with { $0.workload.valueSize = standard.valueSize },
        ]
        if case .operations(let shares, let keys) = candidate.scenario.workload.mix {
            for plainer in [
                KeySpec(count: keys.count), KeySpec(count: keys.count, size: keys.size),
            ] {
                result.append(
                    candidate.with { $0.workload.mix = .operations(shares, plainer) })
            }
        }
        return result
    }

    static let roundNumbers = Reduction(name: "round numbers") { candidate in
        guard case .open(let rates) = candidate.scenario.workload.arrivals else { return [] }
        return [
            candidate.with { scenario in
                var round = PerRegion(rates.others.rounded(.down))
                for (id, rate) in rates.named.sorted(by: { $0.key < $1.key }) {
                    round.named[id] = rate.rounded(.down)
                }
                scenario.workload.arrivals = .open(round)
            }
        ]
    }
}

extension Scenario {
    /// The regions.
    var regionIDs: [RegionID] {
        topology.regions.indices.map { RegionID(index: UInt16(truncatingIfNeeded: $0)) }
    }
}
