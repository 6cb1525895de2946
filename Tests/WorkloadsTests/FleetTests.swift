import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

@Suite struct FleetTests {
    private func open(
        _ rate: Double = 100, clients: Int = 3, mix: WorkloadSpec.Mix? = nil
    ) -> WorkloadSpec {
        WorkloadSpec(
            clients: PerRegion(clients), arrivals: .open(PerRegion(rate)),
            mix: mix ?? .operations([Share(.read, 0.8), Share(.write, 0.2)], KeySpec()),
            timeout: .milliseconds(900))
    }

    /// What was planned: times, and what is done on which key.
    private struct Planned: Equatable {
        var at: Instant
        var region: RegionID
        var kind: OperationKind
        var key: Key
    }

    private func plan(of operations: [CompletedOperation], region: Int? = nil) -> [Planned] {
        operations.filter { region == nil || $0.region == FleetRig.region(region ?? 0) }
            .sorted { $0.index < $1.index }
            .map {
                Planned(
                    at: $0.planned, region: $0.region, kind: $0.operation.kind, key: $0.key)
            }
    }

    private func history(
        _ setup: FleetSetup, seconds: Int = 5, answer: (ClientSend) -> ClientReply?
    ) throws -> [CompletedOperation] {
        var rig = try FleetRig(setup)
        rig.prepare()
        rig.play(until: ms(0), delay: .zero)
        rig.fleet.start(at: ms(1000))
        rig.fleet.stop(at: ms(1000) + .seconds(seconds))
        rig.play(until: ms(60_000), answer: answer)
        #expect(rig.fleet.isDrained)
        return rig.completed
    }

    @Test func theScheduleDoesNotHangOnAnswers() throws {
        let setup = setup(open())
        let answered = try history(setup, answer: FleetRig.agreeable)
        let ignored = try history(setup) { _ in nil }
        #expect(plan(of: answered) == plan(of: ignored))
        #expect(abs(answered.count - 1500) < 200)
        #expect(answered.allSatisfy { $0.result == .ok })
        #expect(ignored.allSatisfy { $0.result != .ok })
        #expect(
            ignored.allSatisfy { $0.completed == $0.planned + .milliseconds(900) })
    }

    @Test func lateWakesBeginEveryOperationAtItsPlannedTime() throws {
        let setup = setup(open())
        var rig = try FleetRig(setup)
        rig.fleet.start(at: ms(1000))
        rig.fleet.stop(at: ms(6000))
        rig.wake(at: ms(6007))
        for send in rig.takeSends() {
            #expect(send.due == send.planned)
            rig.reply(send, FleetRig.agreeable(send)?.outcome ?? .done(nil), at: ms(6008))
        }
        let punctual = try history(setup, answer: FleetRig.agreeable)
        #expect(plan(of: rig.completed) == plan(of: punctual))
        #expect(rig.completed.allSatisfy { $0.invoked == ms(6007) })
        #expect(rig.completed.allSatisfy { $0.planned >= ms(1000) && $0.planned < ms(6000) })
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        let first = try history(setup(open()), answer: FleetRig.agreeable)
        let second = try history(setup(open()), answer: FleetRig.agreeable)
        #expect(first == second)
        let other = try history(setup(open(), seed: 8), answer: FleetRig.agreeable)
        #expect(plan(of: first) != plan(of: other))
    }

    @Test func anotherClientOrRegionLeavesTheOthersAsTheyWere() throws {
        let before = try history(setup(open()), answer: FleetRig.agreeable)
        var more = open()
        more.clients = PerRegion(3, named: [FleetRig.region(1): 4])
        let after = try history(setup(more), answer: FleetRig.agreeable)
        for region in 0..<3 {
            #expect(plan(of: before, region: region) == plan(of: after, region: region))
        }
        let untouched: (CompletedOperation) -> Bool = { $0.region != FleetRig.region(1) }
        #expect(
            before.filter(untouched).map(\.client) == after.filter(untouched).map(\.client))
        let wider = try history(setup(open(), regions: 4), answer: FleetRig.agreeable)
        for region in 0..<3 {
            #expect(plan(of: before, region: region) == plan(of: wider, region: region))
        }
    }

    @Test func anotherClosedClientLeavesTheOthersAsTheyWere() throws {
        func sequences(_ clients: Int) throws -> [ClientID: [String]] {
            var workload = open(clients: clients)
            workload.arrivals = .closed
            let operations = try history(
                setup(workload), seconds: 1, answer: FleetRig.agreeable)
            return Dictionary(grouping: operations, by: \.client).mapValues {
                $0.map { "\($0.planned.nanoseconds) \($0.operation) \($0.key.text)" }
            }
        }
        let two = try sequences(2)
        let three = try sequences(3)
        #expect(two.count == 6)
        #expect(three.count == 9)
        for (client, operations) in two { #expect(three[client] == operations) }
    }

    @Test func closedClientsDoOneThingAtATime() throws {
        var workload = open(clients: 5)
        workload.arrivals = .closed
        let operations = try history(setup(workload), seconds: 1, answer: FleetRig.agreeable)
        // A millisecond each.
        #expect(operations.count == 15 * 1000)
        for (_, own) in Dictionary(grouping: operations, by: \.client) {
            let sorted = own.sorted { $0.index < $1.index }
            #expect(Set(sorted.map(\.process)).count == 1)
            for (earlier, later) in zip(sorted, sorted.dropFirst()) {
                #expect(later.planned == earlier.completed)
                #expect(later.planned == later.invoked)
            }
        }
    }

    @Test func aProcessEndsWithAnUnknownOutcome() throws {
        var workload = open(clients: 2)
        workload.arrivals = .closed
        workload.mix = .operations([Share(.write, 1)], KeySpec())
        let operations = try history(setup(workload), seconds: 5) { send in
            send.request.sequence % 3 == 0 ? nil : ClientReply(.done(nil))
        }
        #expect(operations.contains { $0.result == .info })
        for (_, own) in Dictionary(grouping: operations, by: \.process) {
            #expect(Set(own.map(\.client)).count == 1)
            let sorted = own.sorted { $0.index < $1.index }
            #expect(sorted.dropLast().allSatisfy { $0.result != .info })
        }
    }

    @Test func everyReadModifyWriteIsAReadAndACas() throws {
        var workload = open(clients: 1)
        workload.arrivals = .closed
        workload.mix = .ycsb(.f, records: 20)
        workload.clients = PerRegion(0, named: [FleetRig.region(0): 1])
        workload.valueSize = 32
        var stored: [Key: [UInt8]] = [:]
        let operations = try history(setup(workload), seconds: 1) { send in
            guard case .operate(let key, let operation, _) = send.request.command else {
                return nil
            }
            switch operation {
            case .read: return ClientReply(.values(stored[key].map { [.bytes($0)] } ?? []))
            case .compareAndSet(let expected, let new):
                guard expected == stored[key] else {
                    return ClientReply(.mismatch(actual: stored[key].map { .bytes($0) }))
                }
                stored[key] = new
                return ClientReply(.done(nil))
            case .write, .delete, .append, .increment, .add, .remove, .put, .transaction,
                .call:
                return nil
            }
        }
        let swaps = operations.indices.filter { operations[$0].operation.kind == .cas }
        #expect(abs(swaps.count * 3 - operations.count) < 150, "\(swaps.count)")
        for index in swaps {
            let read = operations[index - 1]
            #expect(read.operation == .read)
            #expect(read.key == operations[index].key)
            #expect(read.completed == operations[index].planned)
            // Nobody else writes, so each cas meets what was read.
            #expect(operations[index].result == .ok)
        }
        #expect(stored.values.allSatisfy { $0.count == 32 })
    }

    @Test func aSurgeMultipliesTheRateOfItsRegion() throws {
        var rig = try FleetRig(setup(open(50)))
        rig.fleet.start(at: ms(0))
        rig.play(until: ms(10_000))
        let plain = rig.takeCompleted().count { $0.region == FleetRig.region(1) }
        let change1 = rig.surge(10, 1, at: ms(10_000))
        #expect(change1)
        rig.play(until: ms(20_000))
        let surged = rig.takeCompleted()
        let inside = surged.count { $0.region == FleetRig.region(1) }
        let outside = surged.count { $0.region == FleetRig.region(0) }
        #expect(abs(plain - 500) < 112)
        #expect(abs(inside - 5000) < 355)
        #expect(abs(outside - 500) < 112)
        let change2 = rig.surge(0, 1, at: ms(20_000))
        #expect(change2)
        rig.play(until: ms(20_500))
        _ = rig.takeCompleted()
        rig.play(until: ms(30_000))
        #expect(!rig.takeCompleted().contains { $0.region == FleetRig.region(1) })
        let change3 = rig.surge(2, 7, at: ms(30_000))
        #expect(!change3)
        var closed = try FleetRig(setup(closedLoop(.read)))
        let change4 = closed.surge(2, 0, at: ms(0))
        #expect(!change4)
    }

    @Test func clientsFollowAChangeOfMembership() throws {
        var rig = try FleetRig(setup(closedLoop(.read)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        let first = try #require(rig.takeSends().first)
        rig.fleet.setMembers([node(2), node(0, 2)], of: GroupID(index: 0))
        rig.fleet.setMembers([node(1)], of: GroupID(index: 5))
        rig.reply(first, error: .notMember, at: ms(1))
        let second = try #require(rig.takeSends().first)
        #expect(second.node == node(2))
        rig.reply(second, .values([]), at: ms(2))
        #expect(rig.takeSends().map(\.node) == [node(0, 2)])
    }

    @Test func whatExceedsTheBoundIsNeverSent() throws {
        var workload = open(1_000_000, clients: 1)
        workload.clients = PerRegion(0, named: [FleetRig.region(0): 1])
        workload.mix = .operations([Share(.read, 1)], KeySpec(count: 1))
        var rig = try FleetRig(setup(workload))
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(70))
        rig.wake(at: ms(70))
        let tally = rig.fleet.tally
        #expect(tally.open == ClientFleet.openPerRegionMax)
        #expect(tally.invoked == ClientFleet.openPerRegionMax)
        #expect(tally.neverSent == tally.planned - tally.invoked)
        #expect(tally.neverSent > 3000)
        #expect(rig.completed.count == tally.neverSent)
        #expect(rig.completed.allSatisfy { $0.invoked == nil && $0.result == .fail })
        #expect(rig.completed.allSatisfy { $0.error?.hasPrefix("not-sent: ") == true })
    }

    @Test func closingReportsWhatIsOpen() throws {
        var rig = try FleetRig(
            setup(open(), strategy: strategy(recognisesRepeats: true, needsSession: true)))
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(500))
        #expect(rig.fleet.tally.open > 100)
        rig.close(at: ms(510))
        let tally = rig.fleet.tally
        #expect(tally.open == 0)
        #expect(rig.completed.count == tally.planned)
        for operation in rig.completed {
            if operation.operation == .read {
                #expect(operation.result == .info)
                #expect(operation.completed == nil)
            } else {
                // No session was opened, so no write went out.
                #expect(operation.result == .fail)
                #expect(operation.invoked == nil)
            }
        }
        #expect(rig.fleet.isDrained)
        #expect(rig.fleet.nextWake == .distantFuture)
        rig.wake(at: ms(5000))
        #expect(rig.fleet.tally.planned == tally.planned)
    }

    /// A service that answers, errs, stalls and breaks connections as it pleases.
    @Test(arguments: 1...6)
    func everyOperationCompletesExactlyOnce(seed: UInt64) throws {
        let isOpen = seed % 2 == 0
        var workload = open(200, clients: 4)
        if !isOpen { workload.arrivals = .closed }
        workload.mix = .operations(
            [Share(.read, 1), Share(.write, 1), Share(.cas, 1), Share(.delete, 1)], KeySpec())
        var rig = try FleetRig(
            setup(
                workload,
                strategy: strategy(recognisesRepeats: seed % 3 == 0, needsSession: seed > 2)))
        var random = RandomStream(seed: seed, name: "chaos")
        var pending: [(at: Instant, event: ClientEvent)] = []
        rig.prepare()
        rig.fleet.start(at: ms(100))
        rig.fleet.stop(at: ms(4000))
        while !rig.fleet.isDrained || !pending.isEmpty {
            for send in rig.takeSends() {
                guard let event = Self.chaos(send, &random) else { continue }
                let at = rig.fleet.now + .microseconds(random.index(400_000))
                pending.append((at, event))
            }
            let next = pending.indices.min { pending[$0].at < pending[$1].at }
            if let next, pending[next].at <= rig.fleet.nextWake {
                let due = pending.remove(at: next)
                rig.handle(due.event, at: due.at)
            } else if rig.fleet.nextWake < .distantFuture {
                rig.wake(at: rig.fleet.nextWake)
            }
        }
        let tally = rig.fleet.tally
        #expect(tally.planned > 90)
        #expect(rig.completed.count == tally.planned, "seed \(seed)")
        #expect(Set(rig.completed.map(\.index)) == Set(0..<UInt64(tally.planned)))
        #expect(tally.ok + tally.fail + tally.info == tally.planned)
        #expect(tally.invoked + tally.neverSent == tally.planned)
        #expect(tally.open == 0)
        #expect(rig.fleet.lateReplies > 0)
        for operation in rig.completed {
            #expect(operation.operation != .read || operation.result != .info)
            let completed = try #require(operation.completed)
            #expect(completed - operation.planned <= .milliseconds(901))
        }
        for (_, own) in Dictionary(grouping: rig.completed, by: \.process) {
            let sorted = own.sorted { $0.index < $1.index }
            #expect(sorted.dropLast().allSatisfy { $0.result != .info })
            for (earlier, later) in zip(sorted, sorted.dropFirst()) {
                let ended = try #require(earlier.completed)
                #expect(later.planned >= ended || later.invoked.map { $0 >= ended } ?? true)
            }
        }
        #expect(rig.fleet.freePlaces.count == rig.fleet.places.count)
    }

    private static func chaos(_ send: ClientSend, _ random: inout RandomStream) -> ClientEvent? {
        switch random.index(8) {
        case 0: return nil
        case 1:
            return .attemptFailed(
                send.attempt, definite: random.chance(0.5), reason: "reset by peer")
        case 2, 3:
            let codes = ServiceError.Code.allCases
            let code = codes[random.index(codes.count)]
            let hint = random.chance(0.3) ? node(random.index(4)) : nil
            return .reply(
                send.attempt,
                .failed(
                    ServiceError(code, "chaos", isIndefinite: random.chance(0.4), hint: hint)))
        case 4:
            return .reply(send.attempt, ClientReply(.mismatch(actual: nil)))
        case _:
            return FleetRig.agreeable(send).map { .reply(send.attempt, $0) }
        }
    }

    @Test func impossibleWorkloadsAreRefused() {
        func refusal(_ setup: FleetSetup) -> String? {
            do {
                _ = try ClientFleet(setup)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(refusal(setup(open())) == nil)
        var unknown = open()
        unknown.dataTypes = [Share(GroupID(index: 4), 1)]
        #expect(refusal(setup(unknown))?.contains("data type 4") == true)
        #expect(refusal(setup(open(), members: []))?.contains("no members") == true)
        let readOnly = strategy(recognisesRepeats: false, operations: [.read])
        #expect(
            refusal(setup(open(), strategy: readOnly))?.contains("does not support write") == true)
        #expect(refusal(setup(open(clients: 0)))?.contains("no clients") == true)
        #expect(refusal(setup(open(clients: -1)))?.contains("-1 clients") == true)
        #expect(refusal(setup(open(-5)))?.contains("rate of -5") == true)
        var instant = open()
        instant.timeout = .zero
        #expect(refusal(setup(instant))?.contains("timeouts") == true)
        #expect(
            refusal(setup(open(mix: .ycsb(.a, records: 0))))?.contains("0 keys") == true)
    }
}
