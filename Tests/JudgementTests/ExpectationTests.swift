import Consistency
import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

@Suite struct ExpectationTests {
    private func finding(
        _ expectation: Expectation, faults: [FaultSpec] = [], complete: Bool = true,
        _ build: (inout RunBuilder) -> Void
    ) throws -> ExpectationFinding {
        var run = try RunBuilder(faults: faults, expect: [expectation])
        run.isComplete = complete
        build(&run)
        return try #require(run.judge().expectations.first)
    }

    private func held(
        _ expectation: Expectation, faults: [FaultSpec] = [], complete: Bool = true,
        _ build: (inout RunBuilder) -> Void
    ) throws -> Bool? {
        try finding(expectation, faults: faults, complete: complete, build).held
    }

    // MARK: Consistency

    private let linearizable = Expectation.consistency(.linearizable, group: nil)

    private func staleRun(_ run: inout RunBuilder) {
        run.add(.write, .text("x"), at: 0, version: log(1, 1))
        run.add(.write, .text("y"), at: 100, version: log(1, 2))
        run.add(.read, .text("x"), at: 500, version: log(1, 1))
        run.addFinal(log(1, 2))
    }

    @Test func linearizability() throws {
        #expect(
            try held(linearizable) { run in
                run.add(.write, .text("x"), at: 0, version: log(1, 1))
                run.add(.read, .text("x"), at: 100, version: log(1, 1))
            } == true)
        #expect(try held(linearizable, staleRun) == false)
        #expect(try held(.not(linearizable), staleRun) == true)
        #expect(try held(linearizable) { _ in } == nil)
        let named = Expectation.consistency(.linearizable, group: GroupID(index: 0))
        #expect(try held(named, staleRun) == false)
        let finding = try finding(linearizable, staleRun)
        #expect(finding.kind == .safety)
        #expect(finding.expect == "linearizable")
        #expect(
            finding.measured.hasPrefix("3 operations, violations on 1 key: key k held one value"))
    }

    @Test func aCheckThatGaveUpIsUnknown() throws {
        var run = try RunBuilder(
            expect: [linearizable, .not(linearizable)],
            dataTypes: [DataTypeSpec(name: "default", value: .counter)])
        for index in 0..<14 { run.add(.increment, .integer(1 << Int64(index)), at: 0) }
        run.add(.read, .integer(-1), at: 0)
        let report = Judge.judge(
            run.record, plan: run.plan, budget: CheckBudget(statesMax: 1000))
        #expect(report.expectations.map(\.held) == [nil, nil])
        #expect(report.verdict == .unknown)
        #expect(report.exitCode == .unknown)
    }

    /// Of a run in which a client read what it had overwritten, each operation in a process of its
    /// own: models of clients and of real time forbid it, those of processes do not, and
    /// transactions and elements there were none.
    @Test func everyModelHasAChecker() throws {
        for model in ConsistencyModel.allCases {
            let expected: Bool? =
                model.isOfTransactions || model == .setFull
                ? nil : model != .linearizable && model != .readYourWrites
            #expect(
                try held(.consistency(model, group: nil), staleRun) == expected, "\(model)")
        }
    }

    // MARK: Loss and staleness

    @Test func lostUpdates() throws {
        let expectation = Expectation.lostUpdates(atMost: 0)
        #expect(try held(expectation, staleRun) == true)
        let loss = try finding(expectation) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 1))
        }
        #expect(loss.held == false)
        #expect(loss.measured == "1 acknowledged write lost")
        #expect(
            try held(.not(expectation)) { run in
                run.add(.write, .text("x"), at: 0, version: log(1, 1))
            } == true)
    }

    @Test func staleReads() throws {
        #expect(try held(.staleReads(atMost: 0.5), staleRun) == false)
        #expect(try held(.staleReads(atMost: 1), staleRun) == true)
        #expect(try held(.staleReads(atMost: 1)) { _ in } == nil)
        #expect(try held(.staleness(percentile: 99, atMost: .milliseconds(390)), staleRun) == true)
        #expect(try held(.staleness(percentile: 99, atMost: .milliseconds(389)), staleRun) == false)
        #expect(try held(.staleness(percentile: 99, atMost: .zero)) { _ in } == nil)
    }

    // MARK: Availability

    @Test func availability() throws {
        func expectation(_ share: Double, _ filter: OperationFilter = OperationFilter())
            -> Expectation
        {
            .availability(atLeast: share, filter)
        }
        func mixed(_ ok: Int, _ bad: Int) -> (inout RunBuilder) -> Void {
            { run in
                run.addReads(from: 0, to: ok * 10)
                run.addReads(from: ok * 10, to: (ok + bad) * 10, .info, region: "b")
            }
        }
        #expect(try held(expectation(0.9), mixed(90, 10)) == true)
        #expect(try held(expectation(0.9), mixed(89, 11)) == false)
        #expect(try held(expectation(0.9)) { _ in } == nil)
        // A thousandth cannot be told from less than a thousand operations, but a tenth is too much.
        #expect(try held(expectation(0.999), mixed(999, 0)) == nil)
        #expect(try held(expectation(0.999), mixed(1000, 0)) == true)
        #expect(try held(expectation(0.999), mixed(500, 1)) == nil)
        #expect(try held(expectation(0.999), mixed(500, 50)) == false)
        #expect(try held(expectation(1), mixed(9, 0)) == nil)
        #expect(try held(expectation(1), mixed(10, 0)) == true)
        #expect(try held(expectation(1), mixed(9, 1)) == false)
        let second = OperationFilter(region: RegionID(index: 1))
        #expect(try held(expectation(0.5, second), mixed(90, 10)) == false)
        let third = OperationFilter(region: RegionID(index: 2))
        #expect(try held(expectation(0.5, third), mixed(90, 10)) == nil)
        let writes = OperationFilter(operation: .write)
        #expect(try held(expectation(0.5, writes), mixed(90, 10)) == nil)
    }

    @Test func availabilityInAPhase() throws {
        func expectation(_ phase: Phase, _ fault: FaultReference? = nil) -> Expectation {
            .availability(atLeast: 0.9, OperationFilter(phase: phase, fault: fault))
        }
        func build(_ run: inout RunBuilder) {
            run.addFault(from: 10_000, to: 20_000)
            run.addReads(from: 0, to: 10_000)
            run.addReads(from: 10_000, to: 20_000, .info)
            run.addReads(from: 20_000, to: 40_000)
        }
        let faults = [kill(at: 10, for: 10)]
        #expect(try held(expectation(.before), faults: faults, build) == true)
        #expect(try held(expectation(.during), faults: faults, build) == false)
        #expect(try held(expectation(.after), faults: faults, build) == true)
        let first = FaultReference(number: 1)
        #expect(try held(expectation(.during, first), faults: faults, build) == false)
        // It was back at once: nothing was tried in between.
        let recovery = try finding(expectation(.recovery), faults: faults, build)
        #expect(recovery.held == nil)
        #expect(recovery.measured == "nothing was tried")
    }

    // MARK: Latency

    @Test func latency() throws {
        func expectation(_ percentile: Double, _ milliseconds: Int) -> Expectation {
            .latency(
                percentile: percentile, atMost: .milliseconds(milliseconds), OperationFilter())
        }
        func ramp(_ run: inout RunBuilder) {
            for index in 0..<100 { run.add(.read, at: index, taking: index + 1) }
        }
        #expect(try held(expectation(99, 99), ramp) == true)
        #expect(try held(expectation(99, 98), ramp) == false)
        #expect(try held(expectation(50, 50), ramp) == true)
        #expect(try held(expectation(99.9, 100), ramp) == nil)
        #expect(try held(expectation(99.9, 50), ramp) == false)
        #expect(try held(expectation(50, 50)) { _ in } == nil)
        let disturbed = try finding(expectation(50, 10)) { run in
            ramp(&run)
            run.events.append(
                HarnessLag(
                    time: RunBuilder.at(0), lag: MillisecondQuantiles(p50: 1, p99: 20.5, max: 30)
                ).event)
        }
        #expect(disturbed.held == nil)
        #expect(disturbed.measured.contains("the harness ran 20.5 ms late"))
        #expect(
            try held(expectation(50, 100)) { run in
                ramp(&run)
                run.events.append(
                    NetworkTotals(
                        time: RunBuilder.at(0), messages: 1, bytes: 1, crossRegionBytes: 1,
                        delayError: MillisecondQuantiles(p50: 1, p99: 21, max: 30)
                    ).event)
            } == nil)
    }

    // MARK: Convergence and failover

    @Test func convergence() throws {
        func end(_ converged: Bool, _ milliseconds: Int) -> (inout RunBuilder) -> Void {
            { run in
                run.events.append(
                    Convergence(
                        time: RunBuilder.at(45_000), converged: converged,
                        after: .milliseconds(milliseconds),
                        digests: [.init(group: "default", node: "a", digest: "ff")]
                    ).event)
            }
        }
        let expectation = Expectation.converged(within: .seconds(5), fault: nil)
        #expect(try held(expectation, end(true, 5000)) == true)
        #expect(try held(expectation, end(true, 5001)) == false)
        #expect(try held(expectation, end(false, 100)) == false)
        #expect(try held(.not(expectation), end(false, 100)) == true)
        #expect(try held(expectation) { _ in } == nil)
    }

    @Test func convergenceAfterAFault() throws {
        let expectation = Expectation.converged(
            within: .seconds(5), fault: FaultReference(number: 1))
        let faults = [kill(at: 10, for: 10)]
        #expect(
            try held(expectation, faults: faults) {
                $0.addFault(from: 10_000, to: 20_000, converged: 450)
            } == true)
        #expect(
            try held(expectation, faults: faults) {
                $0.addFault(from: 10_000, to: 20_000, converged: 6000)
            } == false)
        #expect(
            try held(expectation, faults: faults) { $0.addFault(from: 10_000, to: 20_000) } == false
        )
        #expect(try held(expectation, faults: faults) { $0.addFault(from: 10_000, to: nil) } == nil)
        #expect(try held(expectation, faults: faults) { _ in } == nil)
    }

    @Test func failover() throws {
        let expectation = Expectation.failover(within: .seconds(3))
        let faults = [kill(at: 10, for: 10)]
        func build(elected: Int?, served: Int) -> (inout RunBuilder) -> Void {
            { run in
                run.addFault(from: 10_000, to: 20_000, leaders: ["default"])
                if let elected { run.addEvent(.leaderElected, at: elected, node: "b") }
                run.addReads(from: 0, to: 10_000)
                run.addReads(from: 10_000, to: served, .info)
                run.addReads(from: served, to: 40_000)
            }
        }
        #expect(
            try held(expectation, faults: faults, build(elected: 12_000, served: 12_500)) == true)
        #expect(
            try held(expectation, faults: faults, build(elected: 12_000, served: 13_500)) == false)
        #expect(
            try held(expectation, faults: faults, build(elected: 13_500, served: 12_000)) == false)
        // No election: there was no leader until the heal.
        #expect(try held(expectation, faults: faults, build(elected: nil, served: 10_000)) == false)
        #expect(
            try held(expectation, faults: faults, build(elected: 12_000, served: 40_000)) == false)
        #expect(
            try held(expectation, faults: faults) { $0.addFault(from: 10_000, to: 20_000) } == nil)
        #expect(
            try held(expectation, faults: faults) { run in
                run.addFault(from: 10_000, to: 20_000, homes: ["a"])
                run.addReads(from: 0, to: 10_000)
                run.addReads(from: 10_000, to: 11_000, .info)
                run.addReads(from: 11_000, to: 40_000)
            } == true)
    }

    // MARK: Runs that did not end

    @Test func aRunThatDidNotEndHasFailedOnlyInSafety() throws {
        #expect(try held(linearizable, complete: false, staleRun) == false)
        #expect(try held(.not(linearizable), complete: false, staleRun) == true)
        #expect(
            try held(linearizable, complete: false) { $0.add(.read, at: 0) } == nil)
        let availability = Expectation.availability(atLeast: 0.9, OperationFilter())
        #expect(
            try held(availability, complete: false) { $0.addReads(from: 0, to: 1000, .info) } == nil
        )
        #expect(try held(availability, complete: false) { $0.addReads(from: 0, to: 1000) } == nil)
    }

    @Test func expectationsReadAsInTheFile() throws {
        let cases: [(Expectation, String)] = [
            (.converged(within: .seconds(5), fault: nil), "converged: {within: 5s}"),
            (
                .converged(within: .seconds(5), fault: FaultReference(number: 2)),
                "converged: {within: 5s, fault: f2}"
            ),
            (
                .availability(
                    atLeast: 0.999,
                    OperationFilter(
                        region: RegionID(index: 1), operation: .write, phase: .during,
                        fault: FaultReference(number: 1))),
                "availability: {at_least: 99.9%, region: b, operation: write, phase: during, "
                    + "fault: f1}"
            ),
            (
                .latency(percentile: 99.9, atMost: .milliseconds(120), OperationFilter()),
                "latency: {percentile: 99.9, at_most: 120ms}"
            ),
            (.failover(within: .seconds(30)), "failover: {within: 30s}"),
            (.lostUpdates(atMost: 0), "lost_updates: 0"),
            (.staleReads(atMost: 0.01), "stale_reads: {at_most: 1%}"),
            (
                .staleness(percentile: 99, atMost: .milliseconds(500)),
                "staleness: {percentile: 99, at_most: 500ms}"
            ),
            (
                .consistency(.linearizable, group: GroupID(index: 0)),
                "linearizable: {data_type: default}"
            ),
            (.not(linearizable), "not: linearizable"),
            (.not(.lostUpdates(atMost: 0)), "not: {lost_updates: 0}"),
        ]
        for (expectation, text) in cases {
            #expect(try finding(expectation) { _ in }.expect == text)
        }
    }
}
