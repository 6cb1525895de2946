import Foundation
import Testing

/// Whatever ends a run, no process is left behind.
@Suite(.serialized)
struct ProcessTests {
    static let long = """
        name: long
        duration: 10m
        topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
        workload: {rate: 10/s}
        """

    static let paused = """
        name: paused
        duration: 10m
        topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
        workload: {rate: 10/s}
        faults: [{at: 10ms, pause: eu-west-1, for: 9m}]
        """

    @Test func anInterruptedRunLeavesAnIncompleteRecordAndNoProcess() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(Self.long, in: folder)
        try await run.waitForNodes(3)
        run.signal(SIGINT)
        let end = await run.finish()
        #expect(end.code == 130, "\(end.errors)\(end.output)")
        try await run.expectNoNodes()
        let information = try String(
            contentsOfFile: folder.path + "/record/run.json", encoding: .utf8)
        #expect(information.contains("\"complete\": false"))
        let report = try MeridianProcess(["report", folder.path + "/record"], mark: folder.path)
        #expect(await report.finish().code != 0)
    }

    @Test(arguments: [long, paused])
    func aKilledOrchestratorTakesItsNodesAlong(_ yaml: String) async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(yaml, in: folder)
        try await run.waitForNodes(3)
        if yaml == Self.paused {
            try await eventually("a node is stopped") { run.nodes.contains(where: isStopped) }
        }
        run.signal(SIGKILL)
        _ = await run.finish()
        try await run.expectNoNodes()
    }

    @Test func aNodeThatDiesEndsTheRun() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(Self.long, in: folder)
        try await run.waitForNodes(3)
        try await eventually("the run is under way") {
            let events = try? String(
                contentsOfFile: folder.path + "/record/events.jsonl", encoding: .utf8)
            return events?.contains("leader-observed") ?? false
        }
        kill(try #require(run.nodes.first), SIGKILL)
        let end = await run.finish()
        #expect(end.code == 70, "\(end.errors)\(end.output)")
        #expect(end.errors.contains("ended by itself"))
        try await run.expectNoNodes()
    }

    @Test func aScenarioErrorStartsNothing() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun("name: x\ntopolgy: {}\n", in: folder)
        let end = await run.finish()
        #expect(end.code == 65)
        #expect(end.errors.contains("scenario.yaml:2:1"))
        #expect(end.errors.contains("did you mean"))
        #expect(run.nodes.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/record"))
    }

    private func isStopped(_ pid: Int32) -> Bool {
        let line = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return line.drop { $0 != ")" }.dropFirst(2).first == "T"
    }
}
