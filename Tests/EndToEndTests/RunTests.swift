import Foundation
import Judgement
import Meridian
import Testing

/// Whole runs with real processes, from a scenario's text to an exit code.
@Suite(.serialized)
struct RunTests {
    /// Three regions without delay; a leader is killed and comes back.
    static let kill = """
        name: kill
        seed: 3
        duration: 6s
        topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
        replication: {strategy: raft, preferred_leader: us-east-1}
        workload: {clients: 2, rate: 20/s, keys: {count: 10}}
        faults:
          - {at: 2s, kill: leader, for: 2s}
        expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
        """

    @Test func aRunPassesAndLeavesARecordThatGivesTheSameReport() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(Self.kill, in: folder, ["--json"])
        let end = await run.finish()
        #expect(end.code == 0, "\(end.errors)\(end.output)")
        try await run.expectNoNodes()
        let record = folder.path + "/record"
        for file in [
            "plan.yaml", "run.json", "history.jsonl", "events.jsonl", "samples.jsonl",
            "final.jsonl", "report.json", "junit.xml",
        ] {
            #expect(FileManager.default.fileExists(atPath: record + "/" + file), "\(file)")
        }
        let first = try Data(contentsOf: URL(fileURLWithPath: record + "/report.json"))
        let printed = try #require(
            try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any])
        #expect(printed["verdict"] as? String == "pass")
        #expect(printed["complete"] as? Bool == true)
        let again = try MeridianProcess(["report", record, "--json"], mark: record)
        let report = await again.finish()
        #expect(report.code == 0)
        #expect(report.output == end.output)
        #expect(try Data(contentsOf: URL(fileURLWithPath: record + "/report.json")) == first)
        // Databases and secrets are gone.
        let left = FileManager.default.enumerator(atPath: record + "/nodes")
        let files = (left?.allObjects as? [String] ?? []).filter { $0.contains(".") }
        #expect(files.allSatisfy { $0.hasSuffix(".log") }, "\(files)")
    }

    @Test func aReplayStrikesTheSameNodes() async throws {
        let folder = try TemporaryFolder()
        let first = await (try startRun(Self.kill, in: folder)).finish()
        #expect(first.code == 0, "\(first.errors)\(first.output)")
        let record = folder.path + "/record"
        let second = folder.path + "/second"
        let replay = try MeridianProcess(
            ["replay", record, "--pin", "--out", second, "--json"], mark: second)
        let end = await replay.finish()
        #expect(end.code == 0, "\(end.errors)\(end.output)")
        func targets(_ folder: String) throws -> [String] {
            try String(contentsOfFile: folder + "/events.jsonl", encoding: .utf8)
                .split(separator: "\n").filter { $0.contains("fault-started") }
                .map { String($0.drop { $0 != "," }.drop { $0 != "[" }.prefix { $0 != "]" }) }
        }
        #expect(try targets(record) == targets(second))
        try await replay.expectNoNodes()
    }

    @Test(arguments: [
        // A cut between regions that have nothing to say to each other changes nothing.
        (
            "a fault without effect", Int32(3),
            """
            name: nothing
            duration: 2s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            workload: {rate: 10/s}
            faults: [{at: 500ms, degrade: {between: [eu-west-1, ca-central-1], one_way: +0ms}, for: 1s}]
            expect: [linearizable]
            """
        ),
        (
            "a liveness expectation that fails", 2,
            """
            name: slow
            duration: 2s
            topology: {latency: aws, regions: [us-east-1, eu-west-1, ca-central-1]}
            workload: {rate: 10/s}
            expect: [not: {availability: {at_least: 1%}}]
            """
        ),
        (
            "a safety expectation that fails", 1,
            """
            name: unsafe
            duration: 2s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            workload: {rate: 10/s}
            expect: [not: linearizable]
            """
        ),
    ])
    func exitCodes(_ what: String, _ code: Int32, _ yaml: String) async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(yaml, in: folder)
        let end = await run.finish()
        #expect(end.code == code, "\(what): \(end.errors)\(end.output)")
        try await run.expectNoNodes()
    }

    @Test func theLibraryRunsAScenario() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.kill, as: "scenario.yaml")
        var options = RunOptions()
        options.folder = folder.path + "/record"
        options.nodeExecutable = Executables.regionNode
        let result = try await Meridian.run(Meridian.scenario(file: file), options: options)
        #expect(result.failure == nil)
        #expect(result.report.verdict == .pass, "\(result.report.remarks)")
        #expect(result.report.faults.first?.hadEffect == true)
    }
}
