import Conduct
import Determinism
import Judgement
import Recording
import RegionCore
import Scenarios
import Simulation
import Testing

/// The replication log: each write at each replica, once.
struct ReplicationLogTests {
    /// Keeps only the rows of the log.
    private final class Rows: RecordReceiver {
        let memory = RecordMemory()
        var rows: [ReplicationRow] = []
        func add(_ entry: RecordEntry) throws(RecordError) {
            if case .replication(let row) = entry { rows.append(row) }
            try memory.add(entry)
        }
        func close() throws(RecordError) { try memory.close() }
    }

    private func play(_ replication: String, log: String = "on") throws -> (
        rows: [ReplicationRow], history: [HistoryOperation], events: [RecordedEvent]
    ) {
        let scenario = try Scenario.decode(
            yaml: """
                name: log
                duration: 5s
                replication_log: \(log)
                topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
                replication: \(replication)
                workload: {rate: 20/s, operations: {read: 30%, write: 60%, delete: 10%}}
                """, file: "log.yaml", strategies: strategies.descriptions)
        let record = Rows()
        let plan = try Plan(scenario)
        _ = try VirtualEngine(plan: plan, strategies: strategies, record: record).run()
        let run = RunInformation(
            meridian: "", toolchain: "", latencyData: "", commandLine: [], engine: .virtual,
            scenario: plan.name, seed: plan.seed, host: [], startedAt: "")
        let contents = record.memory.contents(run: run, plan: plan.yaml)
        return (record.rows, Array(contents.history), contents.events)
    }

    @Test(arguments: [
        "{strategy: raft, preferred_leader: us-east-1}", "{strategy: eventual}",
        "{strategy: quorum}", "{strategy: eventual, resolve: merge}",
    ])
    func everyWriteReachesEveryRegionOnce(_ replication: String) throws {
        let played = try play(replication)
        let writes = played.history.filter { $0.outcome == .ok && $0.version != nil }
            .filter { $0.function == .write || $0.function == .delete }
        #expect(writes.count > 100)
        var reached: [String: [String]] = [:]
        for row in played.rows { reached[row.version, default: []].append(row.region) }
        for write in writes {
            let version = write.version.map(VersionText.text) ?? ""
            #expect(
                (reached[version] ?? []).sorted()
                    == ["ap-northeast-1", "eu-central-1", "us-east-1"],
                "\(version)")
        }
        #expect(played.rows.allSatisfy { $0.time >= .zero && $0.dataType == "default" })
        let delays = ReplicationDelay.measured(played.rows)
        #expect(!delays.isEmpty)
        // Light itself takes longer than ten milliseconds between these regions.
        #expect(delays.allSatisfy { $0.arrived == $0.writes && ($0.delay?.p50 ?? 0) > 10 })
        // A region that has members counts, though nothing reached it; one that has none does not.
        let members = ["default": Set(["us-east-1", "mx-central-1"])]
        let silent = ReplicationDelay.measured(played.rows, regions: members)
        #expect(silent.first { $0.region == "mx-central-1" }?.arrived == 0)
        #expect(silent.count == delays.count + 1)
        let totals = played.events.compactMap(ReplicationLogTotals.init)
        #expect(totals.map(\.leftOut) == [0])
        #expect(totals.map(\.rows) == [Int64(played.rows.count)])
    }

    /// Looking must not change what is looked at.
    @Test func theLogChangesNothingElse() throws {
        let with = try play("{strategy: quorum}")
        let without = try play("{strategy: quorum}", log: "off")
        #expect(without.rows.isEmpty)
        #expect(with.history == without.history)
        #expect(with.events.filter { $0.kind != .replicationLog } == without.events)
    }
}
