import Conduct
import Determinism
import Recording
import RegionCore
import Simulation
import Testing

struct RejoiningTests {
    /// A node that lost its disk asks everybody for its group, also those that have no part in it.
    @Test func whoeverHasNoPartInAGroupIgnoresItsMessages() throws {
        let run = try Played(
            """
            name: rejoin
            duration: 10s
            topology:
              regions: [{name: eu-west-1, nodes: 3}, us-east-1]
            replication: {strategy: raft, regions: [eu-west-1]}
            workload: {clients: 1, rate: 5/s, operations: {write: 100%}}
            faults: [{at: 2s, kill: eu-west-1/a/3, disk: gone, for: 1s}]
            """)
        #expect(run.end.isComplete)
        let members = run.events(.init(rawValue: "membership-changed"))
        #expect(!members.isEmpty, "it was taken in again")
    }

    /// An operator may stop a process that does not serve yet, and start it again.
    @Test func aProcessThatStartsCanBeStopped() throws {
        let run = try Played(
            """
            name: stop
            duration: 8s
            topology: {regions: [eu-west-1, us-east-1, us-west-2]}
            replication: {strategy: eventual}
            workload: {clients: 1, rate: 5/s, operations: {write: 100%}}
            faults: [{at: 1s, kill: eu-west-1, for: 1s}]
            actions: [{at: 2.02s, stop: eu-west-1}, {at: 4s, start: eu-west-1}]
            """)
        let ready = run.events(.init(rawValue: "process-ready"))
        #expect(ready.last?.time == Instant.zero + .milliseconds(4050))
        #expect(run.contents.events.compactMap(Convergence.init).last?.converged == true)
    }
}
