import Determinism
import Recording
import Simulation
import Testing

@Suite struct ClientPathTests {
    /// A node that could not get its answers to its clients gives the connection up; once they
    /// reach it again they must learn so, and not go on asking over a connection that is dead.
    @Test(arguments: 0..<8)
    func whoseAnswersWereHeldIsReachedAgainAfterTheHeal(number: Int) throws {
        let cut = 2000 + 17 * number
        let run = try Played(
            """
            name: held-answers
            duration: 12s
            topology:
              regions: [{name: eu-west-1, nodes: 3}]
              client_rtt: 130ms
              connection_timeout: 1s
            replication: {strategy: eventual}
            workload:
              clients: 1
              rate: closed
              operations: {delete: 100%}
              timeout: 3s
              failover: none
            faults:
              - {at: \(cut)ms, partition: [eu-west-1/a/1, [eu-west-1/a/2, eu-west-1/a/3]], for: 2s, clients: on}
            """)
        let late = run.contents.history.filter { $0.planned > .zero + .seconds(7) }
        #expect(late.count > 20)
        #expect(late.allSatisfy { $0.outcome == .ok }, "cut at \(cut) ms")
    }
}
