import Foundation
import Testing

/// The command line: what it prints, and what it exits with.
struct CommandTests {
    @Test(arguments: [
        "run", "simulate", "compare", "sweep", "fuzz", "shrink", "trace", "verify", "validate",
        "report", "replay",
        "check", "export", "regions", "latency", "strategies",
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
        for word in [
            "raft", "eventual", "quorum", "write_back", "election_timeout", "anti_entropy",
        ] {
            #expect(all.output.contains(word), "\(word)")
        }
        #expect(!all.output.contains("TRANSITIONS"))
        let one = try await meridian("strategies", "raft")
        #expect(one.output.contains("candidate>leader"))
        #expect(try await meridian("strategies", "paxos").code == 64)
    }

    @Test func checksTellTheirVerdictByTheExitCode() async throws {
        let folder = try TemporaryFolder()
        let history = """
            {:process 0, :type :invoke, :f :write, :value 1}
            {:process 0, :type :ok, :f :write, :value 1}
            {:process 1, :type :invoke, :f :read, :value nil}
            {:process 1, :type :ok, :f :read, :value SEEN}
            """
        func check(_ text: String, _ arguments: String...) async throws -> (
            code: Int32, output: String, errors: String
        ) {
            let path = try folder.write(text, as: "history.edn")
            return await (try MeridianProcess(["check", path] + arguments, mark: "none")).finish()
        }
        let valid = history.replacing("SEEN", with: "1")
        let invalid = history.replacing("SEEN", with: "nil")
        #expect(try await check(valid, "--model", "register").code == 0)
        #expect(try await check(valid).code == 0)
        let violation = try await check(invalid, "--json")
        #expect(violation.code == 1)
        #expect(violation.output.contains("\"shown_by\":1"))
        #expect(try await check(invalid, "--model", "queue").code == 3)
        let unreadable = try await check(valid + "\n{:process", "--model", "register")
        #expect(unreadable.code == 65)
        #expect(unreadable.errors.contains("history.edn:5: column 10"))
        #expect(try await check(valid, "--model", "stack").code == 64)
        #expect(try await check("{:process 0 :type :invoke :f :read}").code == 64)
        #expect(try await check(invalid, "--delta", "1s").code == 0)
        let stale = try await check(invalid, "--versions", "0")
        #expect(stale.code == 1)
        #expect(stale.output.contains("bounded-staleness (versions: 0): INVALID"))
        #expect(try await check(valid, "--versions=-1").code == 64)
        #expect(try await check(valid, "--stable-latency", "1s").code == 3)
        let limited = try await check(valid, "--memory-limit", "1MB", "--json")
        #expect(limited.code == 3)
        #expect(limited.output.contains("memory limit"))
        #expect(try await meridian("check", folder.path + "/none").code == 65)
    }

    /// Twelve values come into a queue at once, in any of 479 million orders, and then the first
    /// leaves it twice.
    @Test func aCheckThatTakesTooLongSaysHowFarItIsAndGivesUp() async throws {
        let entering = (0..<12).map { "{:process \($0) :type :invoke :f :enqueue :value \($0)}" }
        let entered = (0..<12).map { "{:process \($0) :type :ok :f :enqueue :value \($0)}" }
        let leaving = [0, 0].flatMap { value in
            [
                "{:process 0 :type :invoke :f :dequeue :value nil}",
                "{:process 0 :type :ok :f :dequeue :value \(value)}",
            ]
        }
        let folder = try TemporaryFolder()
        let path = try folder.write(
            (entering + entered + leaving).joined(separator: "\n"), as: "history.edn")
        let end = try await meridian(
            "check", path, "--model", "queue", "--budget", "1000000000000", "--time-limit", "2s")
        #expect(end.code == 3)
        #expect(end.output.contains("time limit"))
        #expect(end.errors.contains("checking linearizable"))
    }

    @Test(arguments: ["report", "replay", "trace", "shrink", "check"])
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
