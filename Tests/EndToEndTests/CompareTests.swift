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
        #expect(wrong.errors.contains("with raft:reads=never"))
        for malformed in [
            "raft:reads", "raft,,quorum", "raft,raft", "quorum:read=1:read=2",
            "raft:strategy=quorum",
        ] {
            #expect(
                try await meridian("compare", scenario, "--strategies", malformed).code == 64,
                "\(malformed)")
        }
        // What was found before is not written over.
        let found = folder.path + "/found"
        let comparing = ["compare", scenario, "--strategies", "raft", "--out", found]
        #expect(await (try MeridianProcess(comparing, mark: "none")).finish().code == 0)
        let again = await (try MeridianProcess(comparing, mark: "none")).finish()
        #expect(
            again.code == 65 && again.errors.contains("holds a record already"), "\(again.errors)")
        // A run that cannot start is no column of nothing.
        let far = try folder.write(
            Self.scenario.replacing("latency: none, ", with: "")
                .replacing("us-east-2", with: "ap-south-1"), as: "far.yaml")
        let lost = try await meridian(
            "compare", far, "--strategies", "raft:election_timeout=12ms", "--out",
            folder.path + "/lost")
        #expect(lost.code == 70 && lost.errors.contains("seed 1: the run did not come to its end"))
    }

    /// One data type's strategy is exchanged, and only if it is named: others keep theirs.
    @Test func aDataTypesOwnStrategyIsExchangedByName() async throws {
        let folder = try TemporaryFolder()
        let scenario = try folder.write(
            """
            name: typed
            duration: 2s
            topology: {latency: none, client_rtt: 5ms, regions: [us-east-1, us-east-2, eu-west-1]}
            data_types:
              session: {strategy: eventual, priority: high}
            services: {sessions: {data_type: session}}
            workload: {operations: {login: 20%, validate: 70%, logout: 10%}}
            """, as: "scenario.yaml")
        let nothing = try await meridian("compare", scenario, "--strategies", "raft,eventual")
        #expect(
            nothing.code == 65 && nothing.errors.contains("replicates nothing"), "\(nothing.errors)"
        )
        let unknown = try await meridian(
            "compare", scenario, "--strategies", "raft", "--data-type", "cart")
        #expect(unknown.code == 65 && unknown.errors.contains("no data type 'cart'"))
        let end = try await meridian(
            "compare", scenario, "--strategies",
            "eventual,primary-backup:manager=[us-east-1,us-east-2]",
            "--data-type", "session", "--out", folder.path + "/found")
        #expect(end.code == 0, "\(end.errors)")
        #expect(end.output.contains("sessions_hit_percent") && end.output.contains("p50_ms.login"))
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
        // Other values of the same keys are added, and none is taken out.
        let more = try folder.write(matrix.replacing("1..3", with: "[7]"), as: "more.yaml")
        #expect(
            try await meridian("sweep", more, "--out", path).code == 0)
        let both = try String(contentsOfFile: table, encoding: .utf8)
        #expect(both.split(separator: "\n").count == 9)
        // Another scenario has another table, though its matrix is the same.
        let longer = try folder.write(matrix.replacing("2s", with: "3s"), as: "longer.yaml")
        let refused = try await meridian("sweep", longer, "--out", path)
        #expect(
            refused.code == 65 && refused.errors.contains("another scenario"), "\(refused.errors)")
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
