import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// What a report says of a core that had to get on.
@Suite struct LivenessTests {
    private func judged(
        _ outcome: LivenessOutcome?, isComplete: Bool = true
    ) throws -> Report {
        var run = try RunBuilder()
        var scenario = run.plan.scenario
        scenario.liveness = LivenessSpec(
            core: [0, 1].map { .region(RegionID(index: $0)) }, from: .seconds(30),
            within: .seconds(10))
        run.plan = try Plan(scenario)
        if let outcome { run.events.append(outcome.event) }
        run.isComplete = isComplete
        return run.judge()
    }

    private func outcome(_ missing: [String]) -> LivenessOutcome {
        LivenessOutcome(
            time: RunBuilder.at(41_000), core: ["a", "b"],
            served: missing.isEmpty ? .seconds(2) : nil, agreed: .milliseconds(20),
            missing: missing)
    }

    @Test func aCoreThatGotOnPasses() throws {
        let report = try judged(outcome([]))
        let finding = try #require(report.expectations.first)
        #expect(report.expectations.count == 1)
        #expect(finding.expect == "liveness: {within: 10s}")
        #expect(finding.held == true)
        #expect(finding.kind == .liveness)
        #expect(finding.measured == "a, b: served after 2000.0 ms, agreed after 20.0 ms")
        #expect(report.verdict == .pass)
        #expect(report.exitCode == .passed)
    }

    @Test func aCoreThatDidNotIsALivenessFailureThatNamesWhatWasMissing() throws {
        let report = try judged(outcome(["no read was answered", "nor was an update"]))
        #expect(report.expectations.map(\.held) == [false])
        #expect(report.expectations[0].measured == "no read was answered; nor was an update")
        #expect(report.exitCode == .livenessFailed)
    }

    @Test func aRunThatEndedBeforeIsUnknown() throws {
        #expect(try judged(nil).exitCode == .unknown)
        let report = try judged(outcome(["nothing"]), isComplete: false)
        #expect(report.expectations.map(\.held) == [nil])
        #expect(report.exitCode == .unknown)
    }

    @Test func eventsAreReadBackAsTheyWere() {
        for outcome in [outcome([]), outcome(["x"])] {
            #expect(LivenessOutcome(outcome.event) == outcome)
        }
        let began = LivenessBegan(time: .zero, core: ["a"], within: .seconds(3))
        #expect(LivenessBegan(began.event) == began)
        #expect(LivenessBegan(outcome([]).event) == nil)
    }
}
