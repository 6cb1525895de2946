import Determinism
import Geography
import Replication
import Scenarios
import Testing

/// A Plan written out is a scenario file that gives the same Plan again.
@Suite struct PlanRoundTripTests {
    private func expectRoundTrip(_ scenario: Scenario, seed: UInt64? = nil) throws {
        let written = try Scenario.decode(
            yaml: scenario.yaml, file: "written", strategies: Strategies.all)
        #expect(written == scenario, "\(scenario.yaml)")
        let concise = try Scenario.decode(
            yaml: scenario.conciseYAML, file: "concise", strategies: Strategies.all)
        #expect(concise == scenario, "\(scenario.conciseYAML)")
        let plan = try Plan(scenario, seed: seed)
        let again = try Plan(
            Scenario.decode(yaml: plan.yaml, file: "plan.yaml", strategies: Strategies.all))
        #expect(again == plan, "\(plan.yaml)")
        #expect(again.yaml == plan.yaml)
    }

    @Test(arguments: Shipped.names)
    func shippedScenario(_ name: String) throws {
        let scenario = try Scenario.load(path: Shipped.path(name), strategies: Strategies.all)
        try expectRoundTrip(scenario)
        try expectRoundTrip(scenario, seed: 7)
    }

    /// One scenario with everything that can be planned, in every form that it can take.
    static let everything = """
        meridian: 1
        name: everything
        title: "All of it: \\"quoted\\", # not a comment, naïve"
        seed: 18446744073709551615
        start: 2026-03-01T12:34:56.789+02:00
        duration: 2m
        replication_log: on
        topology:
          latency: aws
          regions:
            - us-east-1
            - {name: eu-west-1, nodes: 5, zones: [a, b, c], jurisdiction: IE}
            - {name: eu-central-1, provider: Acme Cloud}
            - {name: mars-1, location: [-4.5, 137.4], provider: ACME, jurisdiction: XX, nodes: 3, zones: [a, b, c], continent: Antarctica, city: "Olympus: Mons", country: MA}
            - name: moon-1
          client_rtt: 1.5ms
          links:
            - {between: [us-east-1, eu-central-1], rtt: 90ms, jitter: {distribution: normal, deviation: 2ms}}
            - {from: us-east-1, to: eu-west-1, one_way: 80ms, loss: 0.1%, bandwidth: 1.5gbps}
            - {all: true, for: write, one_way: {distribution: mixture, of: [[38%, {distribution: pareto, minimum: 1.05ms, shape: 1.51}], [62%, {distribution: exponential, mean: 5.46ms}]]}}
            - {region: {provider: AWS}, jitter: 3ms}
            - {between: [moon-1, us-east-1], rtt: 2.6s}
            - {between: [moon-1, eu-west-1], rtt: 2.6s}
            - {between: [moon-1, eu-central-1], rtt: 2.6s}
            - {between: [moon-1, mars-1], one_way: {distribution: uniform, minimum: 10ms, maximum: 20ms}}
            - {between: [eu-west-1/a, eu-west-1/b], one_way: {distribution: empirical, samples: [1us, 20us, 333us]}}
            - {from: eu-west-1/a/1, to: eu-west-1/a/2, one_way: {distribution: constant, delay: 1234ns}}
          ordering: none
          priorities: off
          connection_timeout: 7500ms
          node: {fsync: 3ms, per_operation: 1us, per_message: 2us, queue: 77}
        replication:
          strategy: raft
          preferred_leader: eu-west-1
          election_timeout: 300ms..600ms
          heartbeat: 50ms
          prevote: off
          reads: lease
          snapshot_at: 64MB
          regions: [us-east-1, eu-west-1, eu-central-1]
        data_types:
          session: {strategy: eventual, resolve: siblings, replication_delay: 50ms, priority: high, conflict_window: 10s, fanout: 3}
          counter: {value: counter, preferred_leader: us-east-1, learners: [mars-1]}
          log: {strategy: raft, value: list, preferred_leader: us-east-1, priority: low, election_timeout: 1s, regions: [us-east-1, mars-1, moon-1]}
        workload:
          clients: {us-east-1: 10, mars-1: 2, others: 1}
          rate: {eu-west-1: 12.5/s, others: 50/s}
          operations: {read: 99.9%, delete: 0.1%}
          keys: {count: 7, distribution: hotspot, size: 1KB}
          data_type: {session: 33.3%, counter: 33.3%, default: 33.4%}
          value_size: 64KB
          timeout: 3s
          attempt_timeout: 333ms
          failover: none
        faults:
          - {every: 10s, until: 35s, kill: random, for: 3s}
          - {at: 1s, every: 20s, until: 1m, partition: [minority, majority], for: 5s, must_bite: off}
          - {at: 10s, isolate: minority, for: 10s, clients: true}
          - {at: 10s, isolate: [us-east-1, eu-west-1/a, mars-1/b/1]}
          - {at: 10s, partition: [[us-east-1], [eu-west-1, eu-central-1], mars-1]}
          - {at: 10s, cut: {from: us-east-1, to: eu-west-1, layer: message}, for: 1s}
          - {at: 10s, cut: {between: [eu-west-1/a, eu-west-1/b]}, for: 1s}
          - {at: 10s, degrade: {all: true, one_way: x3, jitter: {distribution: exponential, mean: 5ms}}, for: 1s}
          - {at: 10s, degrade: {region: random, one_way: +200ms, loss: 12.5%, bandwidth: 10kbps}, for: 1s}
          - {at: 10s, degrade: {between: [us-east-1, eu-west-1]}, loss: 3%, for: 1s}
          - {at: 11s, reset: {region: {leader: counter}}}
          - {at: 12s, refuse: majority, for: 1s}
          - {at: 13s, kill: {leader: counter}, disk: gone, for: 1s}
          - {at: 14s, pause: {primary: log}, for: 1s}
          - {at: 15s, surge: {region: {continent: Europe}, rate: x2.5}, for: 1m}
          - {at: 16s, kill: all, for: 100ms}
          - {at: 17s, random: {faults: [surge, slow], every: 10s, for: 1s..2s}}
        actions:
          - {at: 20s, transfer_leader: eu-central-1, data_type: default}
          - {at: 21s, add_member: mars-1/a/1, data_type: default}
          - {at: 22s, remove_member: eu-central-1}
          - {at: 23s, promote: mars-1, data_type: counter}
          - {at: 24s, stop: [us-east-1, {leader: log}]}
          - {at: 25s, start: us-east-1}
        expect:
          - linearizable
          - linearizable: {data_type: counter}
          - not: linearizable
          - not: {linearizable: {data_type: session}}
          - converged: {within: 10s}
          - converged: {within: 10s, fault: f3}
          - availability: {at_least: 99.95%, region: us-east-1, operation: read, phase: during, fault: f1, data_type: default}
          - latency: {percentile: 99.9, at_most: 1m30s}
          - failover: {within: 30s}
          - lost_updates: 0
          - not: {lost_updates: {at_most: 3}}
          - lost_updates: {at_most: 4, within: 6s}
          - stale_reads: {at_most: 1%}
          - staleness: {percentile: 50, at_most: 0ms}
        """

    @Test func everyKeySurvives() throws { try expectRoundTrip(decode(Self.everything)) }

    @Test(arguments: 0..<20)
    func everySeedSurvives(_ seed: UInt64) throws {
        try expectRoundTrip(decode(Self.everything), seed: seed)
    }

    @Test(arguments: [
        "{}", "{rate: 0.5/s}", "{after: 0ms}", "{rate: 20/s, after: [0ms, 1s], data_type: default}",
    ])
    func probesSurvive(_ probes: String) throws {
        let scenario = try decode(
            """
            name: probes
            topology: {latency: none, regions: [us-east-1, eu-west-1]}
            workload: {probes: \(probes)}
            expect:
              - visibility: {after: 0ms, at_least: 10%}
              - visibility: {after: 0ms, at_least: 10%, region: eu-west-1}
              - bounded-staleness: {at_most: 500ms}
              - bounded-staleness: {versions: 0, data_type: default}
              - delta-atomicity: {at_most: 250ms}
            """)
        #expect(scenario.workload.probes != nil)
        try expectRoundTrip(scenario)
    }

    @Test func expectationsOfElementsSurvive() throws {
        try expectRoundTrip(
            decode(
                """
                name: elements
                topology: {latency: none, regions: [us-east-1]}
                data_types: {log: {value: list}}
                workload: {data_type: log, operations: {read: 50%, append: 50%}}
                expect:
                  - set-full
                  - not: {set-full: {data_type: log}}
                  - stable-latency: {percentile: 99.5, at_most: 2s}
                """))
    }

    @Test(arguments: [
        "", "txn: {operations: 2..2}", "txn: {read: 12.5%, max_writes_per_key: 5}",
        "txn: {operations: 1..32, read: 0%, max_writes_per_key: 10000}",
    ])
    func transactionsSurvive(_ txn: String) throws {
        for value in ["list", "register"] {
            let scenario = try decode(
                """
                name: transactions
                topology: {latency: none, regions: [us-east-1]}
                data_types: {default: {value: \(value)}}
                workload:
                  operations: {read: 10%, txn: 90%}
                  \(txn)
                """)
            #expect(scenario.workload.hasTransactions)
            try expectRoundTrip(scenario)
        }
    }

    @Test func closedLoopsAndYCSBSurvive() throws {
        for letter in YCSBWorkload.allCases {
            try expectRoundTrip(
                decode(
                    """
                    name: ycsb
                    topology: {latency: none, regions: [us-east-1]}
                    workload: {rate: closed, ycsb: {workload: \(letter.rawValue), records: 12}}
                    """))
        }
    }

    @Test func theConciseFormLeavesOutDefaults() throws {
        let yaml = """
            name: small
            seed: 7
            duration: 4s

            topology:
              regions: [us-east-1, eu-west-1]

            replication:
              strategy: raft

            workload:
              rate: 5/s
              keys: {count: 1}

            faults:
              - {at: 1s, cut: {between: [us-east-1, eu-west-1]}, for: 2s}

            expect:
              - linearizable
              - not: {lost_updates: 0}
              - converged: {within: 10s}

            """
        #expect(try decode(yaml).conciseYAML == yaml)
    }
}
