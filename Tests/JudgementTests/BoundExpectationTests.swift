import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// Expectations about how far a history is from a model, and about probes.
@Suite struct BoundExpectationTests {
    private func judged(
        _ expectations: [Expectation], dataTypes: [DataTypeSpec] = [],
        probes: ProbeSpec? = nil, _ build: (inout RunBuilder) -> Void
    ) throws -> Report {
        var run = try RunBuilder(expect: expectations, dataTypes: dataTypes)
        if let probes {
            var scenario = run.plan.scenario
            scenario.workload.probes = probes
            run.plan = try Plan(scenario)
        }
        build(&run)
        return run.judge()
    }

    private func stale(_ run: inout RunBuilder) {
        run.add(.write, .text("x"), at: 0)
        run.add(.write, .text("y"), at: 100)
        run.add(.read, .text("x"), at: 500)
    }

    @Test func stalenessAndDistanceAreBounded() throws {
        let group = GroupID(index: 0)
        let report = try judged([
            .bounded(.staleness(age: .milliseconds(390), versions: 1), group: nil),
            .bounded(.staleness(age: .milliseconds(389), versions: nil), group: group),
            .bounded(.staleness(age: nil, versions: 0), group: nil),
            .not(.bounded(.delta(atMost: .milliseconds(100)), group: nil)),
            .bounded(.delta(atMost: .milliseconds(500)), group: nil),
            .bounded(.stableLatency(percentile: 99, atMost: .seconds(1)), group: nil),
        ]) { stale(&$0) }
        #expect(report.expectations.map(\.held) == [true, false, false, true, true, nil])
        #expect(report.expectations.allSatisfy { $0.kind == .safety })
        #expect(
            report.expectations[0].measured
                == "3 operations, 1 of 1 reads stale, the oldest by 390.0 ms, the furthest by 1 "
                + "versions")
        #expect(
            report.expectations[5].measured
                == "3 operations, stable-latency is checked of sets and lists, and these are "
                + "cas-register")
        #expect(try Report(decoding: report.encoded).encoded == report.encoded)
        #expect(report.consistency.models.map(\.name).contains("delta-atomicity"))
    }

    @Test func elementsOfListsAreFollowed() throws {
        let lists = [DataTypeSpec(name: "default", value: .list)]
        let expectations: [Expectation] = [
            .consistency(.setFull, group: nil),
            .bounded(.stableLatency(percentile: 50, atMost: .milliseconds(100)), group: nil),
        ]
        let late = try judged(expectations, dataTypes: lists) { run in
            run.add(.append, .text("a"), at: 0)
            run.add(.read, .list([]), at: 200)
            run.add(.read, .list([.text("a")]), at: 300)
        }
        #expect(late.expectations.map(\.held) == [true, false])
        let lost = try judged(expectations, dataTypes: lists) { run in
            run.add(.append, .text("a"), at: 0)
            run.add(.read, .list([.text("a")]), at: 200)
            run.add(.read, .list([]), at: 300)
        }
        #expect(lost.expectations[0].held == false)
    }

    @Test func probesAreCountedByRegionAndTime() throws {
        let probes = ProbeSpec(rate: 1, after: [.zero, .milliseconds(100)])
        let report = try judged(
            [
                .visibility(after: .milliseconds(100), atLeast: 0.8, region: nil),
                .visibility(after: .milliseconds(100), atLeast: 0.99, region: nil),
                .visibility(after: .zero, atLeast: 0.5, region: nil),
            ], probes: probes
        ) { run in
            for number in 0..<40 {
                let key = "probe.\(number)"
                let isLate = number % 2 == 1
                run.add(.write, .text("v\(number)"), key: key, at: number * 500)
                run.add(
                    .read, isLate && number != 5 ? .text("v\(number)") : .null, key: key,
                    at: number * 500 + 10 + (isLate ? 100 : 0), region: "b")
            }
            // What is no probe does not count.
            run.add(.read, .null, at: 30_000)
        }
        #expect(report.expectations.map(\.held) == [true, nil, false])
        #expect(
            report.expectations[0].measured
                == "19 of 20 probes seen after 100ms, 95% (95 % sure: 76.3869% to 99.1119%)")
        let rows = report.consistency.visibility
        #expect(rows.map(\.region) == [nil, nil, "b", "b"])
        #expect(rows.map(\.reads) == [20, 20, 20, 20])
        #expect(rows.map(\.seen) == [0, 19, 0, 19])
        #expect(try Report(decoding: report.encoded).consistency.visibility == rows)
    }

    /// Wilson's interval, beside figures worked out by other means.
    @Test(arguments: [(8, 10, 0.49016, 0.94331), (0, 10, 0, 0.27754), (50, 100, 0.40383, 0.59617)])
    func intervals(seen: Int, reads: Int, low: Double, high: Double) {
        let row = ConsistencyFigures.VisibilityRow(
            region: nil, after: 0, reads: reads, seen: seen)
        #expect(abs(row.interval.lowerBound - low) < 0.0001)
        #expect(abs(row.interval.upperBound - high) < 0.0001)
    }
}
