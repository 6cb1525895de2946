import Determinism
import Geography
import Replication
import Scenarios
import Testing

@Suite struct SwarmTests {
    static let strategies = [Raft.strategy, Eventual.strategy]

    static func drawn(_ strategy: String, _ seed: UInt64) throws -> Scenario {
        let base = try Scenario.decode(
            yaml: """
                name: base
                topology: {regions: [us-east-1, eu-west-1, ap-northeast-1]}
                replication: {strategy: \(strategy)}
                """, strategies: strategies)
        return Swarm.draw(from: base, seed: seed, strategies: strategies)
    }

    @Test(arguments: [("raft", 2_000), ("eventual", 500)])
    func everyDrawValidatesAndReplays(_ strategy: String, _ seeds: UInt64) throws {
        for seed in 0..<seeds {
            let scenario = try Self.drawn(strategy, seed)
            // What is read is validated, too.
            let written = try Scenario.decode(yaml: scenario.yaml, strategies: Self.strategies)
            #expect(written == scenario, "seed \(seed)")
            let plan = try Plan(scenario)
            let again = try Plan(Scenario.decode(yaml: plan.yaml, strategies: Self.strategies))
            #expect(again == plan, "seed \(seed)")
        }
    }

    @Test func theSameSeedDrawsTheSameAndOthersDoNot() throws {
        var drawn: Set<String> = []
        for seed in 0..<100 as Range<UInt64> {
            let scenario = try Self.drawn("raft", seed)
            #expect(try Self.drawn("raft", seed) == scenario)
            drawn.insert(scenario.yaml)
        }
        #expect(drawn.count == 100)
    }

    @Test func everythingIsDrawnAndLeftOut() throws {
        var seen: [String: Int] = [:]
        let runs = 1_000
        for seed in 0..<UInt64(runs) {
            for feature in Set(features(of: try Self.drawn("raft", seed))) {
                seen[feature, default: 0] += 1
            }
        }
        let expected = [
            "3 nodes", "4 nodes", "5 nodes", "6 nodes", "7 nodes", "1 regions", "2 regions",
            "3 regions", "4 regions", "5 regions", "zones", "near", "far", "jitter", "loss",
            "bandwidth", "unordered", "closed", "open", "few keys", "many keys", "zipfian",
            "uniform", "hotspot", "txn", "cas", "delete", "append", "increment", "read-index",
            "lease",
            "local", "prevote", "check_quorum", "election_timeout", "snapshot_at",
            "preferred_leader", "learners", "stop", "start", "transfer_leader", "remove_member",
            "add_member", "promote", "drift", "far drift", "minority", "none", "linearizable",
            "strict-serializable",
            "lost_updates", "converged",
        ]
        for feature in expected {
            let count = seen[feature, default: 0]
            #expect(count >= 5 && count <= runs - 5, "\(feature): \(count)")
        }
        for kind in RandomFaultKind.allCases {
            let count = seen["random \(kind.rawValue)", default: 0]
            #expect(count > runs / 5 && count < runs * 4 / 5, "\(kind): \(count)")
        }
    }

    private func features(of scenario: Scenario) -> [String] {
        let topology = scenario.topology
        let nodes = topology.regions.reduce(0) { $0 + $1.nodeCount }
        var result = ["\(nodes) nodes", "\(topology.regions.count) regions"]
        if topology.regions.contains(where: { $0.zones.count > 1 }) { result.append("zones") }
        result.append(topology.latency == .none ? "near" : "far")
        for line in topology.links {
            if line.jitter != nil { result.append("jitter") }
            if line.loss != nil { result.append("loss") }
            if line.bandwidth != nil { result.append("bandwidth") }
        }
        if topology.ordering == .none { result.append("unordered") }
        result.append(scenario.workload.isClosedLoop ? "closed" : "open")
        if case .operations(_, let keys) = scenario.workload.mix {
            result += [keys.count < 20 ? "few keys" : "many keys", keys.distribution.rawValue]
        }
        result += scenario.workload.operationKinds.map(\.rawValue)
        for (name, value) in scenario.replication.options.sorted {
            result.append(name)
            if name == "reads", case .choice(let word) = value { result.append(word) }
        }
        if !scenario.replication.learners.isEmpty { result.append("learners") }
        result += scenario.actions.map(\.kind.name)
        result += scenario.expectations.map(\.name)
        for fault in scenario.faults {
            switch fault.kind {
            case .clock(_, let error):
                let isFar = (error.driftPartsPerMillion ?? 0).magnitude > 1000
                result.append(isFar ? "far drift" : "drift")
            case .random(let random):
                result.append(random.budget.rawValue)
                result += random.kinds.map { "random \($0.rawValue)" }
            case _: break
            }
        }
        return result
    }

    @Test func onlyWhatIsPromisedIsExpected() throws {
        var leases = (kept: 0, broken: 0)
        var forgotten = 0
        for seed in 0..<1_000 as Range<UInt64> {
            let scenario = try Self.drawn("raft", seed)
            let plan = try Plan(scenario)
            let names = scenario.expectations.map(\.name)
            let members = Set(plan.groups[0].voters)
            let drifts = plan.faults.compactMap { fault -> Double? in
                guard case .clock(let selector, let error) = fault.kind else { return nil }
                let struck = plan.nodes(selectedBy: selector, leader: { _ in nil })
                guard !members.isDisjoint(with: struck) else { return nil }
                return error.driftPartsPerMillion?.magnitude
            }
            let driftMax: Double
            if case .integer(let bound) = scenario.replication.options["lease_drift_ppm"] {
                driftMax = Double(bound)
            } else {
                driftMax = 1000
            }
            let erases = plan.faults.contains { fault in
                switch fault.kind {
                case .kill(_, .gone): return true
                case .disk(_, let trouble): return trouble.losesUnsynced || trouble.corrupts
                case _: return false
                }
            }
            let reads = scenario.replication.options["reads"]
            if reads == .choice("local") { #expect(!names.contains("linearizable")) }
            if reads == .choice("lease"), drifts.contains(where: { $0 > driftMax }) {
                #expect(!names.contains("linearizable"), "seed \(seed)")
                leases.broken += 1
            }
            if reads == .choice("lease"), drifts.isEmpty, !erases {
                #expect(names.contains("linearizable"), "seed \(seed)")
                leases.kept += 1
            }
            // Where nobody forgets, nothing is lost.
            if !erases { #expect(names.contains("lost_updates"), "seed \(seed)") }
            #expect(names.contains("converged") == (plan.liveness != nil))
            if isMemoryLost(plan) {
                #expect(!names.contains("lost_updates"), "seed \(seed)")
                #expect(plan.liveness == nil, "seed \(seed)")
                forgotten += 1
            }
        }
        #expect(leases.kept > 20 && leases.broken > 5 && forgotten > 2)
        for seed in 0..<300 as Range<UInt64> {
            #expect(try Self.drawn("eventual", seed).expectations.map(\.name) == ["converged"])
        }
    }

    /// Whether a node whose disk lies may be killed under it, or no majority keeps its memory.
    private func isMemoryLost(_ plan: Plan) -> Bool {
        func nodes(_ selector: NodeSelector) -> [NodeID] {
            if case .leader = selector { return plan.nodes.map(\.id) }
            return plan.nodes(selectedBy: selector, leader: { _ in nil })
        }
        var erased: Set<NodeID> = []
        var liars: [(node: NodeID, since: TimeSpan)] = []
        for fault in plan.faults {
            switch fault.kind {
            case .kill(.place(let place), .gone): erased.formUnion(nodes(.place(place)))
            case .disk(let selector, let trouble) where trouble.losesUnsynced:
                liars += nodes(selector).map { ($0, fault.at) }
            case .disk(.place(let place), let trouble) where trouble.corrupts:
                erased.formUnion(nodes(.place(place)))
            case _: break
            }
        }
        let isForgotten = plan.groups.contains { group in
            group.voters.count { !erased.contains($0) } * 2 <= group.voters.count
        }
        let isUndone = plan.faults.contains { kill in
            guard case .kill(let selector, _) = kill.kind else { return false }
            let killed = nodes(selector)
            return liars.contains { $0.since <= kill.at && killed.contains($0.node) }
        }
        return isForgotten || isUndone
    }

    @Test func runsAreShortAndModest() throws {
        for seed in 0..<1_000 as Range<UInt64> {
            let scenario = try Self.drawn(seed % 2 == 0 ? "raft" : "eventual", seed)
            #expect((5...30).contains(scenario.duration.seconds))
            let perSecond: Double
            switch scenario.workload.arrivals {
            case .open(let rates):
                perSecond = rates.others * Double(scenario.topology.regions.count)
            case .closed:
                let clients = scenario.workload.clients.others * scenario.topology.regions.count
                perSecond = Double(clients) / scenario.topology.clientRoundTrip.seconds
            }
            #expect(perSecond * scenario.duration.seconds < 12_000, "seed \(seed)")
        }
    }

    @Test func aStrategyThatNobodyKnowsStillGivesAScenario() throws {
        let base = try Self.drawn("raft", 1)
        var other = base
        other.replication = ReplicationSpec(strategy: "unheard-of")
        let scenario = Swarm.draw(from: other, seed: 3, strategies: Self.strategies)
        #expect(scenario.replication.strategy == "unheard-of")
        #expect(scenario.expectations.isEmpty)
        _ = try Plan(scenario)
    }
}
