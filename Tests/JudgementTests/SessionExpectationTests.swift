import Determinism
import Judgement
import Recording
import Scenarios
import Testing

/// Session guarantees as expectations: from a record to a finding, and through `report.json`.
@Suite struct SessionExpectationTests {
    private func run(_ models: [ConsistencyModel]) throws -> RunBuilder {
        var run = try RunBuilder(expect: models.map { .consistency($0, group: nil) })
        run.add(.write, .text("x"), at: 100)
        run.add(.write, .text("y"), at: 200)
        run.add(.read, .text("x"), at: 300)
        return run
    }

    @Test func whatIsBrokenFailsAndTheRestHolds() throws {
        let report = try run([.readYourWrites, .monotonicReads]).judge()
        #expect(report.expectations.map(\.held) == [false, true])
        #expect(report.expectations.map(\.kind) == [.safety, .safety])
        #expect(
            report.expectations[0].measured
                == "3 operations, violations on 1 key: key k: operation 2 (read of x at an unknown "
                + "node) does not reflect operation 1 that its client had made")
        #expect(report.expectations[1].measured == "3 operations, no violation")
        #expect(report.verdict == .fail)
    }

    @Test func onlyWhatIsExpectedIsLookedFor() throws {
        #expect(try run([.monotonicReads]).judge().consistency.models.count == 1)
        #expect(try run([.linearizable]).judge().consistency.models.isEmpty)
    }

    @Test func withoutOperationsNothingIsKnown() throws {
        let run = try RunBuilder(expect: [.consistency(.readYourWrites, group: nil)])
        #expect(run.judge().expectations[0].held == nil)
    }

    @Test func aReportKeepsThemAsJSON() throws {
        let report = try run([.readYourWrites]).judge()
        let read = try Report(decoding: report.encoded)
        #expect(read.consistency.models == report.consistency.models)
    }
}
