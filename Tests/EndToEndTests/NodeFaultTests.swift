import Foundation
import Testing

/// Faults of clocks, disks and processors in whole runs with real processes.
@Suite(.serialized)
struct NodeFaultTests {
    private struct Evidence {
        var hadEffect: Bool
        var numbers: [String: Double]
    }

    /// The last evidence of each fault, by its identity.
    private func evidence(in record: String) throws -> [String: Evidence] {
        var result: [String: Evidence] = [:]
        let lines = try String(contentsOfFile: record + "/events.jsonl", encoding: .utf8)
        for line in lines.split(separator: "\n") where line.contains("\"fault-evidence\"") {
            guard
                let row = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    as? [String: Any], let fields = row["fields"] as? [String: Any],
                let id = fields["id"] as? String, let effect = fields["had_effect"] as? Bool
            else { continue }
            result[id] = Evidence(
                hadEffect: effect, numbers: fields["evidence"] as? [String: Double] ?? [:])
        }
        return result
    }

    @Test func clocksDisksAndProcessorsAreSeenToFail() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(
            """
            name: troubles
            duration: 11s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {strategy: raft, preferred_leader: us-east-1}
            workload: {clients: 1, rate: 20/s, keys: {count: 10}}
            faults:
              - {at: 1s, clock: {region: eu-west-1, offset: -40s, drift: 500ppm}, for: 2s}
              - {at: 1s, disk: {region: eu-west-1, fsync: +40ms}, for: 2s}
              - {at: 1s, slow: {region: ca-central-1, cpu: x20}, for: 2s}
              - {at: 4s, disk: {region: eu-west-1, full: true}, for: 1s}
              - {at: 6s, disk: {region: ca-central-1, corrupt: true}, for: 500ms}
              - {at: 7s, kill: ca-central-1, for: 500ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """, in: folder, ["--keep-data"])
        let end = await run.finish()
        #expect(end.code == 0, "\(end.errors)\(end.output)")
        try await run.expectNoNodes()
        let record = folder.path + "/record"
        let found = try evidence(in: record)
        #expect(found.count == 6 && found.values.allSatisfy(\.hadEffect), "\(found)")
        let offset = try #require(found["f1"]?.numbers["offset_read_ms"])
        #expect((offset + 40_000).magnitude < 100)
        #expect(((found["f1"]?.numbers["drift_read_ppm"] ?? 0) - 500).magnitude < 50)
        #expect(found["f2"]?.numbers["syncs_delayed"] ?? 0 >= 5)
        #expect(found["f3"]?.numbers["stalled_ms"] ?? 0 > 1)
        #expect(found["f4"]?.numbers["processes_ended"] == 1)
        #expect(found["f5"]?.numbers["records_damaged"] == 1)
        // The rotten database was kept for whoever wants to look at it.
        #expect(
            FileManager.default.fileExists(
                atPath: record + "/nodes/ca-central-1/node.sqlite.damaged-1"))
    }

    /// A majority that lies about its disks and dies forgets what clients were told.
    @Test func aLyingMajorityLosesWhatWasAcknowledged() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(
            """
            name: liars
            duration: 7s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            workload: {clients: 1, rate: 30/s, keys: {count: 300, distribution: uniform}}
            faults:
              - {at: 1s, disk: {region: all, lose_unsynced: true}, for: 4s}
              - {at: 3s, kill: all, for: 1s}
            expect: [not: {lost_updates: 0}]
            """, in: folder)
        let end = await run.finish()
        #expect(end.code == 0, "\(end.errors)\(end.output)")
        try await run.expectNoNodes()
        let found = try evidence(in: folder.path + "/record")
        #expect(found["f1"]?.hadEffect == true)
        #expect(found["f1"]?.numbers["syncs_skipped"] ?? 0 > 20)
        #expect(found["f1"]?.numbers["bytes_dropped"] ?? 0 > 10_000)
    }
}
