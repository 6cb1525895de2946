import Consistency
import Determinism
import Testing

/// Simulated databases: each shows over many seeds exactly the anomalies that its level allows.
@Suite struct TransactionDatabaseTests {
    /// What must show up at a level, and is not worse than it allows.
    private static func typical(_ level: TransactionDatabase.Level) -> Set<String> {
        switch level {
        case .readUncommitted: ["G1b", "G1c", "G-single"]
        // Reads jump from state to state within a transaction, and updates are lost.
        case .readCommitted: ["internal", "lost-update", "G-single", "G-nonadjacent", "G2-item"]
        case .snapshotIsolation: ["G2-item", "G2-item-process", "G2-item-realtime"]
        // Old snapshots: only the order of processes and of real time is broken.
        case .serializable:
            [
                "G-single-process", "G-single-realtime", "G-nonadjacent-process",
                "G2-item-process",
            ]
        case .strictSerializable: []
        }
    }

    @Test(arguments: TransactionDatabase.Level.allCases)
    func levelsShowTheirAnomalies(_ level: TransactionDatabase.Level) {
        var seen: [String: Int] = [:]
        for seed in 0..<300 {
            // Short runs have small components, in which no class hides another.
            var database = TransactionDatabase(level: level, keyCount: 3, seed: UInt64(seed))
            database.run(seed % 2 == 0 ? 12 : 60, processes: 4)
            let result = database.sample.check(level.model)
            #expect(result.verdict == .valid, "seed \(seed): \(result.anomalies.first!)")
            for (anomaly, count) in result.counts { seen[anomaly.name, default: 0] += count }
        }
        #expect(Set(seen.keys).isSuperset(of: Self.typical(level)), "\(seen)")
    }

    /// What a level does not promise is found: no stronger model survives the seeds.
    @Test func nothingStrongerSurvives() {
        let limits: [(TransactionDatabase.Level, [TransactionModel])] = [
            (.readUncommitted, [.readCommitted]),
            (.readCommitted, [.readAtomic, .cursorStability, .consistentView]),
            (.snapshotIsolation, [.repeatableRead, .updateSerializable]),
            (.serializable, [.strongSessionSnapshotIsolation]),
        ]
        for (level, models) in limits {
            var broken = Set<TransactionModel>()
            for seed in 0..<40 {
                var database = TransactionDatabase(level: level, keyCount: 3, seed: UInt64(seed))
                database.run(100, processes: 5)
                let result = database.sample.check()
                broken.formUnion(result.broken + result.alsoBroken)
            }
            #expect(models.allSatisfy(broken.contains), "\(level): \(broken)")
        }
    }
}
