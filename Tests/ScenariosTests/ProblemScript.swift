/// Wrong scenarios and what is said of them: a text, `---`, and one problem a line. `===` stands
/// between cases; `(regions)` stands for ``regions``.
enum ProblemScript {
    /// The three lines that most cases begin with.
    static let regions = """
        name: x
        topology:
          regions: [us-east-1, eu-west-1, {name: ca-central-1, nodes: 2}]
        """

    static let text = #"""
        just text
        ---
        1:1: found 'just text'; expected a mapping with at least 'name' and 'topology'
        ===
        - a
        - b
        ---
        1:1: found a list; expected a mapping with at least 'name' and 'topology'
        ===
        name: x
        ---
        1:1: 'topology' is missing; expected a mapping with 'regions'
        ===
        name: x
        topology: {regions: []}
        ---
        2:21: topology.regions: an empty list; expected at least one region
        ===
        name: x y
        topology: {regions: [us-east-1]}
        ---
        1:7: name: found 'x y'; expected a name of at most 100 letters, digits and hyphens
        ===
        name:
        topology: {regions: [us-east-1]}
        ---
        1:6: name: found nothing; expected a name of at most 100 letters, digits and hyphens
        ===
        meridian: 2
        name: x
        topology: {regions: [us-east-1]}
        ---
        1:11: meridian: found '2'; expected 1, the version of this format
        ===
        nam: x
        topology: {regions: [us-east-1]}
        ---
        1:1: 'name' is missing; expected a name
        1:1: unknown key 'nam'; expected one of meridian, name, title, topology, seed, start, duration, replication_log, replication, data_types, services, workload, faults, actions, expect, liveness or matrix; did you mean 'name'?
        ===
        name: x
        name: y
        topology: {regions: [us-east-1]}
        ---
        2:1: the key 'name' is given twice, first at 1:1; expected each key once
        ===
        name: x
        topology: {regions: [us-east-1], latency: aws, latency: gcp}
        ---
        2:48: the key 'latency' is given twice, first at 2:34; expected each key once
        ===
        name: x
        topology: {regions: [us-est-1]}
        ---
        2:22: topology.regions[0]: unknown region 'us-est-1'; expected a region of the matrix aws, or a mapping that describes one; did you mean 'us-east-1' or 'us-west-1' or 'us-east-2'?
        ===
        name: x
        topology: {latency: azur, regions: [us-east-1]}
        ---
        2:21: topology.latency: found 'azur'; expected aws, azure, gcp, distance or none; did you mean 'azure'?
        ===
        name: x
        topology: {regions: [us-east-1, us-east-1]}
        ---
        2:33: topology.regions[1]: a second region named 'us-east-1'
        ===
        name: x
        topology: {regions: [{name: mars, nodes: 0}]}
        ---
        2:42: topology.regions[0].nodes: found '0'; expected a whole number from 1 to 1024
        ===
        name: x
        topology: {regions: [{name: mars}, us-east-1]}
        ---
        2:22: topology.regions[0]: no round trip is known from mars to us-east-1, and without the location of both none can be estimated; expected a location, or an rtt under topology.links
        ===
        name: x
        topology: {regions: [{name: mars, location: [1]}]}
        ---
        2:45: topology.regions[0].location: 1 numbers; expected latitude and longitude in degrees, such as [4.5, 137.4]
        ===
        name: x
        topology: {regions: [{name: mars, location: [91, 0]}]}
        ---
        2:46: topology.regions[0].location[0]: found '91'; expected degrees from -90 to 90
        ===
        name: x
        topology: {regions: [{name: 'a/b'}]}
        ---
        2:29: topology.regions[0].name: found 'a/b'; expected a name of letters, digits, '-', '_' and '.'
        ===
        name: x
        topology: {regions: [{nodes: 2}]}
        ---
        2:22: topology.regions[0]: 'name' is missing; expected the name of the region
        ===
        name: x
        topology: {regions: [us-east-1]
        ---
        3:1: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping
        ===
        name: x
        topology: {regions: [us-east-1]}
        --- 
        name: y
        ---
        3:1: a second document in the file; expected one scenario per file
        ===
        a: &a [1,2]
        ? *a
        : b
        ---
        2:1: an alias in a key; expected a key written out
        ===
        a: &a [1,2]
        b: *c
        ---
        2:4: not valid YAML: found undefined alias
        ===
        (regions)
        duration: 0s
        ---
        4:11: duration: found '0s'; expected a duration above 0, such as 250ms or 1m30s
        ===
        (regions)
        duration: 40
        ---
        4:11: duration: found '40'; expected a duration above 0, such as 250ms or 1m30s
        ===
        (regions)
        seed: -1
        ---
        4:7: seed: found '-1'; expected a whole number from 0 to 18446744073709551615
        ===
        (regions)
        start: yesterday
        ---
        4:8: start: found 'yesterday'; expected a time such as 2026-01-01T00:00:00Z
        ===
        (regions)
        replication: {strategy: rafd}
        ---
        4:25: replication.strategy: found 'rafd'; expected raft, eventual, quorum or primary-backup; did you mean 'raft'?
        ===
        (regions)
        replication: {strategy: raft, prevotes: on}
        ---
        4:31: replication: unknown key 'prevotes'; expected one of strategy, regions, learners, preferred_leader, election_timeout, heartbeat, prevote, check_quorum, reads, lease_drift_ppm, snapshot_at or session_timeout; did you mean 'prevote'?
        ===
        (regions)
        replication: {strategy: raft, prevote: yes}
        ---
        4:40: replication.prevote: found 'yes'; expected on or off
        ===
        (regions)
        replication: {strategy: raft, reads: leases}
        ---
        4:38: replication.reads: found 'leases'; expected read-index, lease or local; did you mean 'lease'?
        ===
        (regions)
        replication: {strategy: raft, preferred_leader: us-west-1}
        ---
        4:49: replication.preferred_leader: unknown region 'us-west-1'; expected us-east-1, eu-west-1 or ca-central-1; did you mean 'us-east-1' or 'eu-west-1'?
        ===
        (regions)
        replication: {strategy: raft, election_timeout: 600ms..300ms}
        ---
        4:49: replication.election_timeout: found '600ms..300ms'; expected 'auto', a duration such as 300ms, or a range such as 300ms..600ms
        ===
        (regions)
        replication: {strategy: raft, learners: [us-east-1, eu-west-1, ca-central-1]}
        ---
        4:41: replication.learners: no region is left that counts in 'default'; expected at least one that is not a learner
        ===
        (regions)
        replication: {strategy: eventual, fanout: 12}
        ---
        4:43: replication.fanout: found '12'; expected a whole number from 1 to 9
        ===
        (regions)
        data_types: {cart: {strategy: eventual, value: bag}}
        ---
        4:48: data_types.cart.value: found 'bag'; expected register, counter, list, set or map
        ===
        (regions)
        data_types: [cart]
        ---
        4:13: data_types: found a list; expected a mapping of names to data types
        ===
        (regions)
        workload: {operations: {read: 80%, write: 10%}}
        ---
        4:24: workload.operations: shares that add up to 90%; expected 100%
        ===
        (regions)
        workload: {operations: {read: 80%, wriet: 20%}}
        ---
        4:36: workload.operations.wriet: found 'wriet'; expected read, write, delete, cas, append, increment, add, remove, txn, login, validate, refresh, logout, list-sessions or end-sessions; did you mean 'write'?
        ===
        (regions)
        workload: {operations: {append: 100%}}
        ---
        4:33: workload.operations.append: append on 'default', which the strategy raft does not support for values of type register; expected read, write, delete, cas or txn
        ===
        (regions)
        replication: {strategy: eventual}
        workload: {operations: {txn: 100%}}
        ---
        5:30: workload.operations.txn: txn on 'default', which the strategy eventual does not support for values of type register; expected read, write or delete
        ===
        (regions)
        data_types: {default: {value: counter}}
        workload: {operations: {read: 50%, txn: 50%}}
        ---
        5:41: workload.operations.txn: txn on 'default', which the strategy raft does not support for values of type counter; expected read, delete or increment
        ===
        (regions)
        workload: {operations: {txn: 100%}}
        expect: [linearizable, not: {stale_reads: {at_most: 1%}}, lost_updates: 0]
        ---
        5:10: expect[0].linearizable: linearizable looks at operations on single keys, and the workload has transactions alone; expected another operation in the workload
        5:43: expect[1].not.stale_reads: stale_reads looks at operations on single keys, and the workload has transactions alone; expected another operation in the workload
        ===
        (regions)
        workload: {txn: {read: 50%}}
        ---
        4:17: workload.txn: 'txn' without transactions; expected a share of txn in 'operations'
        ===
        (regions)
        workload: {ycsb: A, txn: {read: 50%}}
        ---
        4:26: workload.txn: 'txn' without transactions; expected a share of txn in 'operations'
        ===
        (regions)
        workload: {operations: {txn: 100%}, txn: {operations: 0..33, read: half, max_writes_per_key: 0, keys: 3}}
        ---
        4:55: workload.txn.operations: from 0 to 33; expected a range within 1..32
        4:68: workload.txn.read: found 'half'; expected a share such as 0.1%, from 0% to 100%
        4:94: workload.txn.max_writes_per_key: found '0'; expected a whole number from 1 to 10000
        4:97: workload.txn: unknown key 'keys'; expected one of operations, read or max_writes_per_key
        ===
        (regions)
        workload: {operations: {txn: 100%}, txn: {operations: 4}}
        ---
        4:55: workload.txn.operations: found '4'; expected a range such as 1..20
        ===
        (regions)
        replication: {strategy: eventual}
        workload: {ycsb: F}
        ---
        5:18: workload.ycsb: cas on 'default', which the strategy eventual does not support for values of type register; expected read, write or delete
        ===
        (regions)
        workload: {ycsb: E}
        ---
        4:18: workload.ycsb: found 'E'; expected A, B, C, D or F; did you mean 'A' or 'B' or 'C'?
        ===
        (regions)
        workload: {ycsb: A, operations: {read: 100%}}
        ---
        4:33: workload.operations: 'operations' beside 'ycsb'; expected one of them
        ===
        (regions)
        workload: {clients: 0}
        ---
        4:21: workload.clients: no client in any region; expected at least one
        ===
        (regions)
        workload: {clients: {us-east-2: 1}}
        ---
        4:22: workload.clients.us-east-2: unknown region 'us-east-2'; expected us-east-1, eu-west-1 or ca-central-1; did you mean 'us-east-1'?
        ===
        (regions)
        workload: {rate: 50}
        ---
        4:18: workload.rate: found '50'; expected a rate such as 50/s, above 0, or 'closed'
        ===
        (regions)
        workload: {timeout: 1s, attempt_timeout: 2s}
        ---
        4:42: workload.attempt_timeout: 2s, longer than the timeout of the operation, 1s; expected at most that
        ===
        (regions)
        workload: {data_type: carts}
        ---
        4:23: workload.data_type: unknown data type 'carts'; expected default
        ===
        (regions)
        faults:
          - {at: 10s, isolat: us-east-1, for: 10s}
        ---
        5:15: faults[0]: unknown key 'isolat'; expected one of partition, isolate, cut, degrade, reset, refuse, kill, pause, clock, disk, slow, surge or random; did you mean 'isolate'?
        ===
        (regions)
        faults:
          - {at: 10s, isolate: us-east-2, for: 10s}
        ---
        5:24: faults[0].isolate: unknown region 'us-east-2'; expected us-east-1, eu-west-1 or ca-central-1, or leader, primary, random, minority, majority or all; did you mean 'us-east-1'?
        ===
        (regions)
        faults:
          - {at: 10s, isolate: ca-central-1/b, for: 10s}
        ---
        5:24: faults[0].isolate: ca-central-1 has no zone 'b'; expected a; did you mean 'ca-central-1/a'?
        ===
        (regions)
        faults:
          - {at: 10s, isolate: ca-central-1/a/3, for: 10s}
        ---
        5:24: faults[0].isolate: ca-central-1/a has no node '3'; expected a number from 1 to 2
        ===
        (regions)
        faults:
          - {at: 10s, for: 10s}
        ---
        5:5: faults[0]: no fault; expected one of partition, isolate, cut, degrade, reset, refuse, kill, pause, clock, disk, slow, surge or random
        ===
        (regions)
        faults:
          - {isolate: us-east-1, for: 10s}
        ---
        5:5: faults[0]: 'at' is missing; expected when the fault strikes
        ===
        (regions)
        faults:
          - {at: 10s, isolate: us-east-1, kill: leader}
        ---
        5:41: faults[0].kill: 'isolate' and 'kill' in one entry; expected one fault
        ===
        (regions)
        faults:
          - {at: 50s, isolate: us-east-1}
        ---
        5:10: faults[0].at: a fault at 50s, but clients run for 30s; expected a time before the end, or a longer duration
        ===
        (regions)
        faults:
          - {at: 5s, isolate: all}
        ---
        5:23: faults[0].isolate: every node is selected, so there is none to isolate from; expected fewer nodes
        ===
        (regions)
        faults:
          - {at: 5s, isolate: us-east-1, for: 0s}
        ---
        5:39: faults[0].for: found '0s'; expected a duration above 0, such as 250ms or 1m30s
        ===
        (regions)
        faults:
          - {every: 5s, isolate: us-east-1, for: 1s}
        ---
        5:5: faults[0]: 'until' is missing; expected when the repeating ends
        ===
        (regions)
        faults:
          - {every: 5s, until: 20s, isolate: us-east-1}
        ---
        5:13: faults[0].every: a fault that repeats and never heals; expected how long it lasts each time, with 'for'
        ===
        (regions)
        faults:
          - {at: 5s, until: 20s, isolate: us-east-1}
        ---
        5:21: faults[0].until: 'until' without 'every'; expected both
        ===
        (regions)
        faults:
          - {at: 5s, partition: [[us-east-1], [us-east-1, eu-west-1]]}
        ---
        5:39: faults[0].partition[1]: us-east-1 is in more than one group of the partition; expected groups that have no node in common
        ===
        (regions)
        faults:
          - {at: 5s, partition: [us-east-1]}
        ---
        5:25: faults[0].partition: 1 groups; expected at least two
        ===
        (regions)
        faults:
          - {at: 5s, cut: {from: us-east-1}}
        ---
        5:26: faults[0].cut.from: 'from' without 'to'; expected both
        ===
        (regions)
        faults:
          - {at: 5s, cut: {between: [us-east-1, us-east-1]}}
        ---
        5:19: faults[0].cut: no link between two nodes; expected two different places
        ===
        (regions)
        faults:
          - {at: 5s, degrade: {all: true}}
        ---
        5:23: faults[0].degrade: no change; expected one of one_way, jitter, loss or bandwidth
        ===
        (regions)
        faults:
          - {at: 5s, degrade: {all: true, one_way: 200ms}}
        ---
        5:44: faults[0].degrade.one_way: found '200ms'; expected a change such as +200ms or x3
        ===
        (regions)
        faults:
          - {at: 5s, reset: {all: true}, for: 5s}
        ---
        5:39: faults[0].for: a duration for 'reset', which takes no time; expected none
        ===
        (regions)
        faults:
          - {at: 5s, random: {faults: [kill, pause, kill], every: 5s, for: 2s..6s}}
        ---
        5:45: faults[0].random.faults[2]: 'kill' stands here twice
        ===
        (regions)
        faults:
          - {at: 5s, random: {faults: [], every: 5s, for: 2s..6s}}
        ---
        5:31: faults[0].random.faults: an empty list; expected at least one fault
        ===
        (regions)
        faults:
          - {at: 5s, random: {faults: [kil], every: 0s, for: 6s..2s, budget: some}}
        ---
        5:32: faults[0].random.faults[0]: found 'kil'; expected partition, isolate, cut, degrade, reset, refuse, kill, pause, clock, disk, slow or surge; did you mean 'kill'?
        5:45: faults[0].random.every: found '0s'; expected a duration above 0, such as 250ms or 1m30s
        5:54: faults[0].random.for: found '6s..2s'; expected a range of durations such as 2s..6s
        5:70: faults[0].random.budget: found 'some'; expected minority, memory or none
        ===
        (regions)
        faults:
          - {at: 5s, random: {faults: [kill], every: 1ms, for: 0s..31s}, must_bite: on}
        ---
        5:46: faults[0].random.every: more than 10000 strikes; expected a longer time between
        5:56: faults[0].random.for: a fault of 0ms; expected durations above 0
        5:77: faults[0].must_bite: 'must_bite' for faults that nobody has chosen; expected off
        ===
        (regions)
        duration: 5s
        faults:
          - {at: 1s, random: {faults: [kill], every: 1s, for: 1s..6s}}
        ---
        6:55: faults[0].random.for: a fault of 6s, but clients run for 5s; expected at most that, or a longer duration
        ===
        name: x
        topology: {regions: [us-east-1]}
        faults:
          - {at: 1s, random: {faults: [cut, kill, clock], every: 1s, for: 1s}}
        ---
        4:32: faults[0].random.faults[0]: 'cut' in a run of one node; expected a second node
        4:37: faults[0].random.faults[1]: 'kill' within a budget that keeps a majority whole, but of 1 node none can be missing; expected at least 3 nodes, or another budget
        ===
        name: x
        topology: {regions: [us-east-1, eu-west-1]}
        faults:
          - {at: 1s, random: {faults: [degrade, isolate], every: 1s, for: 1s}}
        ---
        4:41: faults[0].random.faults[1]: 'isolate' within a budget that keeps a majority whole, but of 2 nodes none can be missing; expected at least 3 nodes, or another budget
        ===
        (regions)
        faults:
          - {at: 1s, random: {faults: [kill], every: 1s, for: 1s, budget: none}}
        expect:
          - linearizable
          - converged: {within: 10s}
          - not: {availability: {at_least: 10%}}
        liveness: {core: [ca-central-1, us-east-1], from: 20s}
        ---
        8:16: expect[1].converged: converged beside random faults with 'budget: none', which may leave nothing whole; expected 'budget: minority', or expectations about safety alone
        9:5: expect[2].availability: availability beside random faults with 'budget: none', which may leave nothing whole; expected 'budget: minority', or expectations about safety alone
        10:11: liveness: a core that gets on, beside random faults with 'budget: none'; expected another budget, or no liveness
        ===
        (regions)
        faults:
          - {at: 1s, random: {faults: [kill], every: 1s, for: 1s}}
        expect:
          - converged: {within: 10s, fault: f1}
        ---
        7:37: expect[0].converged.fault: there is no fault f1; expected a fault in 'faults'
        ===
        (regions)
        faults:
          - {at: 5s, kill: us-east-1}
        liveness: {core: [us-east-1, eu-west-1], from: 5s, within: 1s}
        ---
        6:18: liveness.core: no majority of 'default'; expected more than half of its 4 voters
        6:48: liveness.from: 5s, and a fault or action at 5s; expected a time after the last of them
        ===
        (regions)
        liveness: {core: [], within: 1s}
        ---
        4:11: liveness: 'from' is missing; expected when
        ===
        (regions)
        faults:
          - {at: 5s, kill: [us-east-1, eu-west-1], disk: gone, for: 1s}
          - {at: 6s, random: {faults: [kill], every: 1s, for: 1s}}
        ---
        5:3: faults: a majority that keeps what it knows is not left of every data type; expected fewer disks that are lost or damaged, fewer members removed, or 'budget: none'
        ===
        (regions)
        replication: {strategy: eventual}
        faults:
          - {at: 5s, kill: leader}
        ---
        6:20: faults[0].kill: no data type of the scenario has a leader; expected another selector, or a strategy with a leader
        ===
        (regions)
        data_types: {a: {strategy: raft}, b: {strategy: raft}}
        workload: {data_type: a}
        faults:
          - {at: 5s, kill: leader}
        ---
        7:20: faults[0].kill: 'leader', but 2 data types have one; expected {leader: a} or {leader: b}
        ===
        (regions)
        faults:
          - {at: 5s, kill: {continent: Asia}}
        ---
        5:32: faults[0].kill.continent: no region of the scenario is in Asia
        ===
        (regions)
        faults:
          - {at: 5s, kill: {provider: Azure}}
        ---
        5:31: faults[0].kill.provider: no region of the scenario is run by 'Azure'; expected AWS
        ===
        (regions)
        faults:
          - {at: 5s, kill: us-east-1, clients: true}
        ---
        5:40: faults[0].clients: 'clients' for kill; expected it only with isolate or partition
        ===
        (regions)
        replication: {strategy: primary-backup}
        actions:
          - {at: 5s, remove_member: us-east-1}
        ---
        6:29: actions[0].remove_member: remove_member, but the members of primary-backup groups are fixed; expected a strategy whose groups change, such as raft
        ===
        (regions)
        expect:
          - lost_updates: {data_type: default}
        ---
        5:19: expect[0].lost_updates: no bound; expected 'at_most', 'within' or both
        ===
        (regions)
        actions:
          - {at: 5s, start: us-east-1}
        ---
        5:21: actions[0].start: a start of nodes that nothing has stopped before; expected an earlier stop or kill
        ===
        (regions)
        actions:
          - {transfer_leader: us-east-1}
        ---
        5:5: actions[0]: 'at' is missing; expected when
        ===
        (regions)
        actions:
          - {at: 5s, add_member: us-east-1}
        ---
        5:26: actions[0].add_member: us-east-1 is a member from the start; expected a region that is not, or was removed before
        ===
        (regions)
        expect:
          - linearisable
        ---
        5:5: expect[0]: unknown expectation 'linearisable'; expected one of linearizable, sequential, causal, causal-convergence, causal-memory, pram, read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads, read-uncommitted, read-committed, repeatable-read, snapshot-isolation, serializable, strict-serializable, set-full, bounded-staleness, delta-atomicity, stable-latency, invariants, converged, availability, latency, failover, lost_updates, stale_reads, staleness, visibility, sessions_lost, session_hits, revoked_validations, expired_validations, session_spread, revocation_spread or not; did you mean 'linearizable'?
        ===
        (regions)
        expect:
          - sequential
        ---
        5:5: expect[0].sequential: sequential is a promise to sessions, and clients in an open loop are none; expected 'rate: closed' in the workload
        ===
        (regions)
        expect:
          - bounded-staleness: {}
          - delta-atomicity
          - visibility: {after: 1s, at_least: 50%}
        ---
        5:24: expect[0].bounded-staleness: no bound; expected 'at_most', 'versions' or both
        6:5: expect[1]: 'delta-atomicity' without a value; expected one such as 'delta-atomicity: {at_most: 500ms}'
        ===
        (regions)
        expect:
          - set-full
        ---
        5:5: expect[0].set-full: set-full looks at values of type list, and those of 'default' are of type register; expected 'data_type' with one whose values are
        ===
        (regions)
        expect:
          - visibility: {after: 1s, at_least: 50%}
        ---
        5:17: expect[0].visibility: visibility without probes; expected 'probes' in the workload
        ===
        (regions)
        workload: {probes: {after: [0ms, 2s]}}
        expect:
          - visibility: {after: 1s, at_least: 50%}
        ---
        6:25: expect[0].visibility.after: no probe reads after 1s; expected 0ms or 2s
        ===
        (regions)
        workload: {rate: closed, probes: {}}
        ---
        4:34: workload.probes: probes begin at times of their own, and clients in a closed loop do not; expected a rate in the workload, such as 'rate: 50/s'
        ===
        (regions)
        workload: {probes: {after: []}}
        ---
        4:28: workload.probes.after: 0 times; expected 1 to 32
        ===
        (regions)
        expect:
          - converged
        ---
        5:5: expect[0]: 'converged' without a value; expected one such as 'converged: {within: 10s}'
        ===
        (regions)
        expect:
          - availability: {at_least: 99}
        ---
        5:30: expect[0].availability.at_least: found '99'; expected a share such as 0.1%, from 0% to 100%
        ===
        (regions)
        expect:
          - availability: {at_least: 99%, phase: during}
        ---
        5:42: expect[0].availability.phase: the phase 'during' of a run without faults; expected no phase, or a fault
        ===
        (regions)
        faults:
          - {at: 5s, kill: leader}
        expect:
          - converged: {within: 5s, fault: f2}
        ---
        7:36: expect[0].converged.fault: there is no fault f2; expected f1
        ===
        (regions)
        expect:
          - not: serializable
        ---
        5:10: expect[0].not.serializable: serializable is a promise to transactions, and the workload has none; expected 'txn' among the operations
        ===
        (regions)
        expect:
          - latency: {percentile: 101, at_most: 5ms}
        ---
        5:27: expect[0].latency.percentile: found '101'; expected a percentile such as 99 or 99.9, above 0 up to 100
        ===
        (regions)
        expect:
          - latency: {percentile: 99, at_most: 5ms, operation: cas}
        ---
        5:56: expect[0].latency.operation: the workload has no cas; expected read or write
        ===
        (regions)
        expect:
          - failover: {within: 5s}
        ---
        5:15: expect[0].failover: failover without a fault; expected at least one fault
        ===
        (regions)
        expect: linearizable
        ---
        4:9: expect: found 'linearizable'; expected a list of expectations
        ===
        (regions)
        faults:
          - at: 5s
            kill: [leader, {leder: default}]
        ---
        6:21: faults[0].kill[1]: unknown key 'leder'; expected one of leader, primary, continent or provider; did you mean 'leader'?
        ===
        name: x
        topology:
          regions: [us-east-1]
        faults: [{at: 5s, isolate: minority}]
        ---
        4:10: faults[0]: a minority of 1 nodes is no node at all; expected at least 3 nodes
        ===
        name: x
        topology:
          regions: [us-east-1]
          links: [{from: us-east-1, to: eu-west-1, rtt: 5ms}, {all: true, loss: 100%}, {all: true}, {all: true, for: writes, one_way: 5ms}]
        ---
        4:33: topology.links[0].to: unknown region 'eu-west-1'; expected us-east-1
        4:80: topology.links[2]: a link that changes nothing; expected one of rtt, one_way, jitter, loss or bandwidth
        4:110: topology.links[3].for: found 'writes'; expected write, write-ack, read, read-reply or other; did you mean 'write'?
        ===
        (regions)
        replication: {strategy: eventual, learners: [us-east-1]}
        ---
        4:35: replication: unknown key 'learners'; expected one of strategy, regions, resolve, merge, replication_delay, anti_entropy, conflict_window, snapshot_at or fanout
        ===
        (regions)
        faults:
          - {at: 5s, kill: us-east-1}
        expect:
          - converged: {within: 5s, fault: f1}
        ---
        7:36: expect[0].converged.fault: f1 never heals, so nothing converges after it; expected a fault with 'for'
        ===
        (regions)
        faults:
          - {at: 0s, kill: us-east-1}
        expect:
          - availability: {at_least: 90%, phase: before}
        ---
        7:42: expect[0].availability.phase: the phase 'before' a fault that strikes at 0; expected a later fault, or another phase
        ===
        (regions)
        data_types: {session: {strategy: eventual, operations: {login: 50%, read: 50%}}}
        ---
        4:57: data_types.session.operations.login: login is asked of a service, not of a data type; expected it in the workload's 'operations'
        ===
        (regions)
        data_types: {session: {strategy: eventual, operations: {read: 100%}}}
        services: {sessions: {data_type: session}}
        workload: {operations: {login: 100%}, sessions: {revoked: 60%, expired: 60%}}
        ---
        6:49: workload.sessions: 'revoked' and 'expired' of more than all validations; expected shares that add up to at most 100%
        ===
        (regions)
        data_types: {session: {strategy: eventual, operations: {read: 100%}}}
        services: {sessions: {data_type: session}}
        workload: {operations: {login: 100%}}
        expect: [{availability: {at_least: 50%, operation: login}}, {availability: {at_least: 50%, operation: read}}]
        ---
        4:56: data_types.session.operations: clients do nothing with 'session' themselves, it is the sessions'; expected no 'operations'
        7:103: expect[1].availability.operation: the workload has no read; expected login
        ===
        (regions)
        replication: {strategy: quorum, resolve: merge, merge: max}
        workload: {operations: {read: 50%, write: 50%}}
        expect: [linearizable]
        ---
        6:10: expect[0].linearizable: linearizable of registers that are merged otherwise than by time, which no checker knows, and those of 'default' are; expected 'data_type' with one of another type
        ===
        (regions)
        matrix: {}
        ---
        4:9: matrix: an empty matrix; expected a mapping such as {replication.strategy: [raft, eventual], seed: 1..20}
        ===
        (regions)
        matrix: {seed: [1, 2, 1]}
        ---
        4:23: matrix.seed[2]: '1' stands here twice
        ===
        (regions)
        matrix: {seed: 1..1000, workload.keys.count: 1..1000, workload.value_size: 1..1000}
        ---
        4:9: matrix: more than 100000 combinations; expected fewer values, or several sweeps
        ===
        (regions)
        replication: {strategy: raft}
        data_types: {log: {value: list, operations: {read: 50%, append: 40%, delete: 10%}}}
        workload: {data_type: log}
        expect: [set-full]
        ---
        7:10: expect[0].set-full: set-full looks for whatever was added, and elements are removed from 'log'; expected a data type whose 'operations' have no delete
        """#
}
