import Determinism
import Foundation
import Geography
import RegionCore
import Replication
import Storage
import Testing
import Wire

@testable import NodeHost

/// What faults do to a node's clocks, disk and processor, as its process shows it.
@Suite struct ConditionTests {
    private func condition(_ change: (inout NodeCondition) -> Void) -> NodeCondition {
        var condition = NodeCondition()
        change(&condition)
        return condition
    }

    private func set(_ condition: NodeCondition, _ control: WireClient) throws {
        guard case .done = try control.ask(.setCondition(condition)) else {
            throw TestFailure("the condition was not set")
        }
    }

    /// A process of a group of one, and two connections to it.
    private func start(
        _ configuration: NodeConfiguration, in scratch: Scratch
    ) throws -> (node: NodeProcess, client: WireClient, control: WireClient) {
        let node = try NodeProcess(configuration, in: scratch)
        guard let port = node.ready?.port else {
            throw TestFailure("the node did not start: \(node.end().log)")
        }
        return (
            node, try WireClient(port: port, hello: Hello(.client, token: "run")),
            try WireClient(port: port, hello: Hello(.control, token: "control"))
        )
    }

    // MARK: The disk

    @Test func whatIsAcknowledgedSurvivesAKill() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        let (node, client, _) = try start(configuration, in: scratch)
        try client.openSession()
        for number in 0..<30 { _ = try client.write("k\(number)", "v\(number)") }
        _ = node.end(SIGKILL)
        configuration.launch = 1
        let (again, reader, control) = try start(configuration, in: scratch)
        for number in 0..<30 { #expect(try reader.read("k\(number)") == "v\(number)") }
        let status = try control.status()
        #expect(status.disk.bytesDropped == 0 && status.disk.syncs > 0)
        #expect(again.end(SIGTERM).code == 0)
    }

    @Test func aKillAfterALieLosesExactlyWhatWasNotSynced() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        let (node, client, control) = try start(configuration, in: scratch)
        try client.openSession()
        for number in 0..<10 { _ = try client.write("k\(number)", "true") }
        #expect(try control.status().disk.syncsSkipped == 0)
        try set(condition { $0.disk.losesUnsynced = true }, control)
        for number in 10..<30 {
            guard case .done = try client.write("k\(number)", "lie").outcome else {
                throw TestFailure("a lying disk acknowledges all")
            }
        }
        #expect(try control.status().disk.syncsSkipped >= 20)
        _ = node.end(SIGKILL)
        configuration.launch = 1
        let (again, reader, conductor) = try start(configuration, in: scratch)
        #expect(again.ready?.incarnation == 0)
        for number in 0..<30 {
            #expect(try reader.read("k\(number)") == (number < 10 ? "true" : nil), "\(number)")
        }
        #expect(try conductor.status().disk.bytesDropped > 1000)
        #expect(again.end(SIGTERM).code == 0)
    }

    @Test(arguments: [true, false])
    func aFullOrFailingDiskEndsTheNode(isFull: Bool) throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        let (node, client, control) = try start(configuration, in: scratch)
        try client.openSession()
        for number in 0..<10 { _ = try client.write("k\(number)", "v") }
        let trouble = condition {
            $0.disk.isFull = isFull
            $0.disk.fails = !isFull
        }
        try set(trouble, control)
        #expect((try? client.write("refused", "v")) == nil)
        #expect(node.end().code == 74)

        // It cannot start either, as long as that lasts.
        configuration.launch = 1
        configuration.condition = trouble
        let second = try NodeProcess(configuration, in: scratch)
        #expect(second.ready == nil)
        #expect(second.end(second.ready == nil ? nil : SIGKILL).code == 74)

        configuration.launch = 2
        configuration.condition = nil
        let (again, reader, _) = try start(configuration, in: scratch)
        #expect(again.ready?.incarnation == 0)
        for number in 0..<10 { #expect(try reader.read("k\(number)") == "v") }
        #expect(try reader.read("refused") == nil)
        #expect(again.end(SIGTERM).code == 0)
    }

    @Test func aSlowDiskDelaysAnswersAndCountsIt() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        configuration.condition = condition { $0.disk.extraSync = .milliseconds(30) }
        let (node, client, control) = try start(configuration, in: scratch)
        try client.openSession()
        let before = try control.status().disk.syncsDelayed
        let start = HostClock.monotonicNow
        for number in 0..<5 { _ = try client.write("k\(number)", "v") }
        #expect(HostClock.monotonicNow - start >= .milliseconds(150))
        #expect(try control.status().disk.syncsDelayed >= before + 5)
        try set(NodeCondition(), control)
        _ = try client.write("k", "v")
        let after = try control.status().disk.syncsDelayed
        _ = try client.write("k", "w")
        #expect(try control.status().disk.syncsDelayed == after)
        #expect(node.end(SIGTERM).code == 0)
    }

    @Test func aRottenRecordIsFoundAtTheNextStart() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        let (node, client, control) = try start(configuration, in: scratch)
        try client.openSession()
        for number in 0..<30 { _ = try client.write("k\(number)", "v") }
        try set(condition { $0.disk.corruptions = 1 }, control)
        while try control.status().disk.recordsDamaged == 0 {}
        // Setting the same again damages nothing more.
        try set(condition { $0.disk.corruptions = 1 }, control)
        for number in 0..<30 { _ = try client.write("k\(number)", "w") }
        #expect(try control.status().disk.recordsDamaged == 1)
        _ = node.end(SIGKILL)

        configuration.launch = 1
        configuration.condition = condition { $0.disk.corruptions = 1 }
        configuration.corruptionsBefore = 1
        let (second, _, _) = try start(configuration, in: scratch)
        #expect(second.ready?.incarnation == 1)
        _ = second.end(SIGKILL)

        // One more, while it is down.
        configuration.launch = 2
        configuration.condition = condition { $0.disk.corruptions = 2 }
        let (third, _, conductor) = try start(configuration, in: scratch)
        #expect(third.ready?.incarnation == 2)
        #expect(try conductor.status().disk.recordsDamaged == 1)
        #expect(third.end(SIGTERM).code == 0)
        let kept = [1, 2].map { configuration.databasePath + ".damaged-\($0)" }
        #expect(kept.allSatisfy(FileManager.default.fileExists(atPath:)))
    }

    @Test func anotherFileSystemTakesNoTroubles() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        configuration.databaseVFS = nil
        let node = try TestNode(configuration, in: scratch)
        defer { try? node.stop() }
        let control = try node.control()
        guard case .failed = try control.ask(.setCondition(condition { $0.disk.isFull = true }))
        else {
            Issue.record("troubles were taken that nobody carries out")
            return
        }
        // Clocks and processors are everywhere.
        try set(condition { $0.clock.offset = .seconds(1) }, control)
        configuration.condition = condition { $0.disk.fails = true }
        #expect(throws: InvalidConfiguration.self) { try configuration.check() }
    }

    // MARK: The clocks

    @Test func clocksAreWrongAsTheyAreToldAndReadBack() throws {
        let cluster = try TestCluster(2)
        defer { try? cluster.stop() }
        let control = try cluster.nodes[0].control()
        let start = HostClock.monotonicNow
        let wall = WallTime(nanosecondsSince1970: 1_000_000_000_000_000)
        _ = try control.ask(.setWallClock(WallClockSetting(wall: wall, at: start)))
        func offset(_ status: NodeStatus) -> TimeSpan {
            (status.time.wall - wall) - (status.time.monotonic - start)
        }
        #expect(offset(try control.status()) == .zero)
        try set(condition { $0.clock.offset = .seconds(-5) }, control)
        let ahead = try control.status()
        #expect(offset(ahead) == .seconds(-5))
        #expect(ahead.monotonicLead == .zero)
        #expect(ahead.time.monotonic <= HostClock.monotonicNow)

        // A tenth too fast.
        try set(condition { $0.clock.driftPartsPerBillion = 100_000_000 }, control)
        let first = try control.status()
        var second = try control.status()
        while second.time.monotonic - first.time.monotonic < .milliseconds(20) {
            second = try control.status()
        }
        let passed = (second.time.monotonic - first.time.monotonic).nanoseconds
        let lead = (second.monotonicLead - first.monotonicLead).nanoseconds
        #expect(abs(lead - passed / 10) <= 2)
        #expect(offset(second) == second.monotonicLead)
        // Other conditions leave the clocks as they run.
        try set(
            condition {
                $0.clock.driftPartsPerBillion = 100_000_000
                $0.slowness = 2
            }, control)
        let third = try control.status()
        #expect(third.monotonicLead >= second.monotonicLead)
        #expect(offset(third) == third.monotonicLead)

        // The wall clock is set right; the monotonic one never jumps.
        try set(NodeCondition(), control)
        let healed = try control.status()
        #expect(offset(healed) == .zero)
        #expect(healed.monotonicLead >= second.monotonicLead)
        #expect(try control.status().monotonicLead == healed.monotonicLead)
    }

    /// A node whose peer never answers asks it for votes again and again, as fast as its own clock
    /// runs.
    @Test func timersRunByTheNodesOwnClock() throws {
        let scratch = try Scratch()
        var nodes: [TestNode] = []
        defer { for node in nodes { try? node.stop() } }
        for (index, drift) in [Int64(-500_000_000), 500_000_000].enumerated() {
            var configuration = testConfiguration(0, of: 2, in: scratch)
            configuration.databasePath = scratch.path("\(index).db")
            configuration.condition = condition { $0.clock.driftPartsPerBillion = drift }
            nodes.append(try TestNode(configuration, in: scratch))
        }
        let controls = try nodes.map { try $0.control() }
        func attempts(_ index: Int) throws -> Int {
            try controls[index].status().links[0].counters.framesOffered
        }
        while try attempts(1) < 24 {}
        // A third of them, give or take what chance does to their timeouts.
        #expect(try attempts(0) < 15)
    }

    // MARK: The processor

    @Test func aSlowNodeStandsStillForAMultipleOfWhatItUses() throws {
        let cluster = try TestCluster(1)
        defer { try? cluster.stop() }
        let control = try cluster.nodes[0].control()
        let client = try cluster.nodes[0].client()
        try client.openSession()
        _ = try client.write("k", "v")
        #expect(try control.status().stalled == .zero)
        func timeOfReads() throws -> TimeSpan {
            let start = HostClock.monotonicNow
            for _ in 0..<100 { _ = try client.read("k") }
            return HostClock.monotonicNow - start
        }
        try set(condition { $0.slowness = 50 }, control)
        let slow = try timeOfReads()
        let stalled = try control.status().stalled
        #expect(stalled > .milliseconds(10))
        // It was in the way of the answers.
        #expect(slow > TimeSpan(nanoseconds: stalled.nanoseconds / 2))
        try set(NodeCondition(), control)
        let before = try control.status().stalled
        _ = try timeOfReads()
        #expect(try control.status().stalled == before)
    }

    /// Between what it takes in it reads its sockets, whatever has come due meanwhile.
    @Test func aSlowNodeThatHasMuchToDoGoesOnListening() throws {
        let cluster = try TestCluster(1)
        defer { try? cluster.stop() }
        let control = try cluster.nodes[0].control()
        let client = try cluster.nodes[0].client()
        try client.openSession()
        try set(condition { $0.slowness = 300 }, control)
        for _ in 0..<200 {
            client.submit(.operate(Key("k"), .read, context: VersionVector()))
        }
        // It answers again and again between one rest and the next.
        var seen: Set<TimeSpan> = []
        var status = try control.status()
        while status.requestsInFlight > 0 || seen.isEmpty {
            seen.insert(status.stalled)
            status = try control.status()
        }
        #expect(seen.count > 10)
        for _ in 0..<200 { _ = try #require(try client.receive()) }
    }

    /// What the harness asks of it is none of its work.
    @Test func onlyTheMachinesWorkIsSlow() throws {
        let cluster = try TestCluster(1)
        defer { try? cluster.stop() }
        let control = try cluster.nodes[0].control()
        try set(condition { $0.slowness = 100 }, control)
        for _ in 0..<100 { _ = try control.status() }
        let status = try control.status()
        #expect(status.workTime > .zero)
        #expect(status.workTime < TimeSpan(nanoseconds: status.processorTime.nanoseconds / 2))
    }

    // MARK: On the wire

    @Test func conditionsAndTheirEvidenceAreReadBack() throws {
        let wanted = NodeCondition(
            clock: ClockCondition(offset: .seconds(-3), driftPartsPerBillion: 200_000),
            disk: DiskCondition(
                extraSync: .milliseconds(50), isFull: true, fails: true, losesUnsynced: true,
                corruptions: 3), slowness: 5.5)
        let request = ControlRequest.setCondition(wanted)
        #expect(try ControlRequest.decoded(request.encoded) == request)
        for change: (inout NodeCondition) -> Void in [
            { $0.slowness = 0.5 }, { $0.slowness = .infinity },
            { $0.clock.driftPartsPerBillion = -1_000_000_000 }, { $0.disk.corruptions = -1 },
            { $0.disk.extraSync = .zero - .milliseconds(1) },
        ] {
            let bad = ControlRequest.setCondition(condition(change)).encoded
            #expect(throws: MalformedBytes.self) { try ControlRequest.decoded(bad) }
        }

        var status = NodeStatus(
            member: MemberID(node(1)), launch: 2,
            time: NodeTime(monotonic: .zero, wall: WallTime(nanosecondsSince1970: 5)))
        let old = status.encoded
        status.monotonicLead = .zero - .milliseconds(7)
        status.stalled = .seconds(3)
        status.requestsShed = 9
        status.workTime = .milliseconds(12)
        status.disk.syncs = 1
        status.disk.syncsDelayed = 2
        status.disk.syncsSkipped = 3
        status.disk.writesRefused = 4
        status.disk.operationsFailed = 5
        status.disk.bytesDropped = 6
        status.disk.recordsDamaged = 7
        let back = try NodeStatus.decoded(status.encoded)
        #expect(back.monotonicLead == status.monotonicLead)
        #expect(back.stalled == status.stalled && back.requestsShed == 9)
        #expect(back.disk == status.disk && back.workTime == status.workTime)
        // What an older node sends ends before all that.
        let short = try NodeStatus.decoded(Array(old.dropLast(8 + 8 + 1 + 1 + 7 + 8 + 1)))
        #expect(short.disk == DiskCounters() && short.launch == 2)
    }
}
