import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// The figures of sessions, from records made by hand.
@Suite struct SessionFiguresTests {
    private static let member = MemberID(NodeID(region: RegionID(index: 0)))

    private func version(_ number: UInt64) -> Version {
        .causal(
            dot: Dot(member: Self.member, counter: number), context: VersionVector(),
            timestamp: .zero)
    }

    private func run(_ expect: [SessionExpectation] = []) throws -> RunBuilder {
        var run = try RunBuilder(
            dataTypes: [
                DataTypeSpec(
                    name: "session", replication: ReplicationSpec(strategy: "eventual"))
            ])
        var scenario = run.plan.scenario
        scenario.services.sessions = SessionsSpec(dataType: GroupID(index: 0))
        scenario.workload.mix = .operations([Share(.login, 1)], KeySpec())
        scenario.expectations = expect.map { .sessions($0) }
        run.plan = try Plan(scenario)
        return run
    }

    /// Adds a request at a time, in milliseconds, answered ten later.
    private func add(
        _ kind: OperationKind, _ key: String, at: Int, to run: inout RunBuilder,
        value: HistoryValue = .null, result: HistoryValue? = nil, version: Version? = nil,
        by node: String = "a", error: String? = nil
    ) {
        run.add(
            .service(kind.rawValue), value, key: key, at: at, error == nil ? .ok : .fail,
            version: version, error: error, dataType: "session")
        run.history[run.history.count - 1].result = result
        run.history[run.history.count - 1].servedBy = node
    }

    private func applied(_ number: Int, _ node: String, at: Int, to run: inout RunBuilder) {
        run.addEvent(
            RecordedEvent.Kind(rawValue: "session-state-applied"), at: at, node: node,
            group: "session", ["position": .text("|\(Self.member):\(number)")])
    }

    @Test func whereSessionsWereFound() throws {
        var run = try run([.hits(atLeast: 0.75), .hits(atLeast: 0.76)])
        for (index, source) in ["local", "local", "cache", "remote"].enumerated() {
            add(.validate, "1-1", at: index * 20, to: &run, result: .text(source))
        }
        add(.validate, "1-2", at: 100, to: &run, error: "unknown-session: no region knows it")
        for (outcome, took) in [("found", 80), ("unknown", 240), ("silent", 500)] {
            run.addEvent(
                RecordedEvent.Kind(rawValue: "session-looked-up"), at: 100, node: "b",
                group: "session",
                ["outcome": .text(outcome), "took": .integer(Int64(took) * 1_000_000)])
        }
        let report = run.judge()
        let figures = try #require(report.sessions)
        #expect([figures.local, figures.cached, figures.remote] == [2, 1, 1])
        #expect(figures.hitShare == 0.75)
        #expect(figures.rejections.map(\.reason) == ["unknown-session"])
        #expect(figures.lookups.count == 3 && figures.lookups.silent == 1)
        #expect([figures.lookups.p50, figures.lookups.max] == [80, 240])
        #expect(report.expectations.map(\.held) == [true, false])
        #expect(report.exitCode == .livenessFailed)
        #expect(try Report(decoding: report.encoded).encoded == report.encoded)
    }

    @Test func howLongUntilAllKnow() throws {
        var run = try run([
            .spread(percentile: 50, atMost: .milliseconds(40)),
            .spread(percentile: 50, atMost: .milliseconds(39)),
            .spread(percentile: 100, atMost: .seconds(3600)),
            .revocationSpread(percentile: 50, atMost: .seconds(1)),
        ])
        for number in 1...2 {
            add(.login, "1-\(number)", at: 0, to: &run, version: version(UInt64(number)))
        }
        applied(1, "a", at: 5, to: &run)
        applied(1, "b", at: 30, to: &run)
        applied(2, "b", at: 35, to: &run)
        applied(1, "c", at: 50, to: &run)
        // What is reached again after a restart was reached before.
        applied(1, "c", at: 900, to: &run)
        for number in 1...2 {
            run.addFinal(version(UInt64(number)), key: "s/1-\(number)", dataType: "session")
        }
        let report = run.judge()
        let figures = try #require(report.sessions)
        #expect(figures.spread.count == 1 && figures.spread.never == 1)
        #expect(figures.spread.max == 40)
        #expect(report.expectations.map(\.held) == [true, false, false, nil])
    }

    @Test func sessionsThatNoNodeHasAreLost() throws {
        var run = try run([.lost(atMost: 1), .lost(atMost: 0)])
        for number in 1...3 { add(.login, "1-\(number)", at: 0, to: &run) }
        run.addFinal(version(1), key: "s/1-1", nodes: ["c"], dataType: "session")
        run.addFinal(version(2), key: "s/1-2", dataType: "session")
        run.addFinal(version(3), key: "r/1-3", dataType: "session")
        let report = run.judge()
        #expect(report.sessions?.lost == 1)
        #expect(report.expectations.map(\.held) == [true, false])
        #expect(report.exitCode == .safetyFailed)
    }

    @Test func endedSessionsThatValidate() throws {
        var run = try run([.revokedValidations(atMost: 0), .revokedValidations(atMost: 1)])
        add(.logout, "1-1", at: 100, to: &run, version: version(4))
        applied(4, "b", at: 500, to: &run)
        // While the end is not acknowledged anything may be said.
        add(.validate, "1-1", at: 105, to: &run, result: .text("local"), by: "b")
        add(.validate, "1-1", at: 400, to: &run, result: .text("cache"), by: "b")
        add(.validate, "1-1", at: 499, to: &run, result: .text("cache"), by: "c")
        add(.validate, "1-1", at: 501, to: &run, result: .text("cache"), by: "c")
        #expect(run.judge().sessions?.revokedWindow == 3)
        #expect(run.judge().expectations[0].held == true)
        add(.validate, "1-1", at: 501, to: &run, result: .text("cache"), by: "b")
        let report = run.judge()
        #expect(report.sessions?.revokedReached == 1)
        #expect(report.expectations.map(\.held) == [false, true])
    }

    @Test func tokensThatAreOver() throws {
        var run = try run([.expiredValidations(atMost: 1), .expiredValidations(atMost: 2)])
        func milliseconds(_ count: Int64) -> HistoryValue { .integer(count * 1_000_000) }
        add(.validate, "1-1", at: 0, to: &run, value: milliseconds(-70), result: .text("local"))
        add(.refresh, "1-1", at: 0, to: &run, value: milliseconds(-50))
        add(.validate, "1-1", at: 0, to: &run, value: milliseconds(0), result: .text("local"))
        // Refused at 10: one token lasted longer, the other may have been over by then.
        add(.validate, "1-1", at: 0, to: &run, value: milliseconds(11), error: "token-expired: x")
        add(.validate, "1-1", at: 0, to: &run, value: milliseconds(9), error: "session-over: x")
        add(.validate, "1-1", at: 0, to: &run, value: milliseconds(99), error: "token-forged: x")
        let report = run.judge()
        let figures = try #require(report.sessions)
        #expect(figures.expiredValidated == 2 && figures.expiredLongest == 70)
        #expect(figures.expiredEarly == 1)
        #expect(report.expectations.map(\.held) == [false, true])
    }

    @Test func withoutSessionsNothingIsSaid() throws {
        let report = try RunBuilder().judge()
        #expect(report.sessions == nil)
        #expect(!String(decoding: report.encoded, as: UTF8.self).contains("\"sessions\""))
    }
}
