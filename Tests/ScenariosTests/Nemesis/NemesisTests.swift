import Determinism
import Geography
import Replication
import Scenarios
import Testing

/// Draws of random faults: they depend on the seed, and on nothing that does not concern them.
@Suite struct NemesisTests {
    @Test func theSameSeedDrawsTheSame() throws {
        let scenario = try Storm.scenario(nodes: [2, 2, 1])
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
        let scenario = try Storm.scenario(nodes: [3, 2, 2], budget: budget.rawValue)
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
