import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Testing

@testable import Conduct

private func rig(
    _ faults: [FaultSpec], duration: Double = 6, actions: [ActionSpec] = [],
    _ bend: (inout ConductRig.Behaviour) -> Void = { _ in }
) throws -> ConductRig {
    try ConductRig.played(
        scenario(duration: s(duration), faults: faults, actions: actions), bend)
}

/// A region, where `at` means a time.
private func selected(_ index: Int) -> NodeSelector { at(index) }

extension ConductRig {
    fileprivate func number(_ fault: Int, _ name: String) -> Double? {
        evidence.last { $0.id == "f\(fault)" }?.evidence.first { $0.name == name }?.value.double
    }

    /// The conditions that a node was told, launches included, in order.
    fileprivate func told(_ node: NodeID) -> [NodeCondition] {
        log.compactMap { entry in
            switch entry.action {
            case .conditionNode(node, let condition): condition
            case .launch(node, _, _, let condition, _): condition
            case _: nil
            }
        }
    }
}

@Suite struct ClockFaultTests {
    private func clock(
        _ at: Double, _ region: Int, offset: Double? = nil, drift: Double? = nil,
        for duration: Double? = nil
    ) -> FaultSpec {
        fault(
            at,
            .clock(
                selected(region),
                ClockError(offset: offset.map { s($0) }, driftPartsPerMillion: drift)),
            for: duration)
    }

    @Test func anOffsetIsToldReadBackAndTakenBack() throws {
        let rig = try rig([clock(1, 1, offset: -5, for: 2)])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.number(1, "offset_read_ms") == -5000)
        #expect(rig.told(node(1)).map(\.clock.offset) == [.zero, s(-5), .zero])
        let offsets = rig.samples.filter { $0.region == "eu-central-1" }.map(\.clockOffset)
        #expect(offsets.contains(-5000) && offsets.last == 0)
        #expect(rig.convergence?.converged == true)
        #expect(rig.faultsConverged.map(\.id) == ["f1"])
    }

    @Test func driftIsReadFromTheMonotonicClock() throws {
        let rig = try rig([clock(1, 1, drift: 200, for: 3)])
        #expect(rig.hadEffect(1) == true)
        let read = try #require(rig.number(1, "drift_read_ppm"))
        #expect((read - 200).magnitude < 5)
    }

    @Test func clocksThatStayRightAreNoEffect() throws {
        for fault in [
            clock(1, 1, offset: 5, for: 2), clock(1, 1, drift: 200, for: 2),
            clock(1, 1, offset: 5, drift: -200, for: 2),
        ] {
            let rig = try rig([fault]) { $0.appliesNodeConditions = false }
            #expect(rig.hadEffect(1) == false)
            #expect(rig.evidence(1, "clocks_read") == 1)
            #expect(rig.number(1, "offset_read_ms") == 0)
        }
        // Nor is one that asks for nothing.
        #expect(try rig([clock(1, 1, offset: 0, for: 2)]).hadEffect(1) == false)
    }

    @Test func oneClockOfSeveralThatStaysRightIsNoEffect() throws {
        let rig = try ConductRig(
            scenario(
                duration: s(5),
                faults: [fault(1, .clock(.all, ClockError(offset: s(3))), for: 2)]))
        rig.play(until: moment(0.5))
        let zero = try #require(rig.timeZero)
        rig.at(zero + s(1.5)) {
            rig.nodes[node(2)]?.take(NodeCondition(), at: rig.now, isLaunch: false)
        }
        rig.play()
        #expect(rig.hadEffect(1) == false)
        #expect(rig.evidence(1, "clocks_as_told") == 2)
    }

    @Test func errorsOfOverlappingFaultsAddUp() throws {
        let rig = try rig([
            clock(1, 1, offset: 5, drift: 100, for: 4), clock(2, 1, offset: -2, drift: 300, for: 2),
        ])
        #expect(rig.told(node(1)).map(\.clock.offset) == [.zero, s(5), s(3), s(5), .zero])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.hadEffect(2) == true)
    }

    @Test func aNodeThatStandsStillReadsNothing() throws {
        let rig = try rig([
            fault(1, .pause(at(1)), for: 3), clock(1.5, 1, offset: 5, for: 1),
        ])
        #expect(rig.hadEffect(2) == false)
        #expect(rig.evidence(2, "clocks_read") == 0)
    }

    @Test func aNodeThatIsDownStartsWithItsWrongClock() throws {
        let rig = try rig([
            fault(1, .kill(at(1), disk: .kept), for: 1), clock(1.5, 1, offset: 5, for: 3),
        ])
        #expect(rig.hadEffect(2) == true)
        #expect(rig.told(node(1)).map(\.clock.offset) == [.zero, s(5), .zero])
    }
}

@Suite struct DiskFaultTests {
    private func disk(
        _ at: Double, _ region: Int, for duration: Double? = nil,
        _ change: (inout DiskTrouble) -> Void
    ) -> FaultSpec {
        var trouble = DiskTrouble()
        change(&trouble)
        return fault(at, .disk(selected(region), trouble), for: duration)
    }

    @Test func aSlowDiskIsCounted() throws {
        let slow = disk(1, 1, for: 2) { $0.extraSync = .milliseconds(50) }
        let rig1 = try rig([slow])
        #expect(rig1.hadEffect(1) == true)
        #expect(rig1.evidence(1, "syncs_delayed") ?? 0 > 100)
        #expect(rig1.told(node(1)).map(\.disk.extraSync) == [.zero, .milliseconds(50), .zero])
        #expect(try rig([slow]) { $0.appliesNodeConditions = false }.hadEffect(1) == false)
        #expect(try rig([slow]) { $0.writes = { $0 != node(1) } }.hadEffect(1) == false)
    }

    @Test(arguments: [true, false])
    func aNodeWithoutADiskEndsAndIsStartedWhenItHasOneAgain(isFull: Bool) throws {
        let rig = try rig([
            disk(1, 1, for: 2) {
                $0.isFull = isFull
                $0.fails = !isFull
            }
        ])
        let lines = rig.lines(to: 5).filter { !$0.hasPrefix("condition") }
        #expect(lines == ["launch 1.1 #1"])
        let ended = try #require(rig.events(.processEnded).first)
        #expect(ended["expected"]?.flag == true)
        #expect(ended["status"]?.text == "exit code 74")
        let launched = try #require(
            rig.log.first { if case .launch(_, 1, _, _, _) = $0.action { true } else { false } })
        #expect(launched.at - (try #require(rig.timeZero)) == s(3))
        #expect(rig.hadEffect(1) == true)
        #expect(rig.evidence(1, "processes_ended") == 1)
        #expect(rig.started.first?.homesTaken == ["eu-central-1"])
        #expect(rig.faultsConverged.map(\.id) == ["f1"])
        #expect(rig.convergence?.digests.count == 3)
        #expect(rig.end?.isComplete == true)
    }

    @Test func aLeaderWithoutADiskIsALeaderTaken() throws {
        let rig = try rig([disk(1, 0, for: 2) { $0.isFull = true }])
        #expect(rig.started.first?.leadersTaken == [.init(group: "default", node: "us-east-1")])
        #expect(rig.hadEffect(1) == true)
    }

    @Test func aFullDiskThatNobodyWritesToIsNoEffect() throws {
        let rig = try rig([disk(1, 1, for: 2) { $0.isFull = true }]) {
            $0.writes = { $0 != node(1) }
        }
        #expect(rig.hadEffect(1) == false)
        #expect(rig.events(.processEnded).allSatisfy { $0.time > moment(6) })
        #expect(rig.end?.isComplete == true)
    }

    @Test func anEndForAnotherReasonIsStillUnexpected() throws {
        for (code, at) in [(Int32(70), 1.5), (74, 0.5)] {
            let rig = try ConductRig(
                scenario(
                    duration: s(4), faults: [disk(1, 1, for: 2) { $0.isFull = true }]))
            rig.behaviour.writes = { $0 != node(1) }
            rig.at(moment(at) + .milliseconds(120)) { rig.crash(node(1), .exited(code: code)) }
            rig.play()
            #expect(rig.end?.failure?.contains("ended by itself") == true, "\(code)")
        }
    }

    @Test func aDiskThatStaysFullLeavesItsNodeOut() throws {
        let rig = try rig([disk(1, 1) { $0.isFull = true }], duration: 3)
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.leftOut == ["eu-central-1"])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.end?.isComplete == true)
    }

    @Test func neitherAHealedKillNorAnOperatorStartsANodeWithoutADisk() throws {
        let rig = try rig(
            [
                fault(1, .kill(at(1), disk: .kept), for: 1),
                disk(1.5, 1, for: 2) { $0.fails = true },
            ], actions: [ActionSpec(at: s(2.5), .start(at(1)))])
        let launched = try #require(
            rig.log.first { if case .launch(_, 1, _, _, _) = $0.action { true } else { false } })
        #expect(launched.at - (try #require(rig.timeZero)) == s(3.5))
        #expect(rig.hadEffect(2) == true)
        #expect(rig.evidence(2, "processes_kept_down") == 1)
        #expect(
            rig.events(.action).first?["error"]?.text
                == "without a disk by a fault that has yet to heal")
    }

    @Test func whatALieCostIsKnownAtTheNextLaunch() throws {
        let rig = try rig([
            disk(1, 1, for: 3) { $0.losesUnsynced = true },
            fault(2, .kill(at(1), disk: .kept), for: 1),
        ])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.evidence(1, "syncs_skipped") ?? 0 > 50)
        #expect(rig.evidence(1, "bytes_dropped") ?? 0 > 5000)
        // The kill outlasts the lie: the evidence is told again.
        let late = try self.rigWithLateLaunch()
        #expect(late.evidence.filter { $0.id == "f1" }.count == 2)
        #expect(late.evidence(1, "bytes_dropped") ?? 0 > 5000)
        // A lie without a kill costs nothing.
        let harmless = try Self.harmless()
        #expect(harmless.hadEffect(1) == true)
        #expect(harmless.evidence(1, "bytes_dropped") == 0)
    }

    private func rigWithLateLaunch() throws -> ConductRig {
        try rig([
            disk(1, 1, for: 1.5) { $0.losesUnsynced = true },
            fault(2, .kill(at(1), disk: .kept), for: 2),
        ])
    }

    private static func harmless() throws -> ConductRig {
        var lie = DiskTrouble()
        lie.losesUnsynced = true
        return try rig([fault(1, .disk(at(1), lie), for: 1)])
    }

    @Test func rotIsCountedOnceAndNoticedAtTheNextStart() throws {
        let rig1 = try rig([
            disk(1, 1, for: 1) { $0.corrupts = true }, fault(3, .kill(at(1), disk: .kept), for: 1),
        ])
        #expect(rig1.hadEffect(1) == true)
        #expect(rig1.evidence(1, "records_damaged") == 1)
        #expect(rig1.nodes[node(1)]?.incarnation == 1)
        #expect(rig1.told(node(1)).map(\.disk.corruptions) == [0, 1, 1])
        #expect(rig1.convergence?.converged == true)
        let none = try rig([disk(1, 1, for: 1) { $0.corrupts = true }]) {
            $0.appliesNodeConditions = false
        }
        #expect(none.hadEffect(1) == false)
    }

    @Test func rotOfANodeThatIsDownAppliesAtItsNextLaunch() throws {
        let rig = try rig([
            fault(1, .kill(at(1), disk: .kept), for: 2),
            disk(1.5, 1, for: 0.5) { $0.corrupts = true },
        ])
        #expect(rig.evidence.filter { $0.id == "f2" }.map(\.hadEffect) == [false, true])
        #expect(rig.nodes[node(1)]?.incarnation == 1)
        #expect(rig.told(node(1)).map(\.disk.corruptions) == [0, 1])
    }

    @Test func everyTroubleOfAFaultMustShow() throws {
        let both = disk(1, 1, for: 2) {
            $0.extraSync = .milliseconds(5)
            $0.corrupts = true
        }
        #expect(try rig([both]).hadEffect(1) == true)
        #expect(try rig([both]) { $0.writes = { $0 != node(1) } }.hadEffect(1) == false)
    }
}

@Suite struct SlowFaultTests {
    private func slow(_ factor: Double) -> FaultSpec {
        fault(1, .slow(at(1), factor: factor), for: 2)
    }

    @Test func aSlowNodeIsSeenToStandStill() throws {
        let rig = try rig([slow(5)])
        #expect(rig.hadEffect(1) == true)
        #expect(rig.number(1, "stalled_ms") ?? 0 >= 900)
        #expect(rig.told(node(1)).map(\.slowness) == [1, 5, 1])
        // That its loop runs late is the fault's doing, not the host's.
        let lag = try #require(rig.events.compactMap(HarnessLag.init).last)
        #expect(lag.lag.p99 < 100)
    }

    @Test func aNodeThatDoesNotGetSlowerIsNoEffect() throws {
        #expect(try rig([slow(5)]) { $0.appliesNodeConditions = false }.hadEffect(1) == false)
        #expect(try rig([slow(1)]).hadEffect(1) == false)
    }
}
