import Determinism
import Replication

/// What the clients do: so much that members have to keep up, so little that thousands of runs can
/// be checked.
extension SwarmDraw {
    /// The workload on values of type `value`. Clients that wait for each other's answers stand
    /// further off, in `topology`, for they would do thousands of operations otherwise.
    func workload(
        _ value: ValueType, slowest: TimeSpan, _ topology: inout TopologySpec
    ) -> WorkloadSpec {
        var random = stream("workload")
        var workload = WorkloadSpec()
        let shares = shares(on: value)
        if merge == nil, description?.supports(.txn, on: value) == true,
            let (share, spec) = transactions()
        {
            // What else is done makes room for them.
            let others = shares.map { Share($0.item, $0.weight * Double(100 - share) / 100) }
            let mix = others + [Share(.txn, Double(share) / 100)]
            workload.mix = .operations(mix, keys())
            workload.transactions = spec
        } else {
            workload.mix = .operations(shares, keys())
        }
        workload.clients = PerRegion(1 + random.index(3))
        if random.chance(0.3) {
            workload.arrivals = .closed
            topology.clientRoundTrip = random.milliseconds(in: 40...150, step: 10)
        } else {
            workload.arrivals = .open(PerRegion(Double(2 + random.index(24))))
        }
        // Lists grow with everything that is appended.
        workload.valueSize =
            [.list, .set, .map].contains(value) ? 10 : random.element(of: [10, 100, 1_000, 4_096])
        // Each attempt, a third of it, has time for a way round the world and back.
        let shortest = max(.milliseconds(500), (slowest + topology.clientRoundTrip) * 12)
        workload.timeout = shortest + random.milliseconds(in: 0...3_000, step: 100)
        if random.chance(0.2) { workload.givenAttemptTimeout = workload.timeout / 2 }
        workload.failover = random.chance(0.8) ? .nearest : .none
        return workload
    }

    private func shares(on value: ValueType) -> [Share<OperationKind>] {
        var random = stream("operations")
        guard let description else { return [Share(.read, 0.5), Share(.write, 0.5)] }
        let supported = OperationKind.allCases.filter { kind in
            merge?.description.operations.contains(kind) ?? description.supports(kind, on: value)
        }
        let single = supported.filter { $0.isUpdate && $0 != .txn }
        let updates = random.some(of: single).sorted {
            $0.rawValue < $1.rawValue
        }
        var left = 100
        var percents: [(OperationKind, Int)] = []
        if supported.contains(.read) {
            let reads = updates.isEmpty ? 100 : 10 * (1 + random.index(8))
            percents.append((.read, reads))
            left -= reads
        }
        for (index, kind) in updates.enumerated() {
            // Something is left for each that follows.
            let following = updates.count - index - 1
            let part = following == 0 ? left : 1 + random.index(left - following)
            percents.append((kind, part))
            left -= part
        }
        return percents.map { Share($0.0, Double($0.1) / 100) }
    }

    /// Transactions, now and then: their share in percent, and what they are like.
    private func transactions() -> (share: Int, TransactionSpec)? {
        var random = stream("transactions")
        guard random.chance(0.3) else { return nil }
        let share = 10 * (1 + random.index(8))
        let shortest = 1 + random.index(2)
        return (
            share,
            TransactionSpec(
                operations: shortest...shortest + random.index(6),
                readShare: random.element(of: [0.2, 0.5, 0.8]),
                writesPerKeyMax: random.element(of: [4, 32, 64]))
        )
    }

    private func keys() -> KeySpec {
        var random = stream("keys")
        // Much contention, but not so much that nobody could check it.
        let count = random.chance(0.6) ? 8 + random.index(10) : 50 + random.index(200)
        return KeySpec(
            count: count,
            distribution: random.element(of: [.zipfian, .uniform, .hotspot]))
    }
}
