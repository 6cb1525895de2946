import Determinism
import Recording
import RegionCore
import Scenarios
import Simulation
import Testing

/// Processors that cost something: queues, shedding, slowness, surges.
struct ProcessorTests {
    /// One node in one region, so that everything happens on one processor.
    static func scenario(
        rate: String, cost: String, queue: Int = 10_000, faults: String = "", timeout: String = "2s"
    ) -> String {
        """
        name: processor
        duration: 20s
        topology:
          latency: none
          regions: [{name: a}]
          client_rtt: 0ms
          node: {fsync: 0ms, per_operation: \(cost), per_message: 0us, queue: \(queue)}
        replication: {strategy: raft}
        workload:
          clients: 10
          rate: \(rate)
          operations: {write: 100%}
          timeout: \(timeout)
          attempt_timeout: \(timeout)
        \(faults)
        """
    }

    static func latencies(_ run: Played) -> [Double] {
        run.history.compactMap { $0.latency?.milliseconds }.sorted()
    }

    /// An M/D/1 queue: at a load of 0.8 the mean wait is 0.8 / (2 (1 - 0.8)) = 2 services.
    @Test func waitsAreThoseOfTheQueue() throws {
        let run = try Played(Self.scenario(rate: "80/s", cost: "10ms"))
        let latencies = Self.latencies(run)
        #expect(latencies.count > 1500)
        #expect(latencies[0] == 10, "who finds the processor idle waits for nobody")
        let mean = latencies.reduce(0, +) / Double(latencies.count)
        #expect(abs(mean - 30) < 9, "a mean of \(mean) ms, not 30")
    }

    @Test func aFullQueueTurnsRequestsAway() throws {
        let run = try Played(Self.scenario(rate: "200/s", cost: "10ms", queue: 20))
        let shed = run.history.filter { $0.error?.hasPrefix("overloaded") == true }
        #expect(shed.count > 1000, "half of them are too many")
        // One that was taken in at a second attempt may have timed out meanwhile.
        #expect(shed.allSatisfy { $0.outcome == .fail || $0.attempts > 1 })
        let served = run.history.count { $0.outcome == .ok }
        #expect(abs(served - 2000) < 200, "the processor does what it can: \(served)")
    }

    @Test func aSlowProcessorTakesThatManyTimesAsLong() throws {
        let run = try Played(
            Self.scenario(
                rate: "5/s", cost: "10ms",
                faults: "faults: [{at: 5s, slow: {region: a, cpu: x4}, for: 10s}]"))
        let during = run.history.filter {
            $0.planned >= Instant.zero + .seconds(5) && $0.planned < Instant.zero + .seconds(15)
        }
        #expect(during.compactMap { $0.latency?.milliseconds }.min() == 40)
        let evidence = run.contents.events.compactMap(FaultEvidence.init)
        #expect(evidence.map(\.hadEffect) == [true])
    }

    /// A surge fills the queue; retries then keep it full after the surge is over, though the load
    /// alone would be served: a metastable failure (Bronson et al., HotOS 2021). Without retries
    /// the queue empties.
    @Test func retriesKeepAnOverloadAlive() throws {
        func share(attempts: String) throws -> Double {
            let run = try Played(
                """
                name: storm
                duration: 40s
                topology:
                  latency: none
                  regions: [{name: a}]
                  client_rtt: 0ms
                  node: {fsync: 0ms, per_operation: 10ms, per_message: 0us, queue: 10000}
                replication: {strategy: raft}
                workload:
                  clients: 50
                  rate: 70/s
                  operations: {write: 100%}
                  timeout: 2s
                  attempt_timeout: \(attempts)
                faults: [{at: 5s, surge: {region: a, rate: x5}, for: 3s}]
                """)
            let after = run.history.filter { $0.planned > Instant.zero + .seconds(30) }
            return Double(after.count { $0.outcome == .ok }) / Double(after.count)
        }
        let patient = try share(attempts: "2s")
        let hasty = try share(attempts: "100ms")
        #expect(patient > 0.95, "without retries the queue empties: \(patient)")
        #expect(hasty < 0.5, "retries keep it full: \(hasty)")
    }
}
