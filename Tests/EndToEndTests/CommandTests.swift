import Foundation
import Testing

/// The command line: what it prints, and what it exits with.
struct CommandTests {
    @Test(arguments: [
        "run", "simulate", "fuzz", "shrink", "trace", "verify", "validate", "report", "replay",
        "regions", "latency", "strategies",
    ])
    func everyCommandHasHelpWithAnExample(_ command: String) async throws {
        let help = try await meridian(command, "--help")
        #expect(help.code == 0)
        #expect(help.output.contains("EXAMPLE"))
        #expect(help.output.contains("meridian \(command)"))
    }

    @Test func latencyAnswers() async throws {
        let answer = try await meridian("latency", "us-east-1", "ap-northeast-1")
        #expect(answer.code == 0)
        #expect(answer.output.contains("152.4 ms"))
        let unknown = try await meridian("latency", "us-est-1", "ap-northeast-1")
        #expect(unknown.code == 64)
        #expect(unknown.errors.contains("us-east-1"))
    }

    @Test func regionsAreListed() async throws {
        let aws = try await meridian("regions", "--matrix", "aws")
        #expect(aws.output.contains("eu-central-1"))
        #expect(aws.output.split(separator: "\n").filter { $0.contains(" AWS ") }.count == 18)
        #expect(try await meridian("regions", "--matrix", "acme").code == 64)
    }

    @Test func strategiesAreListed() async throws {
        let all = try await meridian("strategies")
        for word in ["raft", "eventual", "election_timeout", "anti_entropy"] {
            #expect(all.output.contains(word), "\(word)")
        }
        #expect(!all.output.contains("TRANSITIONS"))
        let one = try await meridian("strategies", "raft")
        #expect(one.output.contains("candidate>leader"))
        #expect(try await meridian("strategies", "paxos").code == 64)
    }

    @Test(arguments: ["report", "replay", "trace", "shrink"])
    func whatIsNoRecordIsRefused(_ command: String) async throws {
        let folder = try TemporaryFolder()
        let end = try await meridian(command, folder.path)
        #expect(end.code == 65)
        #expect(end.errors.contains(folder.path))
    }

    @Test func anExistingRecordIsNotOverwritten() async throws {
        let folder = try TemporaryFolder()
        let scenario = try folder.write(RunTests.kill, as: "scenario.yaml")
        _ = try folder.write("{}", as: "run.json")
        let end = try await meridian("run", scenario, "--out", folder.path)
        #expect(end.code == 65)
        #expect(try String(contentsOfFile: folder.path + "/run.json", encoding: .utf8) == "{}")
    }
}
