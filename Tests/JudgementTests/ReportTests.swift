import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

@Suite struct ReportTests {
    private func run() throws -> RunBuilder {
        var run = try RunBuilder(
            faults: [kill(at: 10, for: 10)],
            expect: [
                .consistency(.linearizable, group: nil), .lostUpdates(atMost: 0),
                .availability(atLeast: 0.5, OperationFilter()),
            ])
        run.addFault(
            from: 10_000, to: 20_000, leaders: ["default"], homes: ["a"], converged: 450)
        run.addEvent(.leaderLost, at: 11_500, node: "b", ["leader": .text("a")])
        run.addEvent(.leaderElected, at: 12_100, node: "b")
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 12_300, .info)
        run.addReads(from: 12_300, to: 40_000)
        run.add(.write, .text("x"), at: 30_000, version: log(2, 4))
        run.addFinal(log(2, 4))
        run.events.append(
            Convergence(
                time: RunBuilder.at(40_450), converged: true, after: .milliseconds(450),
                digests: RunBuilder.regions.map { .init(group: "default", node: $0, digest: "ff") }
            ).event)
        run.events.append(
            NetworkTotals(
                time: RunBuilder.at(40_500), messages: 8000, bytes: 900_000,
                crossRegionBytes: 800_000,
                delayError: MillisecondQuantiles(p50: 0.1, p99: 0.4, max: 3)
            ).event)
        run.events.append(
            HarnessLag(
                time: RunBuilder.at(40_500), lag: MillisecondQuantiles(p50: 0.1, p99: 1.2, max: 4)
            ).event)
        return run
    }

    @Test func everyKeyOfTheFormatIsThere() throws {
        let json = try run().judge().json
        let names = try #require(json.members).map(\.name)
        for name in [
            "schema", "scenario", "engine", "seed", "verdict", "complete", "duration_ms",
            "wall_ms", "harness_lag_ms", "operations", "availability", "latency_ms", "network",
            "faults", "consistency", "convergence", "expectations", "performance",
        ] { #expect(names.contains(name), "\(name)") }
        #expect(json["schema"] == .text("meridian.report/1"))
        #expect(json["engine"] == .text("processes"))
        #expect(json["seed"] == .integer(7))
        #expect(json["verdict"] == .text("pass"))
        #expect(json["duration_ms"]?.double == 40_000)
        #expect(json["harness_lag_ms"]?["p99"]?.double == 1.2)
        #expect(json["network"]?["messages_per_operation"]?.double == 2)
        #expect(json["network"]?["delay_error_ms"]?["p99"]?.double == 0.4)
        #expect(json["operations"]?["planned"] == .integer(4001))
        let first = try #require(json["availability"]?.elements?.first)
        #expect(first["region"] == .text("all"))
        #expect(first["operation"] == .text("all"))
        #expect(first["phase"] == .text("all"))
        #expect(first["fault"] == .null)
        #expect(first["share"]?.double == 0.942514)
        let latency = try #require(json["latency_ms"]?.elements?.first?.members).map(\.name)
        #expect(
            latency == [
                "region", "operation", "phase", "fault", "count", "mean", "p50", "p95", "p99",
                "p999", "max",
            ])
        let fault = try #require(json["faults"]?.elements?.first)
        #expect(fault["id"] == .text("f1"))
        #expect(fault["kind"] == .text("kill"))
        #expect(fault["targets"] == .texts(["a"]))
        #expect(fault["start_ms"]?.double == 10_000)
        #expect(fault["end_ms"]?.double == 20_000)
        #expect(fault["had_effect"] == .flag(true))
        #expect(fault["evidence"]?["killed"] == .integer(1))
        #expect(fault["detected_ms"]?.double == 1500)
        #expect(fault["failed_over_ms"]?.double == 2100)
        #expect(fault["recovered_ms"]?.double == 2300)
        #expect(fault["converged_ms"]?.double == 450)
        #expect(fault["acknowledged_writes_lost"] == .integer(0))
        #expect(fault["oldest_lost_ms"] == .null)
        let consistency = try #require(json["consistency"])
        #expect(consistency["linearizable"]?["verdict"] == .text("valid"))
        #expect(consistency["linearizable"]?["checked"] == .integer(4001))
        #expect(consistency["linearizable"]?["violations"] == .list([]))
        #expect(consistency["staleness_ms"]?["stale_reads"] == .integer(0))
        #expect(consistency["lost_updates"] == .integer(0))
        #expect(consistency["conflicts"]?["discarded_concurrent"] == .integer(0))
        #expect(json["convergence"]?["digests"]?["b"] == .text("ff"))
        let expectation = try #require(json["expectations"]?.elements?.first)
        #expect(expectation["expect"] == .text("linearizable"))
        #expect(expectation["held"] == .flag(true))
        #expect(expectation["kind"] == .text("safety"))
        #expect(expectation["measured"] == .text("4001 operations, no violation"))
        #expect(json["performance"]?["messages_per_second"] == .null)
    }

    @Test func theDigestNamesThePlan() throws {
        let digest = try run().judge().scenario.digest
        #expect(digest == "sha256:" + SHA256.hexadecimal(Array("name: hand-made\n".utf8)))
    }

    @Test func aReportReadsBack() throws {
        var run = try run()
        run.add(.read, .text("nobody wrote this"), at: 39_000)
        let report = run.judge()
        let read = try Report(decoding: report.encoded)
        #expect(read.json == report.json)
        #expect(read.exitCode == report.exitCode)
        #expect(report.verdict == .fail)
    }

    @Test func theSameRecordGivesTheSameBytes() throws {
        let run = try run()
        #expect(run.judge().encoded == run.judge().encoded)
    }

    @Test(arguments: [
        ("{}", "\"schema\" is missing"), ("{", "expected"),
        ("{\"schema\":\"meridian.report/2\"}", "its schema is \"meridian.report/2\""),
        ("{\"schema\":\"meridian.report/1\",\"scenario\":{}}", "\"operations\" is missing"),
    ])
    func whatIsNoReportIsRefused(text: String, reason: String) {
        let error = #expect(throws: MalformedReport.self) {
            try Report(decoding: Array(text.utf8))
        }
        #expect(error?.description.hasPrefix("report.json: \(reason)") == true)
    }

    // MARK: Verdicts

    @Test func aFaultThatDidNotBiteMakesTheVerdictUnknown() throws {
        for mustBite in [true, false] {
            for hadEffect in [true, false, nil] {
                var run = try RunBuilder(faults: [kill(at: 10, for: 10, mustBite: mustBite)])
                run.addFault(from: 10_000, to: 20_000, hadEffect: hadEffect)
                let report = run.judge()
                let isUnknown = mustBite && hadEffect != true
                #expect(report.verdict == (isUnknown ? .unknown : .pass))
                #expect(report.exitCode == (isUnknown ? .unknown : .passed))
                #expect(report.remarks.isEmpty == (hadEffect == true))
            }
        }
    }

    @Test func aFaultThatDidNotStrikeIsNamed() throws {
        let report = try RunBuilder(faults: [kill(at: 10, for: 10)]).judge()
        #expect(report.verdict == .unknown)
        #expect(report.remarks == ["fault f1 (kill) did not strike"])
        #expect(report.faults.first?.start == nil)
    }

    @Test func aViolationOutweighsWhatIsUnknown() throws {
        var run = try RunBuilder(
            faults: [kill(at: 10, for: 10)],
            expect: [
                .availability(atLeast: 0.9, OperationFilter()),
                .consistency(.linearizable, group: nil),
                .latency(percentile: 99, atMost: .seconds(1), OperationFilter()),
            ])
        run.add(.read, .text("nobody wrote this"), at: 0)
        let report = run.judge()
        #expect(report.expectations.map(\.held) == [nil, false, nil])
        #expect(report.verdict == .fail)
        #expect(report.exitCode == .safetyFailed)
    }

    @Test func exitCodesComeInOrder() throws {
        var run = try RunBuilder(
            expect: [
                .availability(atLeast: 0.9, OperationFilter()), .failover(within: .seconds(1)),
            ])
        run.addReads(from: 0, to: 1000, .info)
        let report = run.judge()
        #expect(report.expectations.map(\.held) == [false, nil])
        #expect(report.exitCode == .livenessFailed)
        #expect(ExitCode.combined([.passed, .unknown, .livenessFailed]) == .livenessFailed)
        #expect(ExitCode.combined([.unknown, .safetyFailed, .livenessFailed]) == .safetyFailed)
        #expect(ExitCode.combined([.unknown, .passed]) == .unknown)
        #expect(ExitCode.combined([.passed]) == .passed)
        #expect(ExitCode.combined([]) == .passed)
    }

    @Test func anIncompleteRunIsUnknown() throws {
        var run = try RunBuilder()
        run.isComplete = false
        var record = run.record
        record.run.failure = "interrupted"
        record.truncated = ["history.jsonl"]
        let report = Judge.judge(record, plan: run.plan)
        #expect(report.verdict == .unknown)
        #expect(!report.isComplete)
        #expect(
            report.remarks == [
                "the run did not come to its end: interrupted",
                "the last line of history.jsonl was cut off and left out",
            ])
    }

    // MARK: Faults

    @Test func onlyWhatConcernsAFaultDetectsIt() throws {
        func detected(_ kind: RecordedEvent.Kind, node: String, peer: String? = nil) throws
            -> Double?
        {
            var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
            run.addFault(from: 10_000, to: 20_000)
            run.addEvent(
                kind, at: 9000, node: "a", ["peer": .text("b"), "leader": .text("a")])
            run.addEvent(
                kind, at: 11_000, node: node,
                peer.map { ["peer": .text($0), "leader": .text($0)] } ?? [:])
            return run.judge().faults.first?.detected
        }
        #expect(try detected(.connectionLost, node: "b", peer: "a") == 1000)
        #expect(try detected(.connectionLost, node: "b", peer: "c") == nil)
        #expect(try detected(.leaderLost, node: "b", peer: "a#1") == 1000)
        #expect(try detected(.electionStarted, node: "b") == nil)
        #expect(try detected(.leaderSteppedDown, node: "a") == 1000)
        #expect(try detected(.processReady, node: "a") == nil)
    }

    @Test func failoverWaitsForTheLastGroup() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
        run.addFault(from: 10_000, to: 20_000, leaders: ["x", "y"])
        run.addEvent(.leaderElected, at: 9000, node: "a", group: "y")
        run.addEvent(.leaderElected, at: 11_000, node: "b", group: "x")
        run.addEvent(.leaderObserved, at: 11_500, node: "a", group: "y")
        #expect(run.judge().faults.first?.failedOver == nil)
        run.addEvent(.leaderObserved, at: 12_000, node: "c", group: "y")
        #expect(run.judge().faults.first?.failedOver == 2000)
    }
}
