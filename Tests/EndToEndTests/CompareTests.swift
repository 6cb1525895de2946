import Foundation
import Testing

/// `meridian compare` and `meridian sweep`, as they are called.
struct CompareTests {
    static let scenario = """
        name: compared
        duration: 2s
        topology: {latency: none, client_rtt: 20ms, regions: [us-east-1, us-east-2, eu-west-1]}
        workload: {clients: 1, rate: closed, keys: {count: 5}}
        expect: [converged: {within: 10s}]
        """

    @Test(arguments: ["virtual", "processes"])
    func strategiesStandSideBySide(engine: String) async throws {
        let folder = try TemporaryFolder()
        let scenario = try folder.write(Self.scenario, as: "scenario.yaml")
        let end = try await meridian(
            "compare", scenario, "--strategies", "raft,quorum:write_back=on", "--engine", engine,
            "--out", folder.path + "/found")
        #expect(end.code == 0, "\(end.errors)")
        #expect(end.output.contains("quorum:write_back=on"))
        #expect(end.output.contains("strongest model"))
        let table = try String(contentsOfFile: folder.path + "/found/compare.csv", encoding: .utf8)
        #expect(table.contains("raft,1,model.linearizable,valid"))
        #expect(table.contains("quorum:write_back=on,1,verdict,pass"))
    }

    @Test func whatCannotBeComparedIsRefused() async throws {
        let folder = try TemporaryFolder()
        let scenario = try folder.write(Self.scenario, as: "scenario.yaml")
        let unknown = try await meridian("compare", scenario, "--strategies", "paxos")
        #expect(unknown.code == 64 && unknown.errors.contains("eventual"))
        let wrong = try await meridian("compare", scenario, "--strategies", "raft:reads=never")
        #expect(wrong.code == 65 && wrong.errors.contains("replication.reads"))
        #expect(try await meridian("compare", scenario, "--strategies", "raft:reads").code == 64)
    }

    /// Records of the runs before are still there.
    @Test func aSweepWithProcessesGoesOnToo() async throws {
        let folder = try TemporaryFolder()
        let scenario = try folder.write(
            Self.scenario.replacing("2s", with: "1s") + "\nmatrix: {seed: 1..2}\n",
            as: "scenario.yaml")
        let arguments = [
            "sweep", scenario, "--engine", "processes", "--out", folder.path + "/found",
        ]
        #expect(await (try MeridianProcess(arguments, mark: "none")).finish().code == 0)
        let table = folder.path + "/found/sweep.csv"
        let lines = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
        try (lines.prefix(2).joined(separator: "\n") + "\n").write(
            toFile: table, atomically: true, encoding: .utf8)
        let second = await (try MeridianProcess(arguments, mark: "none")).finish()
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.output.contains("2 runs, 1 of them done before"))
    }

    @Test func aSweepGoesOnWhereItWasStopped() async throws {
        let folder = try TemporaryFolder()
        let matrix =
            Self.scenario + "\nreplication: {strategy: quorum}"
            + "\nmatrix: {replication.read: [1, 2], seed: 1..3}\n"
        let scenario = try folder.write(matrix, as: "scenario.yaml")
        let path = folder.path + "/found"
        let first = try await meridian("sweep", scenario, "--out", path)
        #expect(first.code == 0, "\(first.errors)")
        let table = path + "/sweep.csv"
        let whole = try String(contentsOfFile: table, encoding: .utf8)
        #expect(whole.split(separator: "\n").count == 7)
        // It was killed in the middle of its fourth row.
        let rows = whole.split(separator: "\n", omittingEmptySubsequences: false)
        let cut = rows.prefix(4).joined(separator: "\n") + "\n" + rows[4].prefix(9)
        try cut.write(toFile: table, atomically: true, encoding: .utf8)
        let second = try await meridian("sweep", scenario, "--out", path)
        #expect(second.output.contains("6 runs, 3 of them done before"))
        #expect(try String(contentsOfFile: table, encoding: .utf8) == whole)
        // Another matrix has another table; and a run is none of several.
        let other = try folder.write(matrix.replacing("read:", with: "write:"), as: "other.yaml")
        #expect(try await meridian("sweep", other, "--out", path).code == 65)
        let single = try await meridian("simulate", scenario)
        #expect(single.code == 65 && single.errors.contains("meridian sweep"))
        #expect(try await meridian("validate", scenario).output.contains("a matrix of 6 runs"))
        let none = try folder.write(Self.scenario, as: "none.yaml")
        #expect(try await meridian("sweep", none).code == 65)
    }
}
