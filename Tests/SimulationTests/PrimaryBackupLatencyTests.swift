import Conduct
import Determinism
import Geography
import Recording
import Scenarios
import Testing

/// Latency of primary-backup in virtual time against the formula, to the nanosecond: the client's
/// round trip, the way from its region to the primary and back, and of a write the primary's round
/// trip to the replica whose acknowledgement completes what the mode asks for.
struct PrimaryBackupLatencyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var options: String
        /// How many replicas a write waits for.
        var waitsFor: Int
        var readsLocally = false
        var testDescription: String { options }
    }

    static let cases = [
        Case(options: "mode: async", waitsFor: 0),
        Case(options: "mode: async, fencing: off", waitsFor: 0),
        Case(options: "mode: semi-sync", waitsFor: 1),
        Case(options: "mode: semi-sync, acknowledgements: 3", waitsFor: 3),
        Case(options: "mode: sync", waitsFor: 4),
        Case(options: "mode: async, reads: local", waitsFor: 0, readsLocally: true),
    ]

    @Test(arguments: cases, CommitLatencyTests.regions)
    func everyOperationTakesExactlyWhatTheFormulaSays(_ tested: Case, primary: String) throws {
        let run = try Played(
            """
            name: primary-backup-latency
            duration: 20s
            topology:
              regions: [\(CommitLatencyTests.regions.joined(separator: ", "))]
              node: {fsync: 0ms, per_operation: 0us, per_message: 0us, queue: 1000}
            replication: {strategy: primary-backup, primary: \(primary), \(tested.options)}
            workload:
              clients: 1
              rate: 1/s
              operations: {write: 50%, read: 50%}
              keys: {count: 1000, distribution: uniform}
            """)
        try #require(run.end.isComplete)
        let network = run.plan.network
        let leads = try #require(run.plan.region(named: primary)).id
        let others = run.plan.regions.map(\.id).filter { $0 != leads }
            .map { network.roundTrip(from: leads, to: $0) }.sorted()
        let completing = tested.waitsFor == 0 ? TimeSpan.zero : others[tested.waitsFor - 1]
        let beside = run.plan.scenario.topology.clientRoundTrip
        #expect(run.history.count > 60)
        for operation in run.history {
            let region = try #require(run.plan.region(named: operation.region)).id
            let isLocal = operation.function == .read && tested.readsLocally
            var expected = beside
            if region != leads, !isLocal { expected += network.roundTrip(from: region, to: leads) }
            if operation.function == .write { expected += completing }
            #expect(operation.outcome == .ok)
            #expect(operation.latency == expected, "\(operation)")
        }
    }
}
