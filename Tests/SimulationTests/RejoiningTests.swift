import Conduct
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
}
