import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Testing
import Workloads

@testable import Conduct

/// What each fault makes the director ask for, and when it is seen to have had an effect.
@Suite struct LinkFaultTests {
    private func lines(_ kind: FaultKind, clients: Bool = false) throws -> [String] {
        try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, kind, for: 1, clients: clients)])
        ).lines(to: 3)
    }

    @Test func anIsolationIsToldToBothEndsAndTakenBack() throws {
        let rig = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .isolate(at(0)), for: 1, clients: true)]))
        let held = "[Geography.LinkCondition.held]"
        #expect(
            rig.lines(from: 1, to: 1.5) == [
                "condition 0.1>1.1 \(held)", "condition 0.1>2.1 \(held)",
                "condition 1.1>0.1 \(held)", "condition 2.1>0.1 \(held)", "cut clients 0.1",
            ])
        #expect(
            rig.lines(from: 1.5, to: 3) == [
                "condition 0.1>1.1 []", "condition 0.1>2.1 []", "condition 1.1>0.1 []",
                "condition 2.1>0.1 []", "cut clients ",
            ])
        let started = try #require(rig.started.first)
        #expect(started.id == "f1")
        #expect(started.kind == "isolate")
        #expect(started.time == moment(1))
        #expect(started.targets == ["us-east-1"])
        #expect(started.leadersTaken == [.init(group: "default", node: "us-east-1")])
        #expect(started.homesTaken == ["us-east-1"])
        #expect(rig.ended == [FaultEnded(time: moment(2), id: "f1")])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.evidence(1, "frames_held") ?? 0 > 100)
        #expect(rig.evidence(1, "probes_lost") ?? 0 >= 36)
        #expect(rig.evidence(1, "other_links_probes_lost") == 0)
        #expect(rig.evidence(1, "client_requests_cut") ?? 0 > 0)
    }

    @Test func anIsolationWithoutTheLeaderOrClientsTakesNeither() throws {
        let rig = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .isolate(at(2)), for: 1)]))
        #expect(rig.started.first?.leadersTaken == [])
        #expect(rig.started.first?.homesTaken == [])
        #expect(rig.hadEffect(1) == true)
    }

    @Test func anIsolationThatNothingRunsIntoHasNoEffect() throws {
        // Probes alone, and keep-alives, are no effect on the service.
        let rig = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .isolate(at(0)), for: 1)])
        ) { $0.isChatty = false }
        #expect(rig.hadEffect(1) == false)
        #expect(rig.evidence(1, "frames_held") == 0)
        #expect(rig.evidence(1, "probes_lost") ?? 0 > 0)
    }

    @Test func conditionsThatNodesIgnoreHaveNoEffect() throws {
        for kind in [
            FaultKind.isolate(at(0)), .partition([at(0), at(1)]),
            .cut(.between(.region(region(0)), .region(region(1))), layer: .packet),
            .degrade(.all, Degradation(delay: .added(s(0.2)))), .refuse(at(0)),
        ] {
            let rig = try ConductRig.played(
                scenario(duration: s(3), faults: [fault(1, kind, for: 1)])
            ) { $0.appliesConditions = false }
            #expect(rig.hadEffect(1) == false, "\(kind.name)")
        }
    }

    @Test func partitionsAndCutsHaveAnEffect() throws {
        let zero = Place.region(region(0))
        let one = Place.region(region(1))
        for kind in [
            FaultKind.partition([at(0), .list([at(1), at(2)])]),
            .cut(.between(zero, one), layer: .packet),
            .cut(.directed(from: zero, to: one), layer: .packet),
            .cut(.directed(from: zero, to: one), layer: .message),
            .cut(.around(at(1)), layer: .message),
        ] {
            let rig = try ConductRig.played(
                scenario(duration: s(4), faults: [fault(1, kind, for: 1)]))
            #expect(rig.hadEffect(1) == true, "\(kind)")
            #expect(rig.faultsConverged.map(\.id) == ["f1"], "\(kind)")
        }
    }

    @Test func aOneWayCutAtTheMessageLayerTouchesOneLink() throws {
        let zero = Place.region(region(0))
        let one = Place.region(region(1))
        let rig = try ConductRig.played(
            scenario(
                duration: s(4),
                faults: [fault(1, .cut(.directed(from: zero, to: one), layer: .message), for: 1)]))
        #expect(
            rig.lines(to: 1.5) == ["condition 0.1>1.1 [Geography.LinkCondition.dropped]"])
        #expect(rig.started.first?.targets == ["us-east-1", "eu-central-1"])
        #expect(rig.evidence(1, "frames_dropped") == rig.evidence(1, "frames_offered"))
    }

    @Test(arguments: [
        (Degradation(delay: .added(.milliseconds(200))), true),
        (Degradation(delay: .added(.zero)), false),
        (Degradation(delay: .multiplied(1)), false),
        (Degradation(delay: .multiplied(20)), true),
        (Degradation(loss: 0.5), true), (Degradation(loss: 0), false),
        // One frame in a million: a link that loses nothing is not degraded.
        (Degradation(loss: 0.000_001), false),
        (Degradation(bandwidth: 10_000), true),
    ])
    func aDegradationMustBeFelt(_ change: Degradation, _ isFelt: Bool) throws {
        let rig = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .degrade(.all, change), for: 1)]))
        #expect(rig.hadEffect(1) == isFelt)
    }

    @Test func degradationsOneAfterTheOtherAllCount() throws {
        // Probes from the first must not pass for the usual delay of the second.
        let rig = try ConductRig.played(
            scenario(
                duration: s(6),
                faults: [
                    fault(1, .degrade(.all, Degradation(delay: .added(s(0.5)))), for: 2),
                    fault(3.5, .degrade(.all, Degradation(delay: .added(s(0.02)))), for: 1),
                ]))
        #expect(rig.hadEffect(1) == true)
        #expect(rig.hadEffect(2) == true)
    }

    @Test func oneFaultIsNotCreditedWithTheEffectOfTheOneBefore() throws {
        // At the second strike the node has long since stopped to carry out conditions.
        let rig = try ConductRig(
            scenario(
                duration: s(5),
                faults: [
                    fault(1, .cut(.around(at(0)), layer: .message), for: 0.995),
                    fault(1.995, .cut(.around(at(0)), layer: .message), for: 1),
                ]))
        rig.play(until: moment(1.5))
        let zero = try #require(rig.timeZero)
        rig.at(zero + s(1.995)) {}
        rig.play(until: zero + s(1.994))
        rig.behaviour.appliesConditions = false
        rig.at(zero + s(1.995)) { rig.heal(everyLinkOf: node(0)) }
        rig.play()
        #expect(rig.hadEffect(1) == true)
        #expect(rig.hadEffect(2) == false)
        #expect(rig.evidence(2, "frames_dropped") == 0)
    }

    @Test func aResetTakesNoTime() throws {
        let rig = try ConductRig.played(
            scenario(
                duration: s(4),
                faults: [
                    fault(1, .reset(.between(.region(region(0)), .region(region(1)))))
                ]))
        #expect(rig.lines(to: 3) == ["begin", "reset 0.1>1.1", "reset 1.1>0.1"].suffix(2))
        #expect(rig.ended == [FaultEnded(time: moment(1), id: "f1")])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.faultsConverged.map(\.id) == ["f1"])
    }

    @Test func aResetOfLinksWithoutConnectionsHasNoEffect() throws {
        let rig = try ConductRig.played(
            scenario(
                duration: s(5),
                faults: [
                    fault(1, .kill(at(1), disk: .kept), for: 2),
                    fault(2, .reset(.between(.region(region(0)), .region(region(1))))),
                ]))
        #expect(rig.hadEffect(1) == true)
        #expect(rig.hadEffect(2) == false)
    }

    @Test func aRefusalAloneHasNoEffectAndWithAResetItHas() throws {
        let alone = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .refuse(at(0)), for: 2)]))
        #expect(alone.hadEffect(1) == false)
        let both = try ConductRig.played(
            scenario(
                duration: s(4),
                faults: [
                    fault(1, .refuse(at(0)), for: 2), fault(1.5, .reset(.around(at(0)))),
                ]))
        #expect(both.hadEffect(1) == true)
        #expect(both.hadEffect(2) == true)
    }

    @Test func aHealLeavesWhatOthersDo() throws {
        let rig = try ConductRig.played(
            scenario(
                duration: s(5),
                faults: [
                    fault(1, .isolate(at(0)), for: 2), fault(2, .isolate(at(1)), for: 2),
                ]))
        let held = "[Geography.LinkCondition.held]"
        let twice = "[Geography.LinkCondition.held, Geography.LinkCondition.held]"
        #expect(
            rig.lines(from: 2, to: 2.5) == [
                "condition 0.1>1.1 \(twice)", "condition 1.1>0.1 \(twice)",
                "condition 1.1>2.1 \(held)", "condition 2.1>1.1 \(held)",
            ])
        #expect(
            rig.lines(from: 3, to: 3.5) == [
                "condition 0.1>1.1 \(held)", "condition 0.1>2.1 []",
                "condition 1.1>0.1 \(held)", "condition 2.1>0.1 []",
            ])
    }

    @Test func aFaultThatOnlyCutsClientsOffIsJudgedByThem() throws {
        let everything = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .isolate(.all), for: 1, clients: true)]))
        #expect(everything.hadEffect(1) == true)
        let nobody = try ConductRig.played(
            scenario(duration: s(4), faults: [fault(1, .isolate(.all), for: 1)]))
        #expect(nobody.hadEffect(1) == false)
    }
}

@Suite struct SurgeTests {
    private func workload(_ arrivals: WorkloadSpec.Arrivals) -> WorkloadSpec {
        WorkloadSpec(
            clients: PerRegion(2), arrivals: arrivals,
            mix: .operations([Share(.read, 1)], KeySpec(count: 5)), timeout: .milliseconds(900))
    }
    private func effects(
        _ faults: [FaultSpec], _ arrivals: WorkloadSpec.Arrivals = .open(PerRegion(50)),
        duration: TimeSpan = .seconds(6)
    ) throws -> [Bool?] {
        let rig = try ConductRig.played(
            scenario(duration: duration, faults: faults, workload: workload(arrivals)))
        #expect(rig.end?.isComplete == true)
        return faults.indices.map { rig.hadEffect($0 + 1) }
    }

    @Test func moreOperationsAreAnEffect() throws {
        #expect(try effects([fault(1, .surge(at(0), factor: 4), for: 2)]) == [true])
        #expect(try effects([fault(1, .surge(at(0), factor: 0), for: 2)]) == [true])
        #expect(try effects([fault(1, .surge(at(0), factor: 1), for: 2)]) == [false])
    }

    @Test func aSurgeThatOutlivesTheClientsCountsWhileTheyWork() throws {
        // Three times the rate for two of six seconds is what is usual for six.
        #expect(try effects([fault(4, .surge(at(0), factor: 3), for: 6)]) == [true])
        #expect(try effects([fault(4, .surge(at(0), factor: 3))]) == [true])
    }

    @Test func overlappingSurgesAreEachMeasuredAgainstTheOthers() throws {
        #expect(
            try effects([
                fault(1, .surge(at(0), factor: 8), for: 4),
                fault(2, .surge(at(0), factor: 0.125), for: 2),
            ]) == [true, true])
    }

    @Test func aClosedLoopCannotSurge() throws {
        let closed = try ConductRig.played(
            scenario(
                duration: s(2), faults: [fault(1, .surge(at(0), factor: 4), for: 0.5)],
                workload: workload(.closed)))
        #expect(closed.hadEffect(1) == false)
    }

    @Test func aRegionWithoutClientsCannotSurge() throws {
        var none = workload(.open(PerRegion(50)))
        none.clients = PerRegion(2, named: [region(0): 0])
        let rig = try ConductRig.played(
            scenario(
                duration: s(4), faults: [fault(1, .surge(at(0), factor: 4), for: 2)],
                workload: none))
        #expect(rig.hadEffect(1) == false)
    }
}
