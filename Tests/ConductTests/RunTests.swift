import Determinism
import Recording
import RegionCore
import Replication
import Scenarios
import Testing
import Workloads

@testable import Conduct

@Suite struct RunTests {
    @Test func anUndisturbedRunGoesThroughAllItsPhases() throws {
        let rig = try ConductRig.played(scenario(duration: s(3)))
        #expect(rig.end == RunEnd(isComplete: true, failure: nil, isInterrupted: false))
        #expect(
            rig.lines().filter { !$0.hasPrefix("stop") } == [
                "collect 0.1", "collect 1.1", "collect 2.1", "finish true",
            ])
        #expect(rig.lines().filter { $0.hasPrefix("stop") }.count == 3)
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.digests.count == 3)
        #expect(rig.convergence?.leftOut == [])
        #expect(rig.events(.networkTotals).count == 1)
        #expect(rig.events(.harnessLag).count == 1)
        #expect(rig.events(.leaderObserved).count == 1)
    }

    @Test func everyPlannedOperationIsRecordedOnceWithTimesFromTimeZero() throws {
        let rig = try ConductRig.played(scenario(duration: s(3)))
        let operations = rig.operations
        #expect(operations.map(\.index).sorted() == Array(0..<operations.count))
        #expect(operations.count > 60)
        #expect(operations.allSatisfy { $0.planned >= .zero && $0.planned < moment(3) })
        #expect(operations.allSatisfy { $0.outcome == .ok && $0.completed != nil })
        #expect(rig.samples.reduce(0) { $0 + $1.planned } == operations.count)
        #expect(rig.samples.reduce(0) { $0 + $1.ok } == operations.count)
        #expect(
            rig.samples.filter { $0.region == "us-east-1" }.prefix(3).map(\.time)
                == [moment(1), moment(2), moment(3)])
    }

    @Test func whatHappenedBeforeTimeZeroHasANegativeTime() throws {
        let rig = try ConductRig(scenario(duration: s(1)))
        rig.at(moment(0.06)) { rig.note(node(0), .leaderElected, at: moment(0.055)) }
        rig.play()
        let zero = try #require(rig.timeZero)
        let elected = try #require(rig.events(.leaderElected).first)
        #expect(elected.time == Instant(nanoseconds: 0) + (moment(0.055) - zero))
        let ready = rig.events(.processReady)
        #expect(ready.count == 3)
        #expect(ready.allSatisfy { $0.time == .zero + (moment(0.05) - zero) })
        #expect(rig.events.map(\.time).filter { $0 < .zero }.count >= 5)
        // And the file stays in order of time apart from what nodes tell later.
        #expect(rig.events.first?.kind == .processReady)
    }

    @Test func theDirectorNeverAsksToBeWokenOverAndOver() throws {
        let rig = try ConductRig.played(
            scenario(duration: s(3), faults: [fault(1, .kill(.leader(nil), disk: .kept), for: 1)]))
        #expect(rig.end?.isComplete == true)
        // Polls every 20 to 100 ms, samples, and the clients' agenda.
        #expect(rig.wakes < 1_500)
    }

    @Test func theSameInputsGiveTheSameActions() throws {
        let faults = [
            fault(1, .kill(.leader(nil), disk: .kept), for: 1),
            fault(1.5, .isolate(at(1)), for: 1, clients: true),
            fault(2, .surge(.all, factor: 3), for: 1), fault(3, .pause(at(2)), for: 0.5),
        ]
        func run() throws -> [String] {
            let rig = try ConductRig.played(scenario(duration: s(4), faults: faults))
            return rig.log.map { entry in
                let what: String
                switch entry.action {
                case .record(let record): what = "\(record)"
                case .poll(let node, let token): what = "poll \(node) \(token)"
                case .send(let send): what = "send \(send.attempt) \(send.node)"
                case .inspect(let node): what = "inspect \(node)"
                case .abandonAttempt(let attempt): what = "forget \(attempt)"
                case .launch, .kill, .stop, .pause, .resume, .condition, .conditionNode, .reset,
                    .cutClients,
                    .administer, .begin, .collect, .finish:
                    what = ConductRig.line(entry.action, rig.plan) ?? ""
                }
                return "\(entry.at.nanoseconds) \(what)"
            }
        }
        let first = try run()
        #expect(try run() == first)
        #expect(first.count > 500)
    }

    @Test func aRunEndsAlsoWithoutItsFinalStates() throws {
        let rig = try ConductRig.played(scenario(duration: s(1))) { $0.givesFinalState = false }
        #expect(rig.end?.isComplete == false)
        #expect(rig.end?.failure?.contains("no final state from") == true)
        #expect(rig.nodes.values.allSatisfy { !$0.isAlive })
    }

    @Test func aNodeThatEndsByItselfEndsTheRun() throws {
        for time in [0.02, 0.1, 1.0] {
            let rig = try ConductRig(scenario(duration: s(3)))
            rig.at(moment(time)) { rig.crash(node(1)) }
            rig.play()
            #expect(rig.end?.isComplete == false)
            #expect(rig.end?.failure?.contains("eu-central-1 ended by itself") == true)
            #expect(rig.events(.processEnded).first?["expected"]?.flag == false)
            #expect(rig.nodes.values.allSatisfy { !$0.isAlive })
        }
    }
}

@Suite struct ReadinessTests {
    @Test func aNodeThatNeverGetsReadyIsNamed() throws {
        let rig = try ConductRig.played(scenario()) { bend in
            bend.readyAfter = { id, _ in id == node(2) ? nil : .milliseconds(50) }
        }
        #expect(rig.end?.failure == "not ready within 10s: ap-northeast-1")
        #expect(rig.timeZero == nil)
        // Also the one that never was ready.
        #expect(rig.log.filter { if case .kill = $0.action { true } else { false } }.count == 3)
        #expect(rig.events.allSatisfy { $0.time < .zero || $0.kind == .processEnded })
    }

    @Test func silenceIsAnObstacle() throws {
        let rig = try ConductRig.played(scenario()) { $0.answersPolls = { id, _ in id != node(1) } }
        #expect(
            rig.end?.failure == "not settled within 10s: eu-central-1 has not told its status")
    }

    @Test func aGroupWithoutALeaderIsAnObstacle() throws {
        let rig = try ConductRig(scenario(), hasLeader: true)
        rig.behaviour.elects = false
        rig.play()
        #expect(rig.end?.failure == "not settled within 10s: data type 'default': no leader")
    }

    @Test func thePreferredLeaderIsAwaited() throws {
        let wanted = ReplicationSpec(
            options: StrategyOptions(["preferred_leader": .region(region(2))]))
        let rig = try ConductRig.played(scenario(replication: wanted))
        #expect(
            rig.end?.failure
                == "not settled within 10s: data type 'default': us-east-1 leads instead of "
                + "ap-northeast-1")
    }

    @Test func aGroupOfEqualsNeedsNoLeader() throws {
        let rig = try ConductRig.played(scenario(duration: s(1)), hasLeader: false)
        #expect(rig.end?.isComplete == true)
        #expect(rig.events(.leaderObserved).isEmpty)
    }
}

@Suite struct InterruptionTests {
    /// A moment of each phase: starting, settling, running, during a fault, draining, converging,
    /// collecting, ending.
    @Test(arguments: [0.01, 0.06, 1.0, 2.2, 3.5])
    func everyProcessIsKilledAndTheRecordStaysIncomplete(_ time: Double) throws {
        let rig = try ConductRig(
            scenario(
                duration: s(3),
                faults: [
                    fault(1.5, .pause(at(2)), for: 3),
                    fault(2, .kill(at(1), disk: .kept), for: 0.1),
                ]))
        var alive: Set<NodeID> = []
        rig.at(moment(time)) {
            alive = Set(rig.nodes.filter(\.value.isAlive).map(\.key))
            rig.tell(.abandon(reason: "interrupted", interrupted: true))
        }
        rig.play()
        let end = try #require(rig.end)
        #expect(end == RunEnd(isComplete: false, failure: "interrupted", isInterrupted: true))
        let killed = rig.log.filter { $0.at == moment(time) }.compactMap { entry in
            if case .kill(let node) = entry.action { node } else { nil }
        }
        #expect(Set(killed) == alive)
        #expect(rig.nodes.values.allSatisfy { !$0.isAlive })
        // Whatever was planned is told of, and nothing comes after the end.
        let operations = rig.operations
        #expect(operations.map(\.index).sorted() == Array(0..<operations.count))
        if case .finish? = rig.log.last?.action {} else { Issue.record("finish is not the last") }
    }

    @Test(arguments: [Director.Phase.draining, .converging, .collecting, .ending])
    func thePhasesAfterTheClientsCanBeInterruptedToo(_ phase: Director.Phase) throws {
        // A fault that heals late keeps the run draining.
        let late = phase == .draining ? [fault(0.5, .pause(at(2)), for: 9)] : []
        let rig = try ConductRig(scenario(duration: s(1), faults: late))
        switch phase {
        case .converging: rig.behaviour.replicates = { _, _ in false }
        case .collecting: rig.behaviour.givesFinalState = false
        case .ending: rig.behaviour.stopsAfter = .seconds(5)
        case _: break
        }
        rig.at(moment(3)) {
            #expect(rig.director.phase == phase)
            rig.tell(.abandon(reason: "interrupted", interrupted: true))
        }
        rig.play()
        #expect(rig.end == RunEnd(isComplete: false, failure: "interrupted", isInterrupted: true))
        #expect(rig.nodes.values.allSatisfy { !$0.isAlive })
        #expect(rig.now < moment(4))
    }

    @Test func aProcessThatDoesNotDieDoesNotHoldTheRunUpForEver() throws {
        let rig = try ConductRig(scenario(duration: s(3)))
        rig.behaviour.diesAfter = .seconds(10_000)
        rig.at(moment(1)) { rig.tell(.abandon(reason: "enough", interrupted: false)) }
        rig.play()
        #expect(rig.end?.failure == "enough")
        #expect(rig.now <= moment(25))
    }
}
