import Determinism
import Geography
import Replication
import Scenarios
import Testing

@Suite struct NemesisTests {
    /// All kinds at once, strikes that overlap, in some number of nodes.
    static func storm(
        nodes: [Int], budget: String = "minority", kinds: String? = nil,
        reads: String = "read-index",
        more: String = "", extra: String = ""
    ) throws -> Scenario {
        let regions = ["us-east-1", "eu-west-1", "ap-northeast-1", "us-west-2", "eu-central-1"]
        let list = zip(regions, nodes).map { name, count in
            "{name: \(name), nodes: \(count), zones: [\(count > 1 ? "a, b" : "a")]}"
        }.joined(separator: ", ")
        let all = RandomFaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        return try decode(
            """
            name: storm
            duration: 20s
            topology: {regions: [\(list)]}
            replication: {strategy: raft, reads: \(reads)}
            faults:
              - {at: 1s, random: {faults: [\(kinds ?? all)], every: 500ms, for: 300ms..5s, budget: \(budget)}}
            \(more)
            \(extra)
            """)
    }

    static let shapes = [[1, 1, 1], [3], [2, 2, 1], [1, 1, 1, 1], [3, 2, 2]]

    @Test(arguments: shapes)
    func aBudgetIsKeptAtEveryMoment(_ nodes: [Int]) throws {
        let scenario = try Self.storm(nodes: nodes)
        for seed in 0..<500 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let violations = BudgetChecker(plan: plan).violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
        }
    }

    /// Of no group do more than a minority lose their memory, and whoever may have forgotten a
    /// promise without knowing it is not ended any more.
    @Test(arguments: shapes)
    func theBudgetOfMemoriesIsKept(_ nodes: [Int]) throws {
        let scenario = try Self.storm(nodes: nodes, budget: "memory")
        var blackouts = 0
        for seed in 0..<300 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let struck = { (selector: NodeSelector) in
                Set(plan.nodes(selectedBy: selector, leader: { _ in nil }))
            }
            var erased: Set<NodeID> = []
            var liars: [NodeID: TimeSpan] = [:]
            var killed: [TimeSpan: Set<NodeID>] = [:]
            for fault in plan.faults {
                switch fault.kind {
                case .kill(let selector, let disk):
                    if disk == .gone { erased.formUnion(struck(selector)) }
                    killed[fault.at, default: []].formUnion(struck(selector))
                    for node in struck(selector) {
                        #expect(liars[node].map { $0 > fault.at } ?? true, "seed \(seed)")
                    }
                case .disk(let selector, let trouble):
                    if trouble.corrupts { erased.formUnion(struck(selector)) }
                    guard trouble.losesUnsynced else { continue }
                    for node in struck(selector) { liars[node] = fault.at }
                case _: break
                }
            }
            #expect(erased.count * 2 < plan.nodes.count, "seed \(seed)")
            #expect(plan.liveness != nil)
            blackouts += killed.values.count { $0.count == plan.nodes.count }
        }
        #expect(blackouts > 100)
    }

    @Test func whatMultipliesStaysBearable() throws {
        let scenario = try Self.storm(
            nodes: [1, 1, 1], budget: "none", kinds: "surge, slow",
            more: "  - {at: 2s, surge: {region: us-east-1, rate: x15}, for: 15s}")
        for seed in 0..<200 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            for moment in plan.faults.map(\.at) {
                for node in plan.nodes {
                    var surge = 1.0
                    var slowness = 1.0
                    for fault in plan.faults where fault.at <= moment {
                        guard fault.end.map({ moment < $0 }) ?? true else { continue }
                        switch fault.kind {
                        case .surge(let selector, let factor)
                        where plan.nodes(selectedBy: selector, leader: { _ in node.id })
                            .contains(node.id):
                            surge *= factor
                        case .slow(let selector, let factor)
                        where plan.nodes(selectedBy: selector, leader: { _ in node.id })
                            .contains(node.id):
                            slowness *= factor
                        case _: break
                        }
                    }
                    #expect(surge <= 20.0001 && slowness <= 1000.1, "seed \(seed) at \(moment)")
                }
            }
        }
    }

    /// Same kinds at the same place, close after one another; a pause and a cut that outlasts it.
    @Test func strikesOfSeveralFaultsAreDrawn() throws {
        let scenario = try Self.storm(nodes: [2, 2, 1], budget: "memory")
        var volleys = 0
        var stupors = 0
        for seed in 0..<200 as Range<UInt64> {
            let faults = try Plan(scenario, seed: seed).faults
            for (index, fault) in faults.enumerated() {
                let later = faults[(index + 1)...]
                if later.count(where: {
                    $0.kind == fault.kind && $0.at - fault.at <= .milliseconds(1_500)
                }) > 0 {
                    volleys += 1
                }
                guard case .pause(let whom) = fault.kind else { continue }
                if later.contains(where: { other in
                    other.kind == .isolate(whom) && other.at < fault.end ?? .zero
                        && other.end ?? .zero > fault.end ?? .zero
                }) {
                    stupors += 1
                }
            }
        }
        #expect(volleys > 200 && stupors > 50, "\(volleys), \(stupors)")
    }

    @Test func leasesTrustEveryClock() throws {
        let scenario = try Self.storm(nodes: [1, 1, 1, 1, 1], kinds: "clock, kill", reads: "lease")
        for seed in 0..<300 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            #expect(BudgetChecker(plan: plan).violations.isEmpty, "seed \(seed)")
        }
    }

    @Test func whatTheFileBreaksCountsToo() throws {
        let scenario = try Self.storm(
            nodes: [1, 1, 1, 1, 1],
            more: """
                  - {at: 4s, kill: us-east-1, for: 5s}
                  - {at: 12s, isolate: leader, for: 4s}
                actions:
                  - {at: 6s, remove_member: eu-west-1}
                """)
        var drawn = 0
        for seed in 0..<400 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let violations = BudgetChecker(plan: plan).violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
            drawn += plan.faults.count - 2
            #expect(plan.faults[0].mustBite && plan.faults[1].mustBite)
            #expect(plan.faults.dropFirst(2).allSatisfy { !$0.mustBite })
        }
        #expect(drawn > 400 * 10)
    }

    @Test func aStoppedNodeIsMissingUntilItIsStarted() throws {
        let scenario = try Self.storm(
            nodes: [1, 1, 1], kinds: "kill, pause",
            more: "actions: [{at: 5s, stop: us-east-1}, {at: 10s, start: us-east-1}]")
        var others = 0
        for seed in 0..<200 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            #expect(BudgetChecker(plan: plan).violations.isEmpty, "seed \(seed)")
            others += plan.faults.count { $0.at >= .seconds(10) }
        }
        #expect(others > 200)
    }

    @Test func theSameSeedDrawsTheSame() throws {
        let scenario = try Self.storm(nodes: [2, 2, 1])
        var plans: Set<String> = []
        for seed in 0..<50 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            #expect(try Plan(scenario, seed: seed) == plan)
            plans.insert(plan.yaml)
        }
        #expect(plans.count == 50)
    }

    @Test(arguments: FaultBudget.allCases)
    func aPlanReplaysItself(_ budget: FaultBudget) throws {
        let scenario = try Self.storm(nodes: [3, 2, 2], budget: budget.rawValue)
        for seed in 0..<300 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let again = try Plan(Scenario.decode(yaml: plan.yaml, strategies: Strategies.all))
            #expect(again == plan, "seed \(seed)")
            #expect(
                plan.scenario.faults.allSatisfy {
                    if case .random = $0.kind { false } else { true }
                })
        }
    }

    @Test(arguments: FaultBudget.allCases)
    func everyKindAndEveryFormIsDrawn(_ budget: FaultBudget) throws {
        let scenario = try Self.storm(nodes: [2, 2, 1, 1, 1], budget: budget.rawValue)
        var seen: Set<String> = []
        for seed in 0..<300 as Range<UInt64> {
            for fault in try Plan(scenario, seed: seed).faults { seen.formUnion(forms(of: fault)) }
        }
        var expected: Set = [
            "partition in 2", "partition in 3", "bridge", "isolate", "isolate from clients",
            "cut both ways by packet", "cut one way by packet", "cut both ways by message",
            "cut one way by message", "slower", "later", "jitter", "loss", "bandwidth", "reset",
            "refuse", "kill", "erase", "pause", "ahead", "behind", "minutes", "milliseconds",
            "drift", "far drift", "slow disk", "full disk", "failing disk", "lying disk",
            "rotten disk", "slow", "surge", "node", "zone", "region", "leader",
        ]
        if budget == .none { expected.insert("leader's clock") }
        #expect(seen.isSuperset(of: expected), "missing: \(expected.subtracting(seen).sorted())")
    }

    private func forms(of fault: PlannedFault) -> [String] {
        func selected(_ selector: NodeSelector) -> [String] {
            switch selector {
            case .place(.node): ["node"]
            case .place(.zone): ["zone"]
            case .place(.region): ["region"]
            case .leader: ["leader"]
            case .list, .primary, .random, .minority, .majority, .all, .continent, .provider: []
            }
        }
        switch fault.kind {
        case .partition(let sides):
            let count = sides.reduce(0) { sum, side in
                if case .list(let parts) = side { sum + parts.count } else { sum + 1 }
            }
            return ["partition in \(sides.count)"] + (count < 7 ? ["bridge"] : [])
        case .isolate(let selector):
            return [fault.cutsClients ? "isolate from clients" : "isolate"] + selected(selector)
        case .cut(.directed, let layer): return ["cut one way by \(layer.rawValue)"]
        case .cut(_, let layer): return ["cut both ways by \(layer.rawValue)"]
        case .degrade(_, let change):
            var result: [String] = []
            switch change.delay {
            case .added: result.append("later")
            case .multiplied: result.append("slower")
            case nil: break
            }
            if change.jitter != nil { result.append("jitter") }
            if change.loss != nil { result.append("loss") }
            if change.bandwidth != nil { result.append("bandwidth") }
            return result
        case .kill(let selector, let disk):
            return [disk == .gone ? "erase" : "kill"] + selected(selector)
        case .clock(let selector, let error):
            var result: [String] = []
            if let offset = error.offset {
                result.append(offset > .zero ? "ahead" : "behind")
                let size = offset > .zero ? offset : -offset
                if size > .seconds(60) { result.append("minutes") }
                if size < .milliseconds(100) { result.append("milliseconds") }
            }
            if let drift = error.driftPartsPerMillion {
                result.append(drift.magnitude > 1000 ? "far drift" : "drift")
            }
            if case .leader = selector { result.append("leader's clock") }
            return result
        case .disk(_, let trouble):
            if trouble.extraSync != nil { return ["slow disk"] }
            if trouble.isFull { return ["full disk"] }
            if trouble.fails { return ["failing disk"] }
            return [trouble.losesUnsynced ? "lying disk" : "rotten disk"]
        case .pause(let selector), .refuse(let selector), .slow(let selector, _):
            return [fault.kind.name] + selected(selector)
        case .reset, .surge, .random: return [fault.kind.name]
        }
    }

    @Test func strikesKeepToTheirTimes() throws {
        let scenario = try decode(
            """
            name: x
            duration: 20s
            topology: {regions: [us-east-1, eu-west-1, ap-northeast-1]}
            faults:
              - {at: 2s, random: {faults: [slow], every: 1s, for: 1s..2s}, for: 3s}
              - {at: 10s, every: 5s, until: 19s, random: {faults: [surge], every: 2s, for: 500ms}, for: 3s}
            """)
        let plan = try Plan(scenario)
        #expect(
            plan.faults.map { "\($0.at) \($0.kind.name)" } == [
                "2s slow", "3s slow", "4s slow", "10s surge", "12s surge", "15s surge", "17s surge",
            ])
        #expect(plan.faults.prefix(3).allSatisfy { $0.duration.map { $0 >= .seconds(1) } ?? false })
        #expect(plan.faults.dropFirst(3).allSatisfy { $0.duration == .milliseconds(500) })
        #expect(plan.liveness?.from == .seconds(18))
    }

    @Test func drawsDoNotDependOnHarmlessOthers() throws {
        func plan(_ more: String) throws -> Plan {
            try Plan(
                decode(
                    """
                    name: x
                    topology: {regions: [us-east-1, eu-west-1, ap-northeast-1]}
                    faults:
                      - {at: 2s, random: {faults: [kill, pause, isolate], every: 8s, for: 1s..2s}}
                    \(more)
                    """))
        }
        let alone = try plan("")
        let more = try plan("  - {at: 3s, surge: {region: us-east-1, rate: x3}, for: 1s}")
        #expect(alone.faults.map(\.kind) == more.faults.dropFirst().map(\.kind))
    }
}

/// What is asked after the storm.
@Suite struct PlannedLivenessTests {
    @Test func aCoreIsAMajorityThatRemembers() throws {
        let scenario = try NemesisTests.storm(nodes: [2, 2, 1])
        var cores: Set<[Place]> = []
        var sizes: Set<Int> = []
        for seed in 0..<300 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let liveness = try #require(plan.liveness)
            let core = plan.nodes.map(\.id).filter { node in
                liveness.core.contains { $0.contains(node) }
            }
            let forgetful = plan.faults.flatMap { fault -> [NodeID] in
                switch fault.kind {
                case .kill(let selector, .gone):
                    return plan.nodes(selectedBy: selector, leader: { _ in nil })
                case .disk(let selector, let trouble) where trouble.corrupts:
                    return plan.nodes(selectedBy: selector, leader: { _ in nil })
                case _: return []
                }
            }
            #expect(core.count { !forgetful.contains($0) } >= 3, "seed \(seed)")
            #expect(plan.faults.allSatisfy { $0.at < liveness.from }, "seed \(seed)")
            cores.insert(liveness.core)
            sizes.insert(core.count)
        }
        #expect(cores.count > 10)
        #expect(sizes == [3, 4, 5])
    }

    @Test func whoIsRemovedOrMayNotBeThereYetIsNotRelied() throws {
        let scenario = try NemesisTests.storm(
            nodes: [1, 1, 1, 1, 1], kinds: "degrade",
            more:
                "actions: [{at: 3s, remove_member: us-east-1}, {at: 5s, remove_member: eu-west-1}]")
        for seed in 0..<50 as Range<UInt64> {
            let core = try #require(try Plan(scenario, seed: seed).liveness).core
            let rest = [2, 3, 4].map { Place.region(RegionID(index: $0)) }
            #expect(rest.allSatisfy(core.contains), "seed \(seed): \(core)")
        }
    }

    /// Three vote and a fourth is to: then two of the three are a majority with it, not without.
    @Test func whoMayVoteSoonMakesAMajorityLarger() throws {
        let scenario = try decode(
            """
            name: x
            duration: 20s
            topology: {regions: [us-east-1, eu-west-1, ap-northeast-1, us-west-2]}
            replication: {regions: [us-east-1, eu-west-1, ap-northeast-1]}
            faults:
              - {at: 1s, random: {faults: [kill], every: 500ms, for: 500ms..2s}}
            actions: [{at: 8s, add_member: us-west-2}]
            """)
        var both = 0
        for seed in 0..<200 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            for moment in plan.faults.map(\.at) {
                var down: Set<NodeID> = []
                var leaders = 0
                for fault in plan.faults where fault.at <= moment {
                    guard case .kill(let target, let disk) = fault.kind else { continue }
                    if let end = fault.end, end <= moment, disk == .kept { continue }
                    if case .leader = target { leaders += 1 }
                    down.formUnion(plan.nodes(selectedBy: target, leader: { _ in nil }))
                }
                let founders = down.filter { $0.region.index < 3 }.count + leaders
                let isNewcomerDown = down.contains { $0.region.index == 3 }
                let allowed = isNewcomerDown && moment >= .seconds(8) ? 0 : 1
                #expect(founders <= allowed, "seed \(seed): at \(moment)")
                if founders == 1, isNewcomerDown { both += 1 }
            }
            let core = try #require(plan.liveness).core
            let founders = core.count { $0.region.index < 3 }
            #expect(core.count >= 3 && founders >= 2, "seed \(seed)")
        }
        #expect(both > 20)
    }

    @Test func thereIsNoneWithoutABudgetOrWithoutRandomFaults() throws {
        #expect(try Plan(NemesisTests.storm(nodes: [3], budget: "none")).liveness == nil)
        let plain = try decode("name: x\ntopology: {regions: [us-east-1]}")
        #expect(try Plan(plain).liveness == nil)
    }

    @Test func whatAPersonWroteStays() throws {
        let scenario = try NemesisTests.storm(
            nodes: [1, 1, 1],
            extra: "liveness: {core: [us-east-1/a, eu-west-1], from: 8s, within: 7s}")
        let plan = try Plan(scenario)
        let spec = LivenessSpec(
            core: [
                .zone(RegionID(index: 0), zone: 0), .region(RegionID(index: 1)),
            ], from: .seconds(8), within: .seconds(7))
        #expect(scenario.liveness == spec)
        #expect(plan.liveness == spec)
        #expect(plan.faults.allSatisfy { $0.at < .seconds(8) })
        #expect(try decode(plan.yaml) == plan.scenario)
    }
}
