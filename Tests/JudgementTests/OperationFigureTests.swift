import Determinism
import Judgement
import Recording
import Scenarios
import Testing

@Suite struct OperationFigureTests {
    private func share(_ report: Report, _ scope: RowScope) -> Double? {
        report.availability.first { $0.scope == scope }?.share
    }

    @Test func aRunInWhichNothingWasTried() throws {
        let report = try RunBuilder().judge()
        #expect(report.operations.planned == 0)
        #expect(report.availability.map(\.scope) == [RowScope()])
        #expect(report.availability.first?.share == 0)
        #expect(report.latency.isEmpty)
        #expect(report.verdict == .pass)
    }

    @Test func definiteNegativesAreAnswersAndTheRestIsNot() throws {
        var run = try RunBuilder()
        run.add(.read, at: 0)
        run.add(.cas, .pair(from: "x", to: "y"), at: 10, .fail, error: "mismatch: held nothing")
        run.add(.write, .text("a"), at: 20, .fail, error: "no-leader: none known")
        run.add(.write, .text("b"), at: 30, .info, error: "timeout: no answer within 2s")
        run.add(.write, .text("c"), at: 40, .fail, error: "not-sent: too much open", sent: false)
        let report = run.judge()
        let counts = report.operations
        #expect(
            [counts.planned, counts.invoked, counts.ok, counts.fail, counts.info] == [
                5, 4, 1, 3, 1,
            ])
        #expect(share(report, RowScope()) == 0.4)
        #expect(share(report, RowScope(operation: "read")) == 1)
        #expect(share(report, RowScope(operation: "write")) == 0)
        #expect(share(report, RowScope(operation: "cas")) == 1)
        #expect(share(report, RowScope(region: "a")) == 0.4)
        #expect(share(report, RowScope(region: "b")) == nil)
        #expect(report.latency.first { $0.scope == RowScope() }?.count == 2)
    }

    @Test func latencyCountsFromThePlannedStart() throws {
        var run = try RunBuilder()
        for index in 0..<100 {
            run.add(.read, at: index * 10, taking: index + 1)
            run.history[index].invoked = RunBuilder.at(index * 10 + 1)
        }
        let row = try #require(run.judge().latency.first { $0.scope == RowScope() })
        #expect(row.count == 100)
        #expect(row.mean == 50.5)
        #expect(abs(row.p50 - 50) < 0.1)
        #expect(abs(row.p95 - 95) < 0.1)
        #expect(abs(row.p99 - 99) < 0.1)
        #expect(row.p999 == 100)
        #expect(row.max == 100)
    }

    @Test func percentilesAreExactToThreeDigits() throws {
        for milliseconds in [1, 7, 123, 4567, 59_999] {
            var run = try RunBuilder(seconds: 100)
            run.add(.read, at: 0, taking: milliseconds)
            run.add(.read, at: 0, taking: milliseconds * 2)
            let row = try #require(run.judge().latency.first)
            #expect(abs(row.p50 / Double(milliseconds) - 1) < 0.001)
            #expect(row.max == Double(milliseconds * 2))
        }
    }

    @Test func phasesFollowThePlannedTime() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
        run.addFault(from: 10_000, to: 20_000)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 20_000, .info)
        run.addReads(from: 20_000, to: 21_000, .info)
        run.addReads(from: 21_000, to: 40_000)
        let report = run.judge()
        for fault in [nil, "f1"] {
            #expect(share(report, RowScope(phase: .before, fault: fault)) == 1)
            #expect(share(report, RowScope(phase: .during, fault: fault)) == 0)
            #expect(share(report, RowScope(phase: .recovery, fault: fault)) == 0)
            #expect(share(report, RowScope(phase: .after, fault: fault)) == 1)
        }
        let planned = report.availability.filter { $0.scope.phase == .recovery }.map(\.planned)
        #expect(planned.first == 100)
        let fault = try #require(report.faults.first)
        #expect(fault.recovered == 11_000)
        #expect(fault.servedAgain == 11_000)
        #expect(fault.start == 10_000)
        #expect(fault.end == 20_000)
    }

    @Test func withoutFaultsEverythingIsBefore() throws {
        var run = try RunBuilder()
        run.addReads(from: 0, to: 1000)
        let report = run.judge()
        #expect(share(report, RowScope(phase: .before)) == 1)
        #expect(
            report.availability.allSatisfy { $0.scope.phase == nil || $0.scope.phase == .before })
    }

    @Test func theServiceMayRecoverWhileTheFaultLasts() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
        run.addFault(from: 10_000, to: 20_000)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 12_100, .info)
        run.addReads(from: 12_100, to: 40_000)
        let report = run.judge()
        #expect(report.faults.first?.recovered == 2100)
        #expect(share(report, RowScope(phase: .recovery)) == nil)
        #expect(share(report, RowScope(phase: .after)) == 1)
    }

    @Test func slowIsNotRecovered() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
        run.addFault(from: 10_000, to: 20_000)
        run.addReads(from: 0, to: 10_000, taking: 100)
        run.addReads(from: 10_000, to: 12_000, .info)
        run.addReads(from: 12_000, to: 20_500, taking: 300)
        run.addReads(from: 20_500, to: 40_000, taking: 110)
        let fault = try #require(run.judge().faults.first)
        #expect(fault.servedAgain == 2000)
        #expect(fault.recovered == 10_500)
    }

    @Test func noiseAsBeforeDoesNotCount() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10)])
        run.addFault(from: 10_000, to: 20_000)
        for time in stride(from: 0, to: 40_000, by: 10) {
            let isBad = time / 10 % 50 == 7 || (10_000..<11_000).contains(time)
            run.add(.read, key: "never", at: time, isBad ? .info : .ok)
        }
        #expect(run.judge().faults.first?.servedAgain == 1000)
    }

    @Test func whatAStrikeHitsBeforeItSaysNothingOfTheTimeBefore() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 5), kill(at: 20, for: 5)])
        run.addFault("f1", from: 10_000, to: 15_000)
        run.addFault("f2", from: 20_000, to: 25_000)
        // Operations planned up to a second and a half before a strike are still under way then.
        for time in stride(from: 0, to: 40_000, by: 10) {
            let isHit = (8500..<11_000).contains(time) || (18_500..<21_000).contains(time)
            run.add(.read, key: "never", at: time, isHit ? .info : .ok)
        }
        #expect(run.judge().faults.map(\.recovered) == [1000, 1000])
    }

    @Test func whatNeverComesBackIsNotRecovered() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: nil)])
        run.addFault(from: 10_000, to: nil)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 40_000, .info)
        let report = run.judge()
        #expect(report.faults.first?.recovered == nil)
        #expect(report.faults.first?.end == nil)
        #expect(share(report, RowScope(phase: .during)) == 0)
        #expect(share(report, RowScope(phase: .recovery)) == nil)
    }

    @Test func aRelapseIsNoRecovery() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 5)])
        run.addFault(from: 10_000, to: 15_000)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 12_000, .info)
        run.addReads(from: 12_000, to: 25_000)
        run.addReads(from: 25_000, to: 26_000, .info)
        run.addReads(from: 26_000, to: 40_000)
        #expect(run.judge().faults.first?.recovered == 16_000)
    }

    @Test func theNextFaultDoesNotUndoARecovery() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 5), kill(at: 20, for: 5)])
        run.addFault("f1", from: 10_000, to: 15_000)
        run.addFault("f2", from: 20_000, to: 25_000)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 12_000, .info)
        run.addReads(from: 12_000, to: 20_000)
        run.addReads(from: 20_000, to: 26_500, .info)
        run.addReads(from: 26_500, to: 40_000)
        let report = run.judge()
        #expect(report.faults.map(\.recovered) == [2000, 6500])
        #expect(share(report, RowScope(phase: .before, fault: "f2")) == 0.9)
        #expect(
            report.availability.first { $0.scope == RowScope(phase: .recovery) }?.planned == 150)
    }

    @Test func overlappingFaultsAreOverWhenTheLastIs() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 10), kill(at: 15, for: 10)])
        run.addFault("f1", from: 10_000, to: 20_000)
        run.addFault("f2", from: 15_000, to: 25_000)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 25_000, .info)
        run.addReads(from: 25_000, to: 40_000)
        let report = run.judge()
        #expect(report.faults.map(\.recovered) == [15_000, 10_000])
        #expect(report.availability.first { $0.scope == RowScope(phase: .during) }?.planned == 1500)
        #expect(
            report.availability.first { $0.scope == RowScope(phase: .recovery, fault: "f1") }?
                .planned == 500)
    }

    @Test func aMomentaryFaultHasNoDuring() throws {
        let reset = FaultSpec(at: .once(.seconds(10)), .reset(.all))
        var run = try RunBuilder(faults: [reset])
        run.addFault(kind: "reset", from: 10_000, to: nil)
        run.addReads(from: 0, to: 10_000)
        run.addReads(from: 10_000, to: 10_300, .info)
        run.addReads(from: 10_300, to: 40_000)
        let report = run.judge()
        #expect(report.faults.first?.end == 10_000)
        #expect(share(report, RowScope(phase: .during)) == nil)
        #expect(share(report, RowScope(phase: .recovery)) == 0)
        #expect(report.faults.first?.recovered == 300)
    }

    @Test func dataTypesHaveRowsWhenThereAreSeveral() throws {
        var run = try RunBuilder(dataTypes: [DataTypeSpec(name: "x"), DataTypeSpec(name: "y")])
        run.add(.read, at: 0, dataType: "x")
        run.add(.read, at: 0, .info, dataType: "y")
        let report = run.judge()
        #expect(share(report, RowScope(dataType: "x")) == 1)
        #expect(share(report, RowScope(dataType: "y")) == 0)
        #expect(share(report, RowScope()) == 0.5)
        #expect(report.consistency.perDataType.map(\.dataType) == ["x", "y"])
    }
}
