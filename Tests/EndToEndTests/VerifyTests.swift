import Foundation
import Testing

/// `meridian verify` from a scenario's text to an exit code: both engines, compared.
@Suite(.serialized)
struct VerifyTests {
    /// Two regions that a partition parts for a moment; nothing is elected, so nothing is drawn.
    private static let scenario = """
        name: small
        seed: 4
        duration: 5s
        topology:
          regions: [us-east-1, eu-central-1]
          node: {fsync: 300ms}
        replication: {strategy: eventual, anti_entropy: 1s}
        workload: {clients: 2, rate: 30/s, operations: {read: 50%, write: 50%}, keys: {count: 50}}
        faults:
          - {at: 2s, partition: [[us-east-1], [eu-central-1]], for: 1s}
        expect: [lost_updates: 0, converged: {within: 30s}]
        """

    private func verify(
        in folder: TemporaryFolder, _ more: [String] = []
    ) async throws -> (code: Int32, findings: [String: Any]) {
        let file = try folder.write(Self.scenario, as: "scenario.yaml")
        let records = folder.path + "/records"
        let process = try MeridianProcess(
            ["verify", file, "--runs", "2", "--virtual-runs", "6", "--out", records, "--json"]
                + more, mark: records)
        let end = await process.finish()
        try await process.expectNoNodes()
        let findings = try #require(
            try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any],
            "\(end.errors)\(end.output)")
        return (end.code, findings)
    }

    private func median(_ findings: [String: Any]) throws -> [String: Any] {
        let rows = try #require(findings["comparisons"] as? [[String: Any]])
        return try #require(
            rows.first {
                $0["measure"] as? String == "latency p50" && $0["operation"] as? String == "write"
                    && $0["phase"] as? String == "before"
            })
    }

    @Test func theEnginesAgreeOnceTheDiskIsMeasured() async throws {
        let folder = try TemporaryFolder()
        let (code, findings) = try await verify(in: folder)
        // A busy host, and two runs, may leave it open; a difference there must not be.
        let isDecided = findings["verdict"] as? String == "agree"
        #expect(code == (isDecided ? 0 : 3), "\(findings)")
        let node = try #require(findings["node"] as? [String: Any])
        #expect(node["calibrated"] as? Bool == true)
        let fsync = try #require(node["fsync_ms"] as? Double)
        #expect(fsync > 0 && fsync < 300)
        let counts = try #require(findings["findings"] as? [String: Int])
        #expect(counts["different"] == 0)
        for record in ["idle", "processes-4", "processes-5", "virtual-4", "virtual-5"] {
            let report = "\(folder.path)/records/\(record)/report.json"
            #expect(FileManager.default.fileExists(atPath: report), "\(record)")
        }
        let kept = try Data(
            contentsOf: URL(fileURLWithPath: folder.path + "/records/agreement.json"))
        #expect(String(decoding: kept, as: UTF8.self).contains("meridian.agreement/1"))
    }

    @Test func aDiskThatIsNotThisHostsMakesADifference() async throws {
        let folder = try TemporaryFolder()
        let (code, findings) = try await verify(in: folder, ["--keep-costs"])
        let disturbed = try #require(findings["disturbed_seeds"] as? [String])
        #expect(try median(findings)["virtual"] as? Double ?? 0 > 300)
        // With a single run that the host left alone nothing can be said.
        if disturbed.isEmpty {
            #expect(code == 2)
            #expect(findings["verdict"] as? String == "differ")
        } else {
            #expect(code == 2 || code == 3)
        }
    }
}
