import Determinism
import Geography
import Replication
import Scenarios
import Testing

/// What random faults may not do, whatever they are.
@Suite struct BudgetTests {
    @Test(arguments: Storm.shapes)
    func aBudgetIsKeptAtEveryMoment(_ nodes: [Int]) throws {
        let scenario = try Storm.scenario(nodes: nodes)
        for seed in 0..<500 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            let violations = BudgetChecker(plan: plan).violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
        }
    }

    /// Of no group do more than a minority lose their memory, and whoever may have forgotten a
    /// promise without knowing it is not ended any more.
    @Test(arguments: Storm.shapes)
    func theBudgetOfMemoriesIsKept(_ nodes: [Int]) throws {
        let scenario = try Storm.scenario(nodes: nodes, budget: "memory")
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
        let scenario = try Storm.scenario(
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

    @Test func leasesTrustEveryClock() throws {
        let scenario = try Storm.scenario(
            nodes: [1, 1, 1, 1, 1], kinds: "clock, kill", reads: "lease")
        for seed in 0..<300 as Range<UInt64> {
            let plan = try Plan(scenario, seed: seed)
            #expect(BudgetChecker(plan: plan).violations.isEmpty, "seed \(seed)")
        }
    }

    @Test func whatTheFileBreaksCountsToo() throws {
        let scenario = try Storm.scenario(
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
        let scenario = try Storm.scenario(
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
}
