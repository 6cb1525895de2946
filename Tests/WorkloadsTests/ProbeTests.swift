import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

@Suite struct ProbeTests {
    private static func probing(
        _ after: [TimeSpan] = [.zero, .milliseconds(50)], clients: PerRegion<Int> = PerRegion(1)
    ) -> WorkloadSpec {
        WorkloadSpec(
            clients: clients, arrivals: .open(PerRegion(0)),
            mix: .operations([Share(.read, 1)], KeySpec(count: 1)),
            probes: ProbeSpec(rate: 20, after: after), valueSize: 0, timeout: .milliseconds(900))
    }

    private static func played(
        _ workload: WorkloadSpec, seed: UInt64 = 7,
        answer: (ClientSend) -> ClientReply? = FleetRig.agreeable
    ) throws -> [CompletedOperation] {
        var rig = try FleetRig(setup(workload, seed: seed))
        rig.prepare()
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(10_000))
        rig.play(until: ms(12_000), delay: .milliseconds(3), answer: answer)
        #expect(rig.fleet.isDrained)
        return rig.completed
    }

    /// Every probe is one write of a key of its own and one read of it in another region, exactly
    /// so long after the acknowledgement as it says.
    @Test func aProbeIsAWriteAndAReadElsewhere() throws {
        let operations = try Self.played(Self.probing())
        let probes = Dictionary(grouping: operations, by: \.key)
        #expect((150..<250).contains(probes.count))
        var waits: [TimeSpan: Int] = [:]
        for (key, pair) in probes {
            #expect(key.bytes.starts(with: Array("probe.".utf8)))
            let write = try #require(pair.first { $0.operation.kind == .write })
            let acknowledged = try #require(write.completed)
            #expect(write.result == .ok && pair.count <= 2)
            guard let read = pair.first(where: { $0.operation.kind == .read }) else {
                #expect(acknowledged + .milliseconds(50) >= ms(10_000))
                continue
            }
            #expect(read.region != write.region)
            waits[read.planned - acknowledged, default: 0] += 1
        }
        #expect(Set(waits.keys) == [.zero, .milliseconds(50)])
        #expect(waits.values.allSatisfy { $0 > 60 })
    }

    /// What was not acknowledged is not read.
    @Test func aWriteWithoutAnAnswerIsNotRead() throws {
        let operations = try Self.played(Self.probing()) { send in
            if case .operate(_, .write, _) = send.request.command { return nil }
            return FleetRig.agreeable(send)
        }
        #expect(!operations.isEmpty)
        #expect(operations.allSatisfy { $0.operation.kind == .write && $0.result == .info })
    }

    @Test func onlyRegionsWithClientsProbe() throws {
        let lone = PerRegion(0, named: [FleetRig.region(1): 2])
        let operations = try Self.played(Self.probing(clients: lone))
        #expect(operations.contains { $0.operation.kind == .read })
        #expect(operations.allSatisfy { $0.region == FleetRig.region(1) })
    }

    /// Probes draw from a stream of their own: with them the other operations are the same.
    @Test func probesChangeNothingElse() throws {
        var workload = Self.probing()
        workload.arrivals = .open(PerRegion(5))
        let with = try Self.played(workload).filter {
            !$0.key.bytes.starts(with: Array("probe.".utf8))
        }
        workload.probes = nil
        let without = try Self.played(workload)
        #expect(with.map(\.planned) == without.map(\.planned))
        #expect(with.map(\.region) == without.map(\.region))
    }

    @Test func valuesThatCannotBeProbedAreRefused() {
        let reading = strategy(recognisesRepeats: true, operations: [.read])
        #expect(throws: InvalidWorkload.self) {
            _ = try FleetRig(setup(Self.probing(), strategy: reading))
        }
    }
}
