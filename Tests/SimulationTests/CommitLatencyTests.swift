import Conduct
import Determinism
import Geography
import Recording
import Replication
import Scenarios
import Simulation
import Testing

/// Commit latency in virtual time against the formula, to the nanosecond: without jitter and with
/// processors and disks that cost nothing, a write takes the client's round trip, the round trip
/// from its region to the leader, and the leader's round trip to the member that completes the
/// majority.
struct CommitLatencyTests {
    static let regions = ["us-east-1", "eu-central-1", "ap-northeast-1", "us-west-2", "eu-west-1"]

    static func scenario(leader: String) -> String {
        """
        name: commit-latency
        duration: 20s
        topology:
          regions: [\(regions.joined(separator: ", "))]
          node: {fsync: 0ms, per_operation: 0us, per_message: 0us, queue: 1000}
        replication: {strategy: raft, preferred_leader: \(leader)}
        workload:
          clients: 1
          rate: 1/s
          operations: {write: 100%}
        """
    }

    @Test(arguments: regions)
    func everyWriteTakesExactlyWhatTheQuorumFormulaSays(leader: String) throws {
        let run = try Played(Self.scenario(leader: leader))
        try #require(run.end.isComplete)
        let network = run.plan.network
        let leads = try #require(run.plan.region(named: leader)).id
        let others = run.plan.regions.map(\.id).filter { $0 != leads }
        let completing = others.map { network.roundTrip(from: leads, to: $0) }.sorted()[1]
        let beside = run.plan.scenario.topology.clientRoundTrip
        #expect(run.history.count > 60)
        for operation in run.history {
            let region = try #require(run.plan.region(named: operation.region)).id
            let way =
                region == leads ? TimeSpan.zero : network.roundTrip(from: region, to: leads)
            #expect(operation.outcome == .ok)
            #expect(operation.latency == beside + way + completing, "\(operation)")
        }
    }

    @Test func theSyncOfTheCompletingMemberIsOnTop() throws {
        let rare = Self.scenario(leader: "us-east-1").replacing("1/s", with: "0.1/s")
            .replacing("20s", with: "200s")
        let without = try Played(rare)
        let with = try Played(rare.replacing("fsync: 0ms", with: "fsync: 7ms"))
        #expect(without.history.count == with.history.count)
        var compared = 0
        for index in with.history.indices {
            // Writes close together share syncs.
            let near = with.history.indices.filter { other in
                let apart = with.history[other].planned - with.history[index].planned
                return other != index && max(apart, .zero - apart) < .milliseconds(400)
            }
            guard near.isEmpty else { continue }
            let quick = try #require(without.history[index].latency)
            let slow = try #require(with.history[index].latency)
            #expect(slow - quick == .milliseconds(7))
            compared += 1
        }
        #expect(compared > 20)
    }
}
