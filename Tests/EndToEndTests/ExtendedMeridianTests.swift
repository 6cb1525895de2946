import Foundation
import Testing

/// What the reader of `docs/extending.md` builds: a `meridian` that knows one strategy more, which
/// is in one file. It runs in both engines and is compared with others.
struct ExtendedMeridianTests {
    private static let scenario = """
        name: extended
        duration: 3s
        topology: {latency: none, client_rtt: 1ms, regions: [us-east-1, us-east-2, eu-west-1]}
        replication: {strategy: single-writer, copies: 2}
        workload: {clients: 2, rate: 60/s, operations: {read: 50%, write: 40%, delete: 10%}, keys: {count: 10}}
        faults:
          - {at: 1s, kill: eu-west-1, for: 500ms}
        expect:
          - lost_updates: 0
          - converged: {within: 20s}
          - availability: {at_least: 90%, phase: before}
        """

    @Test func theStrategyIsOneShortFile() throws {
        let source = try String(
            contentsOf: Self.tests.appendingPathComponent("ExtendedMeridian/SingleWriter.swift"),
            encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 150)
    }

    @Test(arguments: ["simulate", "run"])
    func itRunsInBothEngines(_ engine: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.scenario, as: "scenario.yaml")
        let record = folder.path + "/record"
        let end = try await extended(in: folder, engine, file, "--out", record, "--replication-log")
        #expect(end.code == 0, "\(end.output)\(end.errors)")
        let log = try await extended(in: folder, "replication", record)
        #expect(log.code == 0, "\(log.errors)")
        // us-east-1 writes; the others are reached.
        #expect(log.output.contains("us-east-2") && log.output.contains("eu-west-1"))
    }

    @Test(arguments: ["virtual", "processes"])
    func itIsComparedWithOthers(_ engine: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.scenario, as: "scenario.yaml")
        let end = try await extended(
            in: folder, "compare", file, "--strategies", "single-writer:copies=1,raft", "--engine",
            engine,
            "--out", folder.path + "/found")
        #expect(end.code == 0, "\(end.errors)")
        let table = try String(contentsOfFile: folder.path + "/found/compare.csv", encoding: .utf8)
        #expect(table.contains("single-writer:copies=1,1,verdict,pass"))
        #expect(table.contains("raft,1,verdict,pass"))
    }

    @Test func itsOptionsAreKnown() async throws {
        let folder = try TemporaryFolder()
        let known = try await extended(in: folder, "strategies")
        #expect(known.output.contains("single-writer") && known.output.contains("copies"))
        let file = try folder.write(
            Self.scenario.replacingOccurrences(of: "copies: 2", with: "copies: 3"),
            as: "scenario.yaml")
        let wrong = try await extended(in: folder, "validate", file)
        #expect(wrong.code == 65)
        #expect(wrong.errors.contains("there are only 2 other members"), "\(wrong.errors)")
    }

    /// Records tell a writer's fate: while it is down nothing is written, and nothing is lost.
    @Test func nobodyTakesTheWritersPlace() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            Self.scenario.replacingOccurrences(
                of: "kill: eu-west-1, for: 500ms", with: "kill: leader"
            )
            .replacingOccurrences(of: "phase: before", with: "operation: write"),
            as: "scenario.yaml")
        let end = try await extended(in: folder, "simulate", file, "--out", folder.path + "/record")
        #expect(end.code == 2, "\(end.output)\(end.errors)")
    }

    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs the program to its end, after which nothing that it started may be left.
    private func extended(
        in folder: TemporaryFolder, _ arguments: String...
    ) async throws -> (code: Int32, output: String, errors: String) {
        let process = try MeridianProcess(
            arguments, of: Executables.extendedMeridian, mark: folder.path)
        let end = await process.finish()
        try await process.expectNoNodes()
        return end
    }
}
