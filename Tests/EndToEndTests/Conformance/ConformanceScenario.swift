/// Short scenarios that together have every kind of fault and every action, for both engines.
///
/// What they ask of the engines is meant to be so clear that no host is too busy for it: where
/// nothing is to be elected, timeouts are long, and where something is, there is time.
enum ConformanceScenario: String, CaseIterable {
    case split, crash, memory, trouble, lies, links, nodes, actions, conflicts, transactions
    case sessions

    /// The scenario file.
    var text: String { "name: \(rawValue)\n" + body }

    private var body: String {
        switch self {
        case .split:
            """
            duration: 3500ms
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1, election_timeout: 150ms..300ms}
            workload:
              clients: 1
              rate: 40/s
              operations: {read: 50%, write: 50%}
              keys: {count: 10}
              timeout: 400ms
              failover: none
            faults:
              - {at: 1s, partition: [[us-east-1], [eu-west-1, ca-central-1]], for: 1500ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .crash:
            """
            duration: 3s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1, election_timeout: 150ms..300ms}
            workload: {clients: 1, rate: 40/s, keys: {count: 10}}
            faults:
              - {at: 700ms, kill: leader, for: 900ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .memory:
            """
            duration: 2500ms
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1}
            workload: {clients: 1, rate: 30/s, keys: {count: 20}}
            faults:
              - {at: 500ms, kill: eu-west-1, disk: gone, for: 300ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .trouble:
            """
            duration: 4s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1}
            workload:
              clients: 1
              rate: 30/s
              operations: {read: 20%, write: 80%}
              keys: {count: 20}
            faults:
              - {at: 300ms, disk: {region: eu-west-1, fsync: +20ms}, for: 400ms}
              - {at: 900ms, disk: {region: eu-west-1, full: true}, for: 300ms}
              - {at: 1700ms, disk: {region: ca-central-1, fail: true}, for: 300ms}
              - {at: 2500ms, disk: {region: eu-west-1, corrupt: true}, for: 100ms}
              - {at: 2700ms, kill: eu-west-1, for: 100ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .lies:
            """
            duration: 3s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1}
            workload:
              clients: 1
              rate: 30/s
              operations: {read: 20%, write: 80%}
              keys: {count: 300, distribution: uniform}
            faults:
              - {at: 500ms, disk: {region: all, lose_unsynced: true}, for: 1500ms}
              - {at: 1500ms, kill: all, for: 300ms}
            expect: [not: {lost_updates: 0}]
            """
        case .links:
            """
            duration: 4500ms
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1, election_timeout: 3s..4s}
            workload: {clients: 1, rate: 30/s, operations: {read: 50%, write: 50%}, keys: {count: 20}}
            faults:
              - {at: 500ms, degrade: {between: [us-east-1, eu-west-1], one_way: +60ms}, for: 600ms}
              - {at: 1300ms, cut: {from: us-east-1, to: eu-west-1, layer: message}, for: 500ms}
              - {at: 2s, cut: {from: ca-central-1, to: us-east-1}, for: 500ms}
              - {at: 2700ms, isolate: ca-central-1, for: 400ms}
              - {at: 3300ms, refuse: ca-central-1, for: 600ms}
              - {at: 3500ms, reset: {region: ca-central-1}}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .nodes:
            """
            duration: 3s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1, election_timeout: 3s..4s}
            workload: {clients: 1, rate: 30/s, operations: {read: 50%, write: 50%}, keys: {count: 20}}
            faults:
              - {at: 400ms, clock: {region: eu-west-1, offset: +40s, drift: 500ppm}, for: 600ms}
              - {at: 400ms, slow: {region: ca-central-1, cpu: x50}, for: 600ms}
              - {at: 1300ms, pause: eu-west-1, for: 500ms}
              - {at: 2100ms, surge: {region: us-east-1, rate: x5}, for: 700ms}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .actions:
            """
            duration: 4500ms
            topology:
              latency: none
              regions: [us-east-1, eu-west-1, ca-central-1, sa-east-1, ap-south-1]
            replication:
              preferred_leader: us-east-1
              regions: [us-east-1, eu-west-1, ca-central-1, sa-east-1]
              learners: [sa-east-1]
            workload: {clients: {us-east-1: 1, ca-central-1: 1}, rate: 20/s, keys: {count: 10}}
            actions:
              - {at: 300ms, promote: sa-east-1}
              - {at: 1100ms, add_member: ap-south-1}
              - {at: 1900ms, remove_member: eu-west-1}
              - {at: 2600ms, transfer_leader: sa-east-1}
              - {at: 3200ms, stop: ca-central-1}
              - {at: 3800ms, start: ca-central-1}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """
        case .conflicts:
            """
            duration: 3s
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {strategy: eventual, anti_entropy: 300ms}
            data_types:
              kept: {resolve: siblings}
              decided: {resolve: last-writer-wins}
            workload:
              clients: 1
              rate: 30/s
              operations: {read: 30%, write: 70%}
              keys: {count: 3}
              data_type: {kept: 50%, decided: 50%}
              failover: none
            faults:
              - {at: 500ms, partition: [[us-east-1], [eu-west-1, ca-central-1]], for: 700ms}
              - {at: 1600ms, kill: ca-central-1, disk: gone, for: 300ms}
            expect: [converged: {within: 30s}]
            """
        case .transactions:
            """
            duration: 3500ms
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {preferred_leader: us-east-1, election_timeout: 150ms..300ms}
            data_types: {default: {value: list}}
            workload:
              clients: 2
              rate: 40/s
              operations: {txn: 100%}
              txn: {max_writes_per_key: 12}
              keys: {count: 5}
              value_size: 12
            faults:
              - {at: 700ms, kill: leader, for: 900ms}
            expect: [lost_updates: 0, invariants, converged: {within: 30s}]
            """
        case .sessions:
            """
            duration: 3500ms
            topology: {latency: none, regions: [us-east-1, eu-west-1, ca-central-1]}
            data_types: {session: {strategy: eventual, replication_delay: 300ms}}
            services: {sessions: {data_type: session, duration: 10m, access: 5m}}
            workload:
              clients: 2
              rate: 30/s
              operations: {login: 25%, validate: 55%, refresh: 10%, logout: 10%}
              sessions: {users: 20, roaming: 50%, revoked: 20%}
              timeout: 6s
            faults:
              - {at: 1500ms, kill: us-east-1, for: 900ms}
            expect: [revoked_validations: 0, sessions_lost: 0, converged: {within: 30s}]
            """
        }
    }
}
