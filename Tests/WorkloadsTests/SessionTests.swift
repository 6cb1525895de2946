import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

@Suite struct SessionTests {
    private let sessions = strategy(recognisesRepeats: true, needsSession: true)

    private func rig(_ kind: OperationKind = .write) throws -> FleetRig {
        try FleetRig(setup(closedLoop(kind), strategy: sessions))
    }

    @Test func clientsOpenSessionsBeforeTheyStart() throws {
        var workload = WorkloadSpec()
        workload.clients = PerRegion(4)
        var rig = try FleetRig(setup(workload, strategy: sessions))
        #expect(!rig.fleet.isPrepared)
        rig.prepare()
        let opening = rig.takeSends()
        #expect(opening.count == 12)
        #expect(opening.allSatisfy { $0.request.command == .openSession })
        #expect(opening.allSatisfy { $0.node == NodeID(region: $0.from) })
        for (number, send) in opening.enumerated() {
            #expect(!rig.fleet.isPrepared)
            rig.reply(send, .sessionOpened(UInt64(number + 1)), at: ms(3))
        }
        #expect(rig.fleet.isPrepared)
        #expect(rig.fleet.tally == ClientTally())
        #expect(rig.completed.isEmpty)
    }

    @Test func openingIsTriedUntilItSucceeds() throws {
        var rig = try rig()
        rig.prepare()
        var attempts = 0
        for _ in 0..<200 {
            for send in rig.takeSends() {
                attempts += 1
                #expect(send.request.command == .openSession)
                rig.reply(send, error: .noLeader, at: rig.fleet.now)
            }
            rig.wake(at: rig.fleet.nextWake)
        }
        #expect(attempts == 200)
        // Silence does not stop it either.
        let silent = try #require(rig.takeSends().first)
        rig.wake(at: rig.fleet.now + .milliseconds(300))
        let last = try #require(rig.takeSends().first)
        #expect(last.request.sequence == silent.request.sequence)
        rig.reply(last, .sessionOpened(5), at: rig.fleet.now)
        #expect(rig.fleet.isPrepared)
    }

    @Test func openingOutlivesTheAttemptsThatCanBeToldApart() throws {
        var rig = try rig()
        rig.prepare()
        for _ in 0...AttemptID.attemptsMax {
            for send in rig.takeSends() {
                rig.reply(send, error: .noLeader, at: rig.fleet.now)
            }
            rig.wake(at: rig.fleet.nextWake)
        }
        let send = try #require(rig.takeSends().first)
        rig.reply(send, .sessionOpened(5), at: rig.fleet.now)
        #expect(rig.fleet.isPrepared)
    }

    @Test func requestsCarryTheSessionAndGrowingSequences() throws {
        var rig = try rig()
        rig.prepare()
        rig.reply(try #require(rig.takeSends().first), .sessionOpened(77), at: ms(0))
        rig.fleet.start(at: ms(10))
        rig.wake(at: ms(10))
        var last: UInt64 = 0
        for step in 0..<10 {
            let send = try #require(rig.takeSends().first)
            #expect(send.request.session == 77)
            #expect(send.request.sequence > last)
            #expect(send.request.firstUnanswered == send.request.sequence)
            last = send.request.sequence
            rig.reply(send, .done(nil), at: ms(11 + step))
            #expect(rig.takeCompleted().first?.session == 77)
        }
    }

    @Test func anExpiredSessionFailsTheUpdateAndIsReplaced() throws {
        var rig = try rig()
        rig.prepare()
        rig.reply(try #require(rig.takeSends().first), .sessionOpened(1), at: ms(0))
        rig.fleet.start(at: ms(10))
        rig.wake(at: ms(10))
        let update = try #require(rig.takeSends().first)
        rig.reply(update, error: .sessionExpired, at: ms(20))
        let failed = try #require(rig.takeCompleted().first)
        #expect(failed.result == .fail)
        #expect(failed.error == "session-expired: because")
        // The next operation waits for the session that is being opened.
        let opening = rig.takeSends()
        #expect(opening.map(\.request.command) == [.openSession])
        #expect(rig.fleet.tally.open == 1)
        rig.reply(opening[0], .sessionOpened(2), at: ms(50))
        let next = try #require(rig.takeSends().first)
        #expect(next.request.session == 2)
        #expect(next.planned == ms(20))
    }

    @Test func readsNeedNoSession() throws {
        var rig = try rig(.read)
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        let read = try #require(rig.takeSends().first)
        #expect(read.request.session == 0)
        rig.reply(read, .values([]), at: ms(1))
        #expect(rig.completed.first?.answer == .values([]))
        #expect(rig.completed.first?.result == .ok)
    }

    @Test func anUpdateWithoutASessionWasNeverSent() throws {
        var rig = try rig()
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        let opening = rig.takeSends()
        #expect(opening.map(\.request.command) == [.openSession])
        while rig.completed.isEmpty { rig.wake(at: rig.fleet.nextWake) }
        let operation = try #require(rig.completed.first)
        #expect(operation.result == .fail)
        #expect(operation.attempts == 0)
        #expect(operation.invoked == nil)
        #expect(operation.completed == ms(900))
        #expect(operation.error == "not-sent: no session with default within 900ms")
        #expect(rig.fleet.tally.neverSent == 1)
        #expect(rig.fleet.tally.invoked == 0)
        // Nobody needs the session any more.
        #expect(rig.fleet.isDrained)
        #expect(rig.abandoned.contains(opening[0].attempt))
        #expect(rig.fleet.nextWake == .distantFuture)
    }

    @Test func aGroupThatOpensNoSessionsFailsWhatWaits() throws {
        var rig = try rig()
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(1))
        rig.wake(at: ms(0))
        rig.reply(try #require(rig.takeSends().first), error: .unsupported, at: ms(3))
        #expect(rig.completed.map(\.error) == ["not-sent: no session: unsupported: because"])
        #expect(rig.completed.map(\.result) == [.fail])
    }

    @Test func inOpenLoopTheWindowFollowsTheSlowestOperation() throws {
        var workload = WorkloadSpec(
            clients: PerRegion(1), arrivals: .open(PerRegion(1000)),
            mix: .operations([Share(.write, 1)], KeySpec()))
        workload.clients = PerRegion(0, named: [FleetRig.region(0): 1])
        var rig = try FleetRig(setup(workload, strategy: sessions))
        rig.prepare()
        rig.reply(try #require(rig.takeSends().first), .sessionOpened(1), at: ms(0))
        rig.fleet.start(at: ms(0))
        var slow: ClientSend?
        var checked = 0
        while rig.fleet.now < ms(500) {
            rig.wake(at: rig.fleet.nextWake)
            for send in rig.takeSends() {
                if let slow {
                    #expect(send.request.firstUnanswered == slow.request.sequence)
                    checked += 1
                    rig.reply(send, .done(nil), at: rig.fleet.now)
                } else {
                    slow = send
                }
            }
        }
        #expect(checked > 300)
        rig.reply(try #require(slow), .done(nil), at: ms(500))
        rig.wake(at: rig.fleet.nextWake)
        let next = try #require(rig.takeSends().first)
        #expect(next.request.firstUnanswered == next.request.sequence)
    }
}
