import Foundation
import Judgement
import Meridian
import Recording
import Scenarios
import Testing

/// Priorities and the replication log with real processes.
struct PriorityTests {
    static let scenario = """
        name: priorities
        duration: 5s
        replication_log: on
        topology:
          latency: none
          client_rtt: 1ms
          regions: [us-east-1, eu-west-1]
          links: [{between: [us-east-1, eu-west-1], rtt: 20ms}]
        data_types:
          urgent: {strategy: raft, preferred_leader: us-east-1, priority: high}
          bulk: {strategy: eventual, priority: low}
        workload:
          clients: 2
          rate: 40/s
          operations: {write: 100%}
          data_type: {urgent: 20%, bulk: 80%}
          keys: {count: 200, distribution: uniform}
          value_size: 4KB
          timeout: 10s
        faults: [{at: 1s, degrade: {all: true, bandwidth: 1mbps}, for: 3s}]
        expect: [lost_updates: 0, converged: {within: 60s}]
        """

    @Test func urgentMessagesWaitLess() async throws {
        let folder = try TemporaryFolder()
        let process = try startRun(Self.scenario, in: folder)
        let end = await process.finish()
        #expect(end.code == 0, "\(end.output)\(end.errors)")
        try await process.expectNoNodes()
        let record = folder.path + "/record"
        let report = try judge(folder: record).report
        let rows = report.network?.priorities ?? []
        #expect(rows.map(\.priority) == ["high", "low"])
        // What the model of the link says, not what a clock measures.
        #expect(rows.count == 2 && rows[0].queued * 3 < rows[1].queued, "\(rows)")
        let log = try replicationLog(folder: record)
        #expect(log.leftOut == 0)
        let delays = ReplicationDelay.measured(log.rows)
        #expect(Set(delays.map(\.dataType)) == ["urgent", "bulk"])
        let urgent = delays.filter { $0.dataType == "urgent" }
        // Its leader writes; the other region gets everything.
        #expect(urgent.map(\.region) == ["eu-west-1"])
        #expect(urgent.allSatisfy { $0.arrived == $0.writes && $0.writes > 50 })
    }

    @Test func aRecordWithoutALogSaysSo() async throws {
        let folder = try TemporaryFolder()
        let text = Self.scenario.replacingOccurrences(of: "replication_log: on", with: "seed: 3")
        let file = try folder.write(text, as: "scenario.yaml")
        let record = folder.path + "/record"
        #expect(try await meridian("simulate", file, "--out", record).code == 0)
        let end = try await meridian("replication", record)
        #expect(end.code == 65 && end.errors.contains("--replication-log"), "\(end.errors)")
    }
}
