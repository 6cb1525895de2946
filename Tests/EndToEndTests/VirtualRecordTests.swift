import Foundation
import Testing

/// `replay`, `trace` and `shrink` from the command line, on records of virtual time.
struct VirtualRecordTests {
    private func scenario(reads: String) -> String {
        """
        name: reads
        duration: 4s
        topology: {regions: [us-east-1, eu-central-1]}
        replication: {strategy: raft, reads: \(reads)}
        workload: {clients: 3, rate: 100/s, keys: {count: 1}, operations: {read: 50%, write: 50%}}
        faults:
          - {at: 1s, isolate: us-east-1, for: 1s}
        expect: [linearizable]
        """
    }

    @Test func aReplayIsTheSameToTheByte() async throws {
        let folder = try TemporaryFolder()
        let storm = """
            name: storm
            duration: 6s
            topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
            replication: {strategy: raft}
            workload: {clients: 2, rate: 20/s}
            faults:
              - at: 1s
                random: {faults: [partition, kill, pause, clock], every: 500ms, for: 200ms..2s}
                for: 4s
            expect: [linearizable]
            """
        let file = try folder.write(storm, as: "storm.yaml")
        let first = folder.path + "/first"
        let second = folder.path + "/second"
        let run = try await meridian("simulate", file, "--seed", "5", "--out", first)
        #expect(run.code == 0, "\(run.errors)\(run.output)")
        let replay = try await meridian("replay", first, "--out", second)
        #expect(replay.code == 0, "\(replay.errors)\(replay.output)")
        let names = try FileManager.default.contentsOfDirectory(atPath: first)
        #expect(names.contains("history.jsonl"))
        #expect(Set(names) == Set(try FileManager.default.contentsOfDirectory(atPath: second)))
        for name in names where name != "run.json" {
            let files = [first, second].map {
                FileManager.default.contents(atPath: "\($0)/\(name)")
            }
            #expect(files[0] == files[1], "\(name)")
        }
        let refused = try await meridian("replay", first, "--keep-data")
        #expect(refused.code == 64)
        #expect(refused.errors.contains("--keep-data is for runs with processes"))
    }

    @Test func aFailingRunIsShrunkToAScenarioThatFailsAlike() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(scenario(reads: "local"), as: "scenario.yaml")
        let record = folder.path + "/record"
        let smallest = folder.path + "/smallest.yaml"
        #expect(try await meridian("simulate", file, "--out", record).code == 1)
        let shrunk = try await meridian("shrink", record, "--budget", "40", "--out", smallest)
        #expect(shrunk.code == 0, "\(shrunk.errors)")
        #expect(shrunk.output.contains("still fails: safety: linearizable"))
        #expect(shrunk.errors.contains("run 2 of at most 40"))
        let text = try String(contentsOfFile: smallest, encoding: .utf8)
        #expect(text.hasPrefix("# What fails, under seed "))
        #expect(text.contains("meridian simulate \(smallest)"))
        #expect(!text.contains("isolate"))
        #expect(try await meridian("validate", smallest).code == 0)
        let again = folder.path + "/again"
        #expect(try await meridian("simulate", smallest, "--out", again).code == 1)
        let unchanged = try await meridian("shrink", again, "--budget", "1")
        #expect(unchanged.code == 0)
        #expect(unchanged.errors.contains("nothing smaller was found (1 run"))
    }

    @Test func aRunThatDidNotFailIsRefused() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(scenario(reads: "read-index"), as: "scenario.yaml")
        let record = folder.path + "/record"
        #expect(try await meridian("simulate", file, "--out", record).code == 0)
        let refused = try await meridian("shrink", record)
        #expect(refused.code == 3)
        #expect(refused.errors.contains("the recorded run did not fail"))
    }

    @Test func aRecordThatNoLongerFailsIsRefused() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(scenario(reads: "local"), as: "scenario.yaml")
        let record = folder.path + "/record"
        #expect(try await meridian("simulate", file, "--out", record).code == 1)
        // As if the program had been mended since.
        let plan = record + "/plan.yaml"
        let text = try String(contentsOfFile: plan, encoding: .utf8)
        try text.split(separator: "reads: local").joined(separator: "reads: read-index")
            .write(toFile: plan, atomically: true, encoding: .utf8)
        let refused = try await meridian("shrink", record)
        #expect(refused.code == 3)
        #expect(refused.errors.contains("does not fail like that in virtual time any more"))
    }

    @Test func aTraceIsWrittenReadAndDrawn() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(scenario(reads: "read-index"), as: "scenario.yaml")
        let traced = folder.path + "/traced"
        let plain = folder.path + "/plain"
        _ = try await meridian("simulate", file, "--trace", "--out", traced)
        _ = try await meridian("simulate", file, "--out", plain)
        let first = try String(contentsOfFile: traced + "/trace.jsonl", encoding: .utf8)
        let made = try await meridian("trace", plain, "--json")
        #expect(made.code == 0)
        let second = try String(contentsOfFile: plain + "/trace.jsonl", encoding: .utf8)
        #expect(first == second)
        #expect(second == "{\"schema\":\"meridian.trace/1\"}\n" + made.output)
        let picture = folder.path + "/trace.svg"
        let drawn = try await meridian(
            "trace", traced, "--from", "1s", "--until", "2s", "--no-keep-alives", "--node",
            "us-east-1", "--svg", picture)
        #expect(drawn.code == 0)
        let svg = try String(contentsOfFile: picture, encoding: .utf8)
        #expect(svg.contains("f1 isolate"))
        let text = try await meridian("trace", traced, "--from", "900ms", "--until", "1100ms")
        #expect(text.output.contains("── fault f1 strikes: isolate us-east-1"))
        let unknown = try await meridian("trace", traced, "--node", "mars")
        #expect(unknown.code == 64)
        #expect(unknown.errors.contains("clients of us-east-1"))
    }
}
