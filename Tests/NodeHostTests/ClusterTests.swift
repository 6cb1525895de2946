import Determinism
import Geography
import RegionCore
import Replication
import Testing
import Wire

@testable import NodeHost

@Suite struct ClusterTests {
    @Test func threeNodesReplicateAndRecover() throws {
        let cluster = try TestCluster(3)
        defer { try? cluster.stop() }
        let client = try cluster.nodes[0].client()
        try client.openSession()
        for number in 0..<50 {
            guard case .done = try client.write("k\(number)", "v\(number)").outcome else {
                Issue.record("write \(number) failed")
                return
            }
        }
        #expect(try client.read("k49") == "v49")
        #expect(try client.read("nothing") == nil)
        let other = try cluster.nodes[2].client()
        #expect(try other.read("k7") == "v7")

        // One node after the other stops and comes back from its disk.
        for index in 0..<3 {
            try cluster.restart(index, launch: 1)
            let again = try cluster.nodes[index].client()
            #expect(try again.read("k\(index)") == "v\(index)")
            let status = try cluster.nodes[index].control().status()
            #expect(status.member == MemberID(node(index)) && status.launch == 1)
        }
    }

    @Test func theFinalStateComesInPagesAndAgrees() throws {
        let cluster = try TestCluster(3)
        defer { try? cluster.stop() }
        let client = try cluster.nodes[1].client()
        try client.openSession()
        let value = String(repeating: "x", count: 300_000)
        for number in 0..<12 { _ = try client.write("k\(number)", "\(number)\(value)") }
        var digests: Set<StateDigest> = []
        for node in cluster.nodes {
            let control = try node.control()
            while try control.status().groups[0].view.keyCount < 12 {}
            digests.insert(try control.status().groups[0].view.digest)
            var pages = 0
            var entries: [FinalEntry] = []
            var from: UInt64? = 0
            while let next = from {
                guard
                    case .finalState(let page) = try control.ask(
                        .finalState(GroupID(index: 0), from: next))
                else {
                    Issue.record("no page \(next)")
                    return
                }
                entries += page.entries
                from = page.next
                pages += 1
            }
            #expect(pages > 2)
            #expect(entries.count == 12)
            #expect(entries.map(\.key) == entries.map(\.key).sorted())
            guard case .failed = try control.ask(.finalState(GroupID(index: 9), from: 0)) else {
                Issue.record("a group that does not exist has a final state")
                return
            }
        }
        #expect(digests.count == 1)
    }

    @Test func delaysAreThoseOfTheLinks() throws {
        let oneWay = TimeSpan.milliseconds(30)
        let cluster = try TestCluster(3, oneWay: oneWay)
        defer { try? cluster.stop() }
        let client = try cluster.nodes[0].client()
        try client.openSession()
        _ = try client.write("warm", "up")
        for number in 0..<5 {
            let start = HostClock.monotonicNow
            _ = try client.write("k", "\(number)")
            // A commit needs a majority: at least one round trip between nodes.
            #expect(HostClock.monotonicNow - start >= oneWay + oneWay)
        }
        // A client's own way counts too.
        let start = HostClock.monotonicNow
        let due = (start + .milliseconds(80)).nanoseconds
        _ = try client.ask(
            .operate(Key("k"), .read, context: VersionVector()), due: due)
        #expect(HostClock.monotonicNow.nanoseconds >= due)
        let status = try cluster.nodes[0].control().status()
        #expect(status.delayError.count > 0)
        #expect(status.links.count == 2 && status.links.allSatisfy(\.isConnected))
        #expect(status.links.allSatisfy { $0.counters.framesStamped > 0 })
    }

    @Test func anIsolatedNodeIsLeftBehindAndCatchesUp() throws {
        let cluster = try TestCluster(3)
        defer { try? cluster.stop() }
        let client = try cluster.nodes[0].client()
        try client.openSession()
        _ = try client.write("k", "before")
        func isolate(_ conditions: [LinkCondition]) throws {
            for (from, node) in cluster.nodes.enumerated() {
                let targets = from == 2 ? [0, 1] : [2]
                let links = targets.map {
                    LinkConfiguration(
                        target: NodeHostTests.node($0), profile: LinkProfile(oneWay: .zero),
                        conditions: conditions)
                }
                guard case .done = try node.control().ask(.setLinks(links)) else {
                    Issue.record("the links were not set")
                    return
                }
            }
        }
        try isolate([.held])
        let two = try cluster.nodes[1].client()
        try two.openSession()
        _ = try two.write("k", "during")
        let alone = try cluster.nodes[2].control()
        #expect(try alone.status().groups[0].view.applied != .index(0))
        try isolate([])
        let behind = try cluster.nodes[2].client()
        #expect(try behind.read("k") == "during")
        let counters = try cluster.nodes.flatMap { try $0.control().status().links }
        #expect(counters.contains { $0.counters.showsEffect })
        #expect(counters.contains { $0.counters.probesLost > 0 || $0.counters.framesHeld > 0 })
    }

    @Test func probesArriveWithTheLinksDelay() throws {
        let cluster = try TestCluster(2, oneWay: .milliseconds(15))
        defer { try? cluster.stop() }
        let control = try cluster.nodes[1].control()
        while true {
            guard let arrivals = try control.status().arrivals.first, arrivals.count >= 3 else {
                continue
            }
            #expect(arrivals.source == node(0))
            #expect(
                arrivals.delayTotal.nanoseconds
                    >= Int64(arrivals.count) * TimeSpan.milliseconds(15).nanoseconds)
            return
        }
    }

    @Test func theWallClockSaysWhatItIsToldAndAResetIsCounted() throws {
        let cluster = try TestCluster(2)
        defer { try? cluster.stop() }
        let control = try cluster.nodes[0].control()
        let monotonic = HostClock.monotonicNow
        let wall = WallTime(nanosecondsSince1970: 1_000_000_000_000)
        _ = try control.ask(.setWallClock(WallClockSetting(wall: wall, at: monotonic)))
        let status = try control.status()
        #expect(status.time.wall - wall == status.time.monotonic - monotonic)

        while try !control.status().links.allSatisfy(\.isConnected) {}
        _ = try control.ask(.resetLink(node(1)))
        #expect(try control.status().links[0].counters.resetsInjected == 1)
        while try !control.status().links.allSatisfy(\.isConnected) {}
        guard case .failed = try control.ask(.resetLink(node(0))) else {
            Issue.record("a link to itself was reset")
            return
        }
    }

    @Test func leadershipIsTransferredOnRequest() throws {
        let cluster = try TestCluster(3)
        defer { try? cluster.stop() }
        let client = try cluster.nodes[0].client()
        try client.openSession()
        let controls = try cluster.nodes.map { try $0.control() }
        for target in [1, 2, 0] {
            while true {
                guard let leader = try controls[0].status().groups[0].view.leader else {
                    continue
                }
                if leader.node == node(target) { break }
                let index = Int(leader.node.region.index)
                _ = try controls[index].ask(
                    .administer(
                        GroupID(index: 0),
                        .transferLeader(to: RegionID(index: UInt16(target)))))
            }
        }
        let notes = try controls.flatMap { try $0.status().notes }
        #expect(notes.contains { $0.note.kind == .leaderElected })
        // Each is handed out once.
        let later = try controls.flatMap { try $0.status().notes }
        #expect(!later.contains(where: notes.contains))
    }

    @Test func aHundredFramesUnderWayArriveInTheirTimeAndSurviveTheirSender() throws {
        let scratch = try Scratch()
        let node = try TestNode(testConfiguration(0, of: 2, in: scratch), in: scratch)
        defer { try? node.stop() }
        let control = try node.control()
        let way = TimeSpan.milliseconds(60)
        do {
            let sender = try WireClient(
                port: node.port,
                hello: Hello(.peer, member: MemberID(NodeHostTests.node(1)), token: "run"))
            for _ in 0..<100 {
                let now = HostClock.monotonicNow
                sender.send(
                    .probe, Envelope(due: (now + way).nanoseconds),
                    payload: ProbePayload(sent: now).encoded)
            }
            // Its connection ends here, while all is under way.
        }
        while true {
            guard let arrivals = try control.status().arrivals.first, arrivals.count == 100 else {
                continue
            }
            #expect(arrivals.delayTotal >= way * Int64(100))
            return
        }
    }
}
