import Conduct
import Determinism
import Recording
import RegionCore
import Scenarios
import Simulation
import Testing

/// The same seed is the same run; another seed is another.
struct SameSeedTests {
    static let scenario = """
        name: same
        duration: 8s
        topology: {regions: [us-east-1, eu-west-1, ap-south-1]}
        replication: {strategy: raft}
        workload: {clients: 2, rate: 20/s, operations: {read: 50%, write: 50%}}
        faults:
          - {at: 1s, random: {faults: [kill, partition, pause, clock, disk], every: 1s, for: 500ms..2s}, for: 6s}
        """

    @Test(arguments: [1, 2, 3] as [UInt64])
    func twice(seed: UInt64) throws {
        let first = try Played(Self.scenario, seed: seed)
        let again = try Played(Self.scenario, seed: seed)
        #expect(first.history == again.history)
        #expect(first.contents.events == again.contents.events)
        #expect(first.contents.samples == again.contents.samples)
        #expect(first.contents.final == again.contents.final)
        #expect(first.work == again.work)
        let other = try Played(Self.scenario, seed: seed + 100)
        #expect(first.history != other.history)
    }

    @Test func thePlanOfARandomRunIsTheSameRun() throws {
        let drawn = try Played(Self.scenario, seed: 5)
        let replayed = try Played(drawn.plan.yaml)
        #expect(drawn.history == replayed.history)
        #expect(drawn.contents.events == replayed.contents.events)
        #expect(drawn.plan == replayed.plan)
    }
}
