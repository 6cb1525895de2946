import Determinism
import Foundation
import Geography
import NIOCore
import RegionCore
import Replication
import Testing
import Wire

@testable import NodeHost

/// Whatever arrives: the node lives on, its peers notice nothing, and only the connection that it
/// came on is closed. A trap would end this whole process.
///
/// `MERIDIAN_HOSTILE_FRAMES` sets how many frames are sent; the suite sends some thousands, a
/// soak a million.
@Suite struct HostileInputTests {
    private static let frameCount =
        ProcessInfo.processInfo.environment["MERIDIAN_HOSTILE_FRAMES"].flatMap { Int($0) } ?? 20_000

    /// Pretends to be node 2 and collects what the others send it.
    private static func corpusOfPeerMessages(
        _ cluster: TestCluster, _ frames: Int
    ) throws -> [Frame] {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length)
                listen(listener, 8)
                getsockname(listener, $0, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        for node in cluster.nodes {
            let control = try node.control()
            _ = try control.ask(
                .setPeers([PeerAddress(node: NodeHostTests.node(2), port: port)]))
        }
        var corpus: [Frame] = []
        for _ in cluster.nodes {
            let peer = WireClient(descriptor: accept(listener, nil, nil))
            guard let hello = try peer.receive() else { continue }
            corpus.append(hello)
            peer.send(
                .hello,
                payload: Hello(.peer, member: MemberID(NodeHostTests.node(2)), token: "run")
                    .encoded)
            while corpus.count % (frames + 1) != 0, let frame = try peer.receive() {
                corpus.append(frame)
            }
        }
        return corpus
    }

    private static func corpusOfClients() -> [Frame] {
        let key = Key("hostile")
        let context = VersionVector()
        let operations: [Replication.Operation] = [
            .read, .write([1, 2, 3]), .delete, .compareAndSet(expected: [1], new: [2]),
            .append([9]), .increment(.max),
            .transaction([.init(.read, key), .init(.write([4]), key), .init(.append([5]), key)]),
        ]
        var requests = operations.map {
            ClientRequest(
                client: ClientID(rawValue: 7), session: 3, sequence: 5,
                command: .operate(key, $0, context: context))
        }
        requests.append(
            ClientRequest(
                client: ClientID(rawValue: 7), session: 3, sequence: 5,
                command: .operate(Key([]), operations[6], context: context)))
        requests.append(
            ClientRequest(client: ClientID(rawValue: 7), sequence: 1, command: .openSession))
        return requests.map { Frame(.clientRequest, payload: $0.encoded) }
    }

    private static func corpusOfControl() -> [Frame] {
        let other = MemberID(node(1))
        // Neither `stop` nor links: what they do is what was asked.
        let requests: [ControlRequest] = [
            .status, .resetLink(node(1)), .finalState(GroupID(index: 0), from: 0),
            .finalState(GroupID(index: 0), from: .max),
            .administer(GroupID(index: 0), .promote(other)),
            .setPeers([]),
        ]
        return requests.map { Frame(.controlRequest, payload: $0.encoded) }
    }

    private func attack(
        _ cluster: TestCluster, _ hello: Hello, _ corpus: [Frame], frames: Int, seed: UInt64
    ) throws {
        var hostile = HostileFrames(seed: seed, corpus: corpus)
        let port = cluster.nodes[0].port
        var sent = 0
        while sent < frames {
            let stranger = try WireClient(port: port)
            stranger.send(bytes: hostile.opening(hello))
            sent += 1
            guard let guest = try? WireClient(port: port, hello: hello) else { continue }
            // Whoever has the control token and asks a node to stop is obeyed: so that two halves
            // of frames do not ask for it together, an operator sends one at a time.
            for _ in 0..<(hello.role == .control ? 1 : 20) {
                let bytes = hostile.next()
                sent += 1
                let payload = Frame.prefixBytes + Frame.headerBytes
                if hello.role == .control, bytes.count > payload, bytes[payload] == 8 { continue }
                guest.send(bytes: bytes)
            }
        }
    }

    /// The cluster serves, and its members are the ones of the beginning.
    private func expectHealth(_ cluster: TestCluster, _ key: String) throws {
        for (index, node) in cluster.nodes.enumerated() {
            let client = try node.client()
            try client.openSession()
            guard case .done = try client.write("\(key)\(index)", "v").outcome else {
                Issue.record("node \(index) does not take writes")
                return
            }
            #expect(try client.read("\(key)\(index)") == "v")
        }
    }

    @Test func clientsCannotHarmANode() throws {
        let cluster = try TestCluster(2)
        defer { try? cluster.stop() }
        try attack(
            cluster, Hello(.client, token: "run"), Self.corpusOfClients(),
            frames: Self.frameCount, seed: 1)
        try expectHealth(cluster, "a")
        #expect(try cluster.nodes[0].control().status().framesRefused > 100)
        #expect(try cluster.nodes[1].control().status().framesRefused == 0)
    }

    @Test func operatorsCannotCrashANode() throws {
        let cluster = try TestCluster(2)
        defer { try? cluster.stop() }
        try attack(
            cluster, Hello(.control, token: "control"), Self.corpusOfControl(),
            frames: Self.frameCount / 4, seed: 2)
        _ = try cluster.nodes[0].control().status()
        #expect(try cluster.nodes[1].control().status().framesRefused == 0)
    }

    @Test func peersCannotCrashANode() throws {
        let cluster = try TestCluster(2, of: 3)
        defer { try? cluster.stop() }
        let corpus = try Self.corpusOfPeerMessages(cluster, 10)
        #expect(corpus.contains { $0.type == .peerMessage })
        try attack(
            cluster, Hello(.peer, member: MemberID(node(2)), token: "run"), corpus,
            frames: Self.frameCount, seed: 3)
        _ = try cluster.nodes[0].control().status()
        #expect(try cluster.nodes[1].control().status().framesRefused == 0)
    }

    @Test func refusalsSayWhy() throws {
        let scratch = try Scratch()
        let single = try TestNode(testConfiguration(0, of: 2, in: scratch), in: scratch)
        defer { try? single.stop() }
        func reason(_ hello: Hello) throws -> Refusal.Reason? {
            do {
                _ = try WireClient(port: single.port, hello: hello)
                return nil
            } catch let refusal as Refusal {
                return refusal.reason
            }
        }
        let known = MemberID(node(1))
        #expect(try reason(Hello(.client, token: "run")) == nil)
        #expect(try reason(Hello(.peer, member: known, token: "run")) == nil)
        #expect(try reason(Hello(.control, token: "control")) == nil)
        #expect(try reason(Hello(.client, token: "control")) == .token)
        #expect(try reason(Hello(.control, token: "run")) == .token)
        #expect(try reason(Hello(.peer, token: "run")) == .stranger)
        #expect(try reason(Hello(.peer, member: MemberID(node(0)), token: "run")) == .stranger)
        #expect(try reason(Hello(.peer, member: MemberID(node(9)), token: "run")) == .stranger)
        var future = Hello(.client, token: "run")
        future.major = 2
        #expect(try reason(future) == .version)
        var later = Hello(.client, token: "run")
        later.minor = 9
        #expect(try reason(later) == nil)
        let rude = try WireClient(port: single.port)
        rude.send(.clientRequest, payload: [1])
        let refusal = try Refusal.decoded(try #require(try rude.receive()).payload)
        #expect(refusal.reason == .malformed)
        #expect(try rude.receive() == nil)
    }

    @Test func framesOfUnknownTypesAreSkipped() throws {
        let scratch = try Scratch()
        let single = try TestNode(testConfiguration(0, of: 1, in: scratch), in: scratch)
        defer { try? single.stop() }
        let client = try single.client()
        client.send(FrameType(rawValue: 200), payload: [1, 2, 3])
        try client.openSession()
        let control = try single.control()
        control.send(FrameType(rawValue: 201))
        _ = try control.status()
    }
}
