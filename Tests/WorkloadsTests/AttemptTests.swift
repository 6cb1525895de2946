import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

/// One row of the table in ``ClientFleet``: what came of the first attempt, and what follows.
struct AttemptCase: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        case error(ServiceError.Code, indefinite: Bool, hint: NodeID? = nil)
        case lost(definite: Bool)
        case silence
        case nonsense
    }
    enum Following: Equatable, Sendable {
        /// Sent to this node at once.
        case at(NodeID)
        /// Sent to this node after a wait.
        case later(NodeID)
        /// Nothing is sent; it stays open.
        case nothing
        /// It ends.
        case end(CompletedOperation.Result)
    }

    var name: String
    var kind: OperationKind
    var recognisesRepeats: Bool
    var outcome: Outcome
    var following: Following
    /// What it is at its timeout, if no attempt is answered.
    var finally: CompletedOperation.Result
    var testDescription: String { name }

    static let all: [AttemptCase] = [
        .init(
            name: "a refused connection definitely had no effect", kind: .write,
            recognisesRepeats: false, outcome: .lost(definite: true), following: .at(node(1)),
            finally: .info),
        .init(
            name: "a lost connection may have had", kind: .write, recognisesRepeats: false,
            outcome: .lost(definite: false), following: .nothing, finally: .info),
        .init(
            name: "a repeat is recognised after a lost connection", kind: .write,
            recognisesRepeats: true, outcome: .lost(definite: false), following: .at(node(1)),
            finally: .info),
        .init(
            name: "a read is repeated after a lost connection", kind: .read,
            recognisesRepeats: false, outcome: .lost(definite: false), following: .at(node(1)),
            finally: .fail),
        .init(
            name: "silence may have had an effect", kind: .write, recognisesRepeats: false,
            outcome: .silence, following: .nothing, finally: .info),
        .init(
            name: "a repeat is recognised after silence", kind: .write, recognisesRepeats: true,
            outcome: .silence, following: .at(node(1)), finally: .info),
        .init(
            name: "a read is repeated after silence", kind: .read, recognisesRepeats: false,
            outcome: .silence, following: .at(node(1)), finally: .fail),
        .init(
            name: "no leader: wait, then the next", kind: .write, recognisesRepeats: false,
            outcome: .error(.noLeader, indefinite: false), following: .later(node(1)),
            finally: .info),
        .init(
            name: "no leader, but a hint", kind: .write, recognisesRepeats: false,
            outcome: .error(.noLeader, indefinite: false, hint: node(2)),
            following: .at(node(2)), finally: .info),
        .init(
            name: "a hint to the node itself is none", kind: .write, recognisesRepeats: false,
            outcome: .error(.noLeader, indefinite: false, hint: node(0)),
            following: .later(node(1)), finally: .info),
        .init(
            name: "a hint to a stranger is none", kind: .write, recognisesRepeats: false,
            outcome: .error(.noLeader, indefinite: false, hint: node(9)),
            following: .later(node(1)), finally: .info),
        .init(
            name: "no consensus, effect unknown", kind: .write, recognisesRepeats: false,
            outcome: .error(.consensusNotAchieved, indefinite: true), following: .nothing,
            finally: .info),
        .init(
            name: "no consensus, effect unknown, repeats recognised", kind: .write,
            recognisesRepeats: true, outcome: .error(.consensusNotAchieved, indefinite: true),
            following: .later(node(1)), finally: .info),
        .init(
            name: "leadership lost, effect unknown, hint of no use", kind: .write,
            recognisesRepeats: false,
            outcome: .error(.leadershipLost, indefinite: true, hint: node(1)),
            following: .nothing, finally: .info),
        .init(
            name: "an overloaded node", kind: .write, recognisesRepeats: false,
            outcome: .error(.overloaded, indefinite: false), following: .at(node(1)),
            finally: .info),
        .init(
            name: "a recovering node", kind: .read, recognisesRepeats: false,
            outcome: .error(.recovering, indefinite: false), following: .at(node(1)),
            finally: .fail),
        .init(
            name: "a node that has no part, with a hint", kind: .write,
            recognisesRepeats: false,
            outcome: .error(.notMember, indefinite: false, hint: node(2)),
            following: .at(node(2)), finally: .info),
        .init(
            name: "a failing disk, effect unknown", kind: .write, recognisesRepeats: false,
            outcome: .error(.storage, indefinite: true), following: .nothing, finally: .info),
        .init(
            name: "unsupported", kind: .write, recognisesRepeats: true,
            outcome: .error(.unsupported, indefinite: false), following: .end(.fail),
            finally: .fail),
        .init(
            name: "invalid", kind: .read, recognisesRepeats: true,
            outcome: .error(.invalid, indefinite: false), following: .end(.fail),
            finally: .fail),
        .init(
            name: "an expired session ends an update", kind: .write, recognisesRepeats: true,
            outcome: .error(.sessionExpired, indefinite: false), following: .end(.fail),
            finally: .fail),
        .init(
            name: "an expired session does not end a read", kind: .read,
            recognisesRepeats: true, outcome: .error(.sessionExpired, indefinite: false),
            following: .at(node(1)), finally: .fail),
        .init(
            name: "an answer to something else", kind: .write, recognisesRepeats: false,
            outcome: .nonsense, following: .nothing, finally: .info),
    ]
}

@Suite struct AttemptTests {
    @Test(arguments: AttemptCase.all)
    func theTable(example: AttemptCase) throws {
        var rig = try FleetRig(
            setup(
                closedLoop(example.kind),
                strategy: strategy(recognisesRepeats: example.recognisesRepeats)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        #expect(first.node == node(0))
        var now = ms(10)
        switch example.outcome {
        case .error(let code, let indefinite, let hint):
            rig.reply(first, error: code, indefinite: indefinite, hint: hint, at: now)
        case .lost(let definite):
            rig.handle(
                .attemptFailed(first.attempt, definite: definite, reason: "reset"), at: now)
        case .silence:
            now = ms(300)
            rig.wake(at: ms(299))
            #expect(rig.sends.isEmpty)
            rig.wake(at: now)
        case .nonsense: rig.reply(first, .sessionOpened(4), at: now)
        }
        switch example.following {
        case .at(let node):
            #expect(rig.sends.map(\.node) == [node])
            #expect(rig.sends.first?.due == now)
        case .later(let node):
            #expect(rig.sends.isEmpty)
            let due = rig.fleet.nextWake
            #expect(due >= now + .milliseconds(5) && due <= now + .milliseconds(10))
            rig.wake(at: due)
            #expect(rig.sends.map(\.node) == [node])
            #expect(rig.sends.first?.due == due)
        case .nothing:
            #expect(rig.sends.isEmpty)
            rig.wake(at: ms(899))
            #expect(rig.sends.isEmpty)
        case .end(let result):
            #expect(rig.completed.map(\.result) == [result])
            #expect(rig.sends.isEmpty)
        }
        for send in rig.sends {
            #expect(send.request.client == first.request.client)
            #expect(send.request.sequence == first.request.sequence)
            #expect(send.request.command == first.request.command)
        }
        while rig.completed.isEmpty { rig.wake(at: rig.fleet.nextWake) }
        #expect(rig.completed.map(\.result) == [example.finally])
        #expect(rig.completed.first?.error?.isEmpty == false)
        if case .end = example.following {
        } else {
            #expect(rig.completed.first?.completed == ms(900))
        }
        #expect(rig.fleet.isDrained)
        #expect(rig.fleet.nextWake == .distantFuture)
    }

    /// A write of which every attempt is definitely without effect.
    @Test func anUpdateThatWasAlwaysRefusedHasFailed() throws {
        var rig = try FleetRig(
            setup(closedLoop(.write), strategy: strategy(recognisesRepeats: false)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        var nodes: [NodeID] = []
        while rig.completed.isEmpty {
            if let send = rig.takeSends().first {
                nodes.append(send.node)
                rig.handle(
                    .attemptFailed(send.attempt, definite: true, reason: "refused"),
                    at: rig.fleet.now)
            } else {
                rig.wake(at: rig.fleet.nextWake)
            }
        }
        let operation = try #require(rig.completed.first)
        #expect(operation.result == .fail)
        #expect(operation.attempts == nodes.count)
        #expect(operation.error?.hasPrefix("disconnected: refused (gave up after 900ms") == true)
        #expect(Array(nodes.prefix(6)) == [0, 1, 2, 0, 1, 2].map { node($0) })
        // Rounds of three at once, with waits between them that grow up to 75 ms.
        #expect((24...60).contains(nodes.count), "\(nodes.count) attempts")
    }

    @Test func withoutFailoverAClientStays() throws {
        var rig = try FleetRig(setup(closedLoop(.read, failover: .none)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        for _ in 0..<20 where rig.completed.isEmpty {
            for send in rig.takeSends() {
                #expect(send.node == node(0))
                rig.reply(send, error: .noLeader, hint: node(1), at: rig.fleet.now)
            }
            rig.wake(at: rig.fleet.nextWake)
        }
    }

    @Test func hintsAreFollowedTwiceInARow() throws {
        var rig = try FleetRig(setup(closedLoop(.write)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        var at = [NodeID]()
        for (number, hint) in [node(1), node(2), node(0)].enumerated() {
            let send = try #require(rig.takeSends().first)
            at.append(send.node)
            rig.reply(send, error: .noLeader, hint: hint, at: ms(number + 1))
        }
        #expect(at == [node(0), node(1), node(2)])
        #expect(rig.sends.isEmpty)
        rig.wake(at: rig.fleet.nextWake)
        #expect(rig.sends.map(\.node) == [node(1)])
    }

    @Test func aLateAnswerToAnEarlierAttemptCounts() throws {
        var rig = try FleetRig(setup(closedLoop(.write)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        rig.wake(at: ms(300))
        let second = try #require(rig.takeSends().first)
        rig.reply(first, .done(nil), at: ms(350))
        let operation = try #require(rig.completed.first)
        #expect(operation.result == .ok)
        #expect(operation.servedBy == node(0))
        #expect(operation.attempts == 2)
        #expect(operation.completed == ms(350))
        #expect(rig.abandoned.contains(second.attempt))
        rig.reply(second, .done(nil), at: ms(360))
        #expect(rig.fleet.lateReplies == 1)
        #expect(rig.completed.count == 1)
    }

    @Test func aLateRefusalMakesTheEffectDefinite() throws {
        var rig = try FleetRig(
            setup(closedLoop(.write), strategy: strategy(recognisesRepeats: false)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        rig.wake(at: ms(300))
        #expect(rig.sends.isEmpty)
        rig.reply(first, error: .overloaded, at: ms(400))
        let second = try #require(rig.takeSends().first)
        #expect(second.node == node(1))
        rig.reply(second, error: .unsupported, at: ms(410))
        #expect(rig.completed.map(\.result) == [.fail])
    }

    @Test func aFailureAfterAnAttemptOfUnknownFateIsUnknown() throws {
        for code in [ServiceError.Code.sessionExpired, .unsupported] {
            var rig = try FleetRig(setup(closedLoop(.write)))
            rig.fleet.start(at: ms(0))
            rig.fleet.stop(at: ms(1))
            rig.wake(at: ms(0))
            _ = rig.takeSends()
            rig.wake(at: ms(300))
            let second = try #require(rig.takeSends().first)
            rig.reply(second, error: code, at: ms(310))
            #expect(rig.completed.map(\.result) == [.info])
        }
    }

    @Test func theErrorIsWhatANodeSaidRatherThanSilence() throws {
        var rig = try FleetRig(setup(closedLoop(.write)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        rig.wake(at: ms(300))
        rig.reply(first, error: .consensusNotAchieved, indefinite: true, at: ms(310))
        while rig.completed.isEmpty { rig.wake(at: rig.fleet.nextWake) }
        #expect(
            rig.completed.map(\.error)
                == ["consensus-not-achieved: because (gave up after 900ms, 3 attempts)"])
        #expect(rig.completed.map(\.servedBy) == [nil])
    }

    @Test func anAnswerAfterTheTimeoutChangesNothing() throws {
        var rig = try FleetRig(
            setup(closedLoop(.write), strategy: strategy(recognisesRepeats: false)))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        rig.reply(first, .done(nil), at: ms(900))
        #expect(rig.completed.map(\.result) == [.info])
        #expect(rig.fleet.lateReplies == 1)
        #expect(rig.abandoned == [first.attempt])
    }

    @Test func aMismatchIsADefiniteNegative() throws {
        var rig = try FleetRig(setup(closedLoop(.cas, valueSize: 20)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        let actual = ValueToken.padded([UInt8]("c9.9".utf8), to: 20)
        rig.reply(first, .mismatch(actual: .bytes(actual)), at: ms(5))
        let operation = try #require(rig.completed.first)
        #expect(operation.result == .fail)
        #expect(operation.error == "mismatch")
        #expect(operation.isDefiniteNegative)
        #expect(operation.answer == .mismatch(actual: .bytes([UInt8]("c9.9".utf8))))
        #expect(rig.fleet.tally.negative == 1)
        // The next one expects what it has learnt, padding and all.
        let second = try #require(rig.takeSends().first)
        guard case .operate(_, .compareAndSet(let expected, let new), _) = second.request.command
        else {
            Issue.record("not a cas")
            return
        }
        #expect(expected == actual)
        #expect(new.count == 20)
        rig.reply(second, .done(nil), at: ms(9))
        let third = try #require(rig.takeSends().first)
        guard case .operate(_, .compareAndSet(let held, _), _) = third.request.command else {
            Issue.record("not a cas")
            return
        }
        #expect(held == new)
    }

    @Test func valuesArePaddedOnTheWireAndBareInTheHistory() throws {
        var rig = try FleetRig(setup(closedLoop(.write, valueSize: 64)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        let send = try #require(rig.takeSends().first)
        guard case .operate(let key, .write(let wire), _) = send.request.command else {
            Issue.record("not a write")
            return
        }
        #expect(key.text == "k0")
        #expect(wire.count == 64)
        rig.reply(send, .done(nil), at: ms(1))
        #expect(rig.completed.first?.operation == .write(ValueToken.stripped(wire)))
        #expect(rig.completed.first?.operation == .write([UInt8]("c1.1".utf8)))
    }

    @Test func anUpdateCarriesWhatItsClientHadRead() throws {
        var workload = closedLoop(.read)
        workload.mix = .operations([Share(.read, 1), Share(.write, 1)], KeySpec(count: 1))
        var rig = try FleetRig(setup(workload))
        var seen = VersionVector()
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        for step in 1...40 {
            let send = try #require(rig.takeSends().first)
            guard case .operate(_, let operation, let context) = send.request.command else {
                Issue.record("not an operation")
                return
            }
            #expect(context == (operation == .read ? VersionVector() : seen))
            var now = VersionVector()
            now[MemberID(node(step % 2))] = UInt64(step)
            let outcome: ClientReply.Outcome = operation == .read ? .values([]) : .done(nil)
            rig.handle(
                .reply(send.attempt, ClientReply(outcome, context: now)), at: ms(step))
            #expect(rig.takeCompleted().first?.context == (operation == .read ? now : seen))
            seen.merge(now)
        }
    }
}
