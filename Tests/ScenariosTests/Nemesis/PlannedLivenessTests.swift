import Determinism
import Geography
import Replication
import Scenarios
import Testing

/// What is asked after the storm.
@Suite struct PlannedLivenessTests {
    @Test func aCoreIsAMajorityThatRemembers() throws {
        let scenario = try Storm.scenario(nodes: [2, 2, 1])
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

    /// What waits for all needs all; where a careful promotion asks all but one, those.
    @Test(arguments: [("sync", 5), ("semi-sync", 4), ("async", 3)])
    func aCoreIsAsMuchAsAPrimaryNeeds(_ mode: String, _ needed: Int) throws {
        let scenario = try decode(
            """
            name: x
            duration: 20s
            topology: {regions: [us-east-1, eu-west-1, ap-northeast-1, us-west-2, sa-east-1]}
            replication: {strategy: primary-backup, mode: \(mode)}
            faults:
              - at: 1s
                random: {faults: [kill, disk, partition], every: 500ms, for: 500ms..2s}
            """)
        for seed in 0..<100 as Range<UInt64> {
            let core = try #require(try Plan(scenario, seed: seed).liveness).core
            #expect(core.count >= needed, "seed \(seed)")
        }
    }

    @Test func whoIsRemovedOrMayNotBeThereYetIsNotRelied() throws {
        let scenario = try Storm.scenario(
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
        #expect(try Plan(Storm.scenario(nodes: [3], budget: "none")).liveness == nil)
        let plain = try decode("name: x\ntopology: {regions: [us-east-1]}")
        #expect(try Plan(plain).liveness == nil)
    }

    @Test func whatAPersonWroteStays() throws {
        let scenario = try Storm.scenario(
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
