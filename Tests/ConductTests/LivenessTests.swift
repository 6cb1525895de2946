import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Testing

@testable import Conduct

/// The phase at the end in which a core has to get on.
@Suite struct LivenessTests {
    /// Three regions, of which the first two are the core, healed after four seconds.
    private func storm(
        _ faults: [FaultSpec], actions: [ActionSpec] = [], from: Double = 4, within: Double = 6,
        duration: Double = 6, core: [Int] = [0, 1]
    ) -> Scenario {
        var scenario = scenario(duration: s(duration), faults: faults, actions: actions)
        scenario.liveness = LivenessSpec(
            core: core.map { .region(region($0)) }, from: s(from), within: s(within))
        return scenario
    }

    private func result(_ rig: ConductRig) -> LivenessOutcome? {
        rig.events.compactMap(LivenessOutcome.init).last
    }

    @Test func theCoreIsHealedAndTheRestStaysBroken() throws {
        let rig = try ConductRig.played(
            storm([
                fault(1, .kill(at(0), disk: .kept)), fault(2, .isolate(at(1))),
                fault(2.5, .pause(at(2))), fault(3, .degrade(.all, Degradation(loss: 0.2))),
            ]))
        #expect(rig.end?.isComplete == true)
        let began = try #require(rig.events.compactMap(LivenessBegan.init).first)
        #expect(
            began
                == LivenessBegan(
                    time: moment(4), core: ["us-east-1", "eu-central-1"], within: s(6)))
        let lines = rig.lines(from: 3.99, to: 4.05)
        #expect(lines.contains { $0.hasPrefix("launch 0.1 #1") && $0.contains("2.1:[") })
        #expect(lines.contains("condition 1.1>0.1 []"))
        #expect(lines.contains { $0.hasPrefix("condition 1.1>2.1") && $0.contains("held") })
        #expect(!rig.lines(from: 4).contains("resume 2.1"))
        let outcome = try #require(result(rig))
        #expect(outcome.missing == [])
        #expect(outcome.core == ["us-east-1", "eu-central-1"])
        #expect(try #require(outcome.served) < s(3))
        #expect(outcome.agreed != nil)
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.leftOut == ["ap-northeast-1"])
        #expect(rig.convergence?.digests.map(\.node) == ["us-east-1", "eu-central-1"])
    }

    @Test func withoutTheHealThatRunWouldNotServe() throws {
        // The same faults, and nobody asks for a core.
        var plain = storm([fault(1, .kill(at(0), disk: .kept)), fault(2, .isolate(at(1)))])
        plain.liveness = nil
        let rig = try ConductRig.played(plain)
        #expect(rig.events(.liveness).isEmpty)
        #expect(
            rig.operations.filter { $0.planned > moment(4) && $0.function == .write }
                .allSatisfy { $0.outcome != .ok })
    }

    @Test func aCoreThatDoesNotServeIsAFailure() throws {
        let rig = try ConductRig.played(storm([fault(1, .kill(at(0), disk: .kept), for: 9)])) {
            $0.readyAfter = { node, launch in
                node.region == region(0) && launch > 0 ? nil : .milliseconds(50)
            }
        }
        let outcome = try #require(result(rig))
        #expect(outcome.served == nil)
        #expect(outcome.agreed == nil)
        #expect(
            outcome.missing == [
                "no update of 'default' was answered by the core within 6s",
                "the core did not come to agree within 6s",
                "us-east-1 of the core was not up",
            ])
    }

    @Test func helpFromOutsideDoesNotCount() throws {
        // The rest is in the best of health and would do all the work, but clients do not ask it.
        let rig = try ConductRig.played(storm([], core: [1])) { behaviour in
            behaviour.replicates = { _, _ in true }
        }
        let outcome = try #require(result(rig))
        #expect(outcome.missing == ["no update of 'default' was answered by the core within 6s"])
        #expect(
            !rig.operations.contains {
                $0.planned > moment(5) && $0.function == .write && $0.outcome == .ok
            })
    }

    @Test func aCoreThatDoesNotAgreeIsAFailure() throws {
        let rig = try ConductRig.played(storm([])) {
            $0.replicates = { node, now in node.region != region(1) || now < moment(4) }
        }
        let outcome = try #require(result(rig))
        #expect(outcome.served != nil)
        #expect(outcome.missing == ["the core did not come to agree within 6s"])
        #expect(rig.convergence?.converged == false)
    }

    @Test func clientsGoOnUntilTheCoreHasServed() throws {
        let rig = try ConductRig.played(storm([], from: 7, within: 9, duration: 3))
        let outcome = try #require(result(rig))
        let served = try #require(outcome.served)
        let last = try #require(rig.operations.map(\.planned).max())
        #expect(last > moment(6.5) && last <= moment(7) + served)
        #expect(outcome.missing.isEmpty)
    }

    @Test func nothingHealsAfterwards() throws {
        let rig = try ConductRig.played(
            storm([
                fault(1, .isolate(at(2)), for: 4), fault(1, .pause(at(1)), for: 4),
                fault(1, .surge(.all, factor: 3)),
            ]))
        // What only touched the core, and every surge, is over; the rest is for good.
        #expect(rig.ended.map(\.id) == ["f2", "f3"])
        #expect(rig.ended.allSatisfy { $0.time == moment(4) })
        #expect(!rig.lines(from: 4.5).contains { $0.hasPrefix("condition") })
        #expect(Set(rig.evidence.map(\.id)) == ["f1", "f2", "f3"])
        #expect(result(rig)?.missing == [])
    }

    @Test func whoAnOperatorHadStoppedIsStarted() throws {
        let rig = try ConductRig.played(storm([], actions: [ActionSpec(at: s(2), .stop(at(0)))]))
        #expect(rig.lines(from: 3.9).contains { $0.hasPrefix("launch 0.1 #1") })
        #expect(result(rig)?.missing == [])
    }

    @Test func clientsThatAskForNothingMoreSettleNothing() throws {
        var quiet = storm([])
        quiet.workload.arrivals = .open(PerRegion(0, named: [region(2): 0.01]))
        let rig = try ConductRig.played(quiet)
        #expect(
            result(rig)?.missing == ["no client tried anything after the core was healed"])
    }

    @Test func aShieldedNodeIsUnderNoFault() {
        var board = FaultBoard(nodes: (0..<3).map { node($0) })
        let kinds: [FaultKind] = [
            .clock(.all, ClockError(offset: s(5))), .disk(.all, DiskTrouble(fails: true)),
            .disk(.all, DiskTrouble(corrupts: true)), .slow(.all, factor: 9),
            .kill(.all, disk: .kept), .pause(.all), .isolate(at(0)),
        ]
        for (index, kind) in kinds.enumerated() {
            board.strike(
                FaultBoard.Active(
                    number: index + 1, kind: kind, targets: [board.nodes], cutsClients: true))
        }
        board.shield([node(0), node(1)])
        var rotten = NodeCondition()
        rotten.disk.corruptions = 1
        #expect(board.condition(of: node(0)) == rotten)
        #expect(board.condition(of: node(2)).disk.fails)
        #expect(board.nodesKilled == [node(2)])
        #expect(board.nodesPaused == [node(2)])
        #expect(board.nodesCutFromClients == [node(2)])
        #expect(board.conditions(from: node(0), to: node(1)) == [])
        #expect(board.conditions(from: node(0), to: node(2)) == [.held])
        #expect(board.conditions(from: node(2), to: node(1)) == [.held])
    }
}
