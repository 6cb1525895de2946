import Judgement
import Recording
import Scenarios
import Testing

/// Sessions whose clients turn to another region when their own fails them: what they may rely on
/// is theirs, not the region's.
struct SessionFailoverTests {
    private static let guarantees = [
        "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads",
    ]

    /// One region is cut off, goes on serving its clients, and dies with all that it has not sent
    /// on, so that they have to turn elsewhere.
    private static func run(
        _ strategy: String, timeout: String, attempt: String, outage: Int
    ) throws -> (Played, Report) {
        let expected = guarantees.map { "  - \($0)" }.joined(separator: "\n")
        let run = try Played(
            """
            name: session-failover
            duration: \(outage + 2)s
            topology: {regions: [us-east-1, eu-west-1, ap-southeast-2]}
            replication: {strategy: \(strategy)}
            workload:
              clients: 1
              rate: closed
              operations: {read: 60%, write: 40%}
              keys: {count: 6, distribution: uniform}
              value_size: 20
              timeout: \(timeout)
              attempt_timeout: \(attempt)
            faults:
              - {at: 500ms, isolate: us-east-1, for: \(outage + 1)s}
              - {at: 1s, kill: us-east-1, for: \(outage)s}
            expect:
            \(expected)
            """, seed: 3)
        return (run, Judge.judge(run.contents, plan: run.plan))
    }

    /// How many sessions were served by more than one region.
    private func travelling(_ run: Played) -> Int {
        let served = Dictionary(grouping: run.history.filter { $0.outcome == .ok }, by: \.client)
        return served.values.count { operations in
            Set(operations.compactMap { $0.servedBy?.prefix { $0 != "/" } }).count > 1
        }
    }

    /// Answers of a region that lags behind break what the session had seen elsewhere.
    @Test func eventualConsistencyBreaksThem() throws {
        let (run, report) = try Self.run("eventual", timeout: "300ms", attempt: "100ms", outage: 1)
        #expect(travelling(run) > 0)
        #expect(report.expectations[0].held == false, "\(report.expectations[0].measured)")
        #expect(report.expectations[1].held == false, "\(report.expectations[1].measured)")
    }

    @Test func consensusKeepsThem() throws {
        let (run, report) = try Self.run("raft", timeout: "3s", attempt: "600ms", outage: 6)
        #expect(travelling(run) > 0)
        for expectation in report.expectations {
            #expect(expectation.held == true, "\(expectation)")
        }
    }
}
