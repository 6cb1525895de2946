import Determinism
import Recording
import RegionCore
import Replication
import Scenarios
import Testing
import Workloads

@testable import Conduct

/// What an operator does.
@Suite struct ActionTests {
    private func action(_ at: Double, _ kind: ActionKind) -> ActionSpec {
        ActionSpec(at: s(at), kind)
    }
    private func rig(
        _ actions: [ActionSpec], faults: [FaultSpec] = [], duration: Double = 4,
        _ bend: (inout ConductRig.Behaviour) -> Void = { _ in }
    ) throws -> ConductRig {
        try ConductRig.played(
            scenario(duration: s(duration), faults: faults, actions: actions), bend)
    }
    private func outcomes(_ rig: ConductRig) -> [String] {
        rig.events(.action).map { event in
            let what = [event["action"]?.text, event["command"]?.text, event["target"]?.text]
            return what.compactMap { $0 }.joined(separator: " ") + ": "
                + (event["ok"]?.flag == true ? "ok" : event["error"]?.text ?? "no reason")
        }
    }
    private func refusal(_ code: ServiceError.Code) -> ClientReply {
        .failed(ServiceError(code, "not now", isIndefinite: false))
    }

    @Test func aRollingRestart() throws {
        let rig = try rig([
            action(1, .stop(at(1))), action(2, .start(at(1))), action(2.5, .stop(at(2))),
            action(3, .start(at(2))),
        ])
        #expect(rig.lines(to: 3.5) == ["stop 1.1", "launch 1.1 #1", "stop 2.1", "launch 2.1 #1"])
        #expect(
            outcomes(rig) == [
                "stop eu-central-1: ok", "start eu-central-1: ok", "stop ap-northeast-1: ok",
                "start ap-northeast-1: ok",
            ])
        #expect(rig.events(.processEnded).prefix(2).allSatisfy { $0["expected"]?.flag == true })
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.leftOut == [])
    }

    @Test func aStoppedNodeStaysStoppedAndIsLeftOut() throws {
        let rig = try rig([action(1, .stop(at(1)))])
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.leftOut == ["eu-central-1"])
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let rig = try rig([
            action(1, .start(at(1))), action(1.5, .stop(at(1))), action(2, .stop(at(1))),
            action(2.5, .failover(.region(region(2)))),
        ])
        #expect(
            outcomes(rig) == [
                "start eu-central-1: running", "stop eu-central-1: ok",
                "stop eu-central-1: not running",
                "failover transfer-leader ap-northeast-1: ok",
            ])
    }

    @Test func aHealDoesNotStartWhatAnOperatorStopped() throws {
        let rig = try rig(
            [action(1, .stop(at(1)))], faults: [fault(1.5, .kill(at(1), disk: .kept), for: 1)])
        #expect(rig.lines(to: 3.5) == ["stop 1.1"])
        #expect(rig.hadEffect(1) == false)
    }

    @Test func aStopOfANodeThatWasKilledDoesNotKeepItDown() throws {
        let rig = try rig(
            [action(1.5, .stop(at(1)))], faults: [fault(1, .kill(at(1), disk: .kept), for: 1)])
        #expect(outcomes(rig) == ["stop eu-central-1: not running"])
        #expect(rig.lines(to: 3.5) == ["kill 1.1", "launch 1.1 #1"])
    }

    @Test func aNodeKilledForGoodCanBeStarted() throws {
        let rig = try rig(
            [action(2, .start(at(1)))], faults: [fault(1, .kill(at(1), disk: .kept))])
        #expect(rig.lines(to: 3.5) == ["kill 1.1", "launch 1.1 #1"])
        #expect(outcomes(rig) == ["start eu-central-1: ok"])
        #expect(rig.convergence?.leftOut == [])
        #expect(rig.convergence?.digests.count == 3)
        #expect(rig.hadEffect(1) == true)
    }

    @Test func aNodeWhoseKillWillHealCannotBeStarted() throws {
        let rig = try rig(
            [action(2, .start(at(1)))], faults: [fault(1, .kill(at(1), disk: .kept), for: 2)])
        #expect(outcomes(rig) == ["start eu-central-1: killed by a fault that has yet to heal"])
        #expect(rig.lines(from: 2, to: 2.9) == [])
    }

    @Test func aNodeThatStandsStillIsStoppedWhenItGoesOn() throws {
        let rig = try rig(
            [action(1.5, .stop(at(1)))], faults: [fault(1, .pause(at(1)), for: 1)])
        #expect(rig.lines(to: 3.5) == ["pause 1.1", "stop 1.1", "resume 1.1"])
        #expect(rig.events(.processEnded).first?["expected"]?.flag == true)
    }

    @Test func leadershipIsHandedOverByTheLeader() throws {
        let rig = try rig([action(1, .transferLeader(.region(region(2))))])
        let expected = Administration.transferLeader(to: region(2))
        #expect(rig.lines(to: 2) == ["administer 0.1 0 \(expected)"])
        #expect(outcomes(rig) == ["transfer_leader transfer-leader ap-northeast-1: ok"])
    }

    @Test func aNewMemberIsPromotedOnceItHasCaughtUp() throws {
        let rig = try ConductRig(
            scenario(duration: s(4), actions: [action(1, .addMember(.region(region(2))))]))
        rig.behaviour.administers = { command, now in
            if case .promote = command, now < moment(2.5) { return self.refusal(.refused) }
            return ClientReply(.done(nil))
        }
        rig.play()
        #expect(
            outcomes(rig) == [
                "add_member add-learner ap-northeast-1: ok",
                "add_member promote ap-northeast-1: ok",
            ])
        #expect(rig.events(.action).last?["attempts"]?.integer ?? 0 > 3)
        #expect(rig.events(.action).last?.time ?? .zero > moment(2))
    }

    @Test func aCommandIsTriedForAWhileAndThenReported() throws {
        let refused = try rig([action(1, .removeMember(.region(region(2))))], duration: 2) { bend in
            bend.administers = { _, _ in refusal(.refused) }
        }
        #expect(outcomes(refused) == ["remove_member remove ap-northeast-1: not now"])
        #expect(refused.events(.action).first?.time ?? .zero >= moment(11))
        // It is still a member.
        #expect(refused.convergence?.digests.count == 3)
        let silent = try rig([action(1, .promote(.region(region(2))))], duration: 2) { bend in
            bend.administers = { _, _ in nil }
        }
        #expect(outcomes(silent) == ["promote promote ap-northeast-1: us-east-1 did not answer"])
        #expect(silent.end?.isComplete == true)
        let hopeless = try rig([action(1, .promote(.region(region(2))))]) { bend in
            bend.administers = { _, _ in refusal(.unsupported) }
        }
        #expect(hopeless.events(.action).first?.time ?? .zero < moment(1.1))
    }

    @Test func aCommandWhoseNodeDiedGoesToTheNextLeader() throws {
        let rig = try ConductRig(
            scenario(
                duration: s(5), faults: [fault(1.01, .kill(at(0), disk: .kept), for: 2)],
                actions: [action(1, .promote(.region(region(2))))]))
        rig.play(until: moment(0.5))
        let zero = try #require(rig.timeZero)
        rig.behaviour.administers = { _, now in
            now < zero + s(1.2) ? nil : ClientReply(.done(nil))
        }
        rig.play()
        #expect(outcomes(rig) == ["promote promote ap-northeast-1: ok"])
        #expect(rig.events(.action).first?["attempts"]?.integer ?? 0 >= 2)
    }

    @Test func whoLeftTheGroupIsNotAwaitedNorCollected() throws {
        let rig = try ConductRig(
            scenario(duration: s(3), actions: [action(1, .removeMember(.region(region(2))))]))
        rig.play(until: moment(0.5))
        let zero = try #require(rig.timeZero)
        rig.behaviour.voters = { now in
            now < zero + s(1.2) ? (0..<3).map { node($0) } : [node(0), node(1)]
        }
        rig.behaviour.replicates = { id, now in id != node(2) || now < zero + s(1.2) }
        rig.play()
        #expect(rig.convergence?.converged == true)
        #expect(rig.convergence?.digests.map(\.node) == ["us-east-1", "eu-central-1"])
        #expect(!rig.lines().contains("collect 2.1"))
        // Nor do clients turn to it.
        let after = rig.log.filter { $0.at > zero + s(1.5) }.compactMap { entry in
            if case .send(let send) = entry.action { send.node } else { nil }
        }
        #expect(!after.isEmpty && !after.contains(node(2)))
    }

    @Test func groupsWithoutALeaderAreNotAskedForWhatTheyDoNotKnow() throws {
        let rig = try ConductRig.played(
            scenario(duration: s(2), actions: [action(1, .removeMember(.region(region(2))))]),
            hasLeader: false)
        #expect(!rig.lines().contains { $0.hasPrefix("administer") })
        #expect(rig.convergence?.digests.count == 3)
    }
}
