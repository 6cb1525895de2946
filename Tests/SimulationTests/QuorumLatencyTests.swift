import Conduct
import Determinism
import Geography
import Recording
import Scenarios
import Testing

/// Latency of quorums in virtual time against the formula, to the nanosecond: the client's round
/// trip, and from its region the round trip to the member that completes the quorum; with
/// write_back a write takes that of a read quorum, too.
struct QuorumLatencyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var options: String
        var read: Int
        var write: Int
        var writesBack = false
        var testDescription: String { options }
    }

    static let cases = [
        Case(options: "strategy: quorum", read: 3, write: 3),
        Case(options: "strategy: quorum, read: 1, write: 1", read: 1, write: 1),
        Case(options: "strategy: quorum, read: 4, write: 2", read: 4, write: 2),
        Case(options: "strategy: quorum, read: 1, write: 5", read: 1, write: 5),
        Case(options: "strategy: quorum, read: 2, read_fanout: quorum", read: 2, write: 3),
        Case(options: "strategy: quorum, write_back: on", read: 3, write: 3, writesBack: true),
        Case(
            options: "strategy: quorum, write_back: on, read: 4, write: 2", read: 4, write: 2,
            writesBack: true),
    ]

    @Test(arguments: cases)
    func everyOperationTakesExactlyWhatTheFormulaSays(_ tested: Case) throws {
        let run = try Played(
            """
            name: quorum-latency
            duration: 20s
            topology:
              regions: [\(CommitLatencyTests.regions.joined(separator: ", "))]
              node: {fsync: 0ms, per_operation: 0us, per_message: 0us, queue: 1000}
            replication: {\(tested.options)}
            workload:
              clients: 1
              rate: 1/s
              operations: {write: 50%, read: 50%}
              keys: {count: 1000, distribution: uniform}
            """)
        try #require(run.end.isComplete)
        let network = run.plan.network
        let beside = run.plan.scenario.topology.clientRoundTrip
        #expect(run.history.count > 60)
        for operation in run.history {
            let region = try #require(run.plan.region(named: operation.region)).id
            let others = run.plan.regions.map(\.id).filter { $0 != region }
                .map { network.roundTrip(from: region, to: $0) }.sorted()
            func nearest(_ count: Int) -> TimeSpan { count == 1 ? .zero : others[count - 2] }
            var expected = beside
            if operation.function == .read || tested.writesBack { expected += nearest(tested.read) }
            if operation.function == .write { expected += nearest(tested.write) }
            #expect(operation.outcome == .ok)
            #expect(operation.latency == expected, "\(operation)")
        }
    }
}
