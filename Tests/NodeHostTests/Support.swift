import Determinism
import Foundation
import Geography
import Logging
import NIOCore
import NIOPosix
import RegionCore
import Replication
import Storage
import Wire

@testable import NodeHost

/// A directory of its own for a test, removed at the end.
final class Scratch: Sendable {
    let directory: URL
    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("nodehost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

func node(_ index: Int) -> NodeID { NodeID(region: RegionID(index: UInt16(index))) }

/// The configuration of node `index` of `count`, all of them voters of one raft group.
func testConfiguration(
    _ index: Int, of count: Int, in scratch: Scratch, oneWay: TimeSpan = .zero, launch: UInt32 = 0
) -> NodeConfiguration {
    let nodes = (0..<count).map { NamedNode(node: node($0), name: "n\($0)") }
    let group = GroupPlacement(
        name: "default", strategy: "raft", options: StrategyOptions(),
        voters: nodes.map { MemberID($0.node) })
    let spans = (0..<count * count).map {
        $0 / count == $0 % count ? TimeSpan.zero : oneWay + oneWay
    }
    var configuration = NodeConfiguration(
        node: node(index), nodes: nodes, runToken: "run", controlToken: "control",
        databasePath: scratch.path("\(index).db"), seed: 7, launch: launch,
        groups: [GroupConfiguration(group)],
        roundTrips: RoundTripTable(regionCount: count, spans: spans),
        links: nodes.filter { $0.node != node(index) }.map {
            LinkConfiguration(target: $0.node, profile: LinkProfile(oneWay: oneWay))
        })
    configuration.databaseVFS = NodeDisk.fileSystem
    configuration.logLevel =
        ProcessInfo.processInfo.environment["MERIDIAN_LOG_LEVEL"] ?? "critical"
    return configuration
}

/// A node in this process, on an event loop of its own.
final class TestNode {
    let configuration: NodeConfiguration
    let host: RegionHost
    let port: Int
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let scratch: Scratch

    init(_ configuration: NodeConfiguration, in scratch: Scratch) throws {
        self.scratch = scratch
        self.configuration = configuration
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .critical
        host = try RegionHost.make(
            configuration, registry: .standard, logger: logger, loop: group.next())
        port = try host.start().wait()
    }

    func stop() throws {
        host.stop()
        _ = try host.end.wait()
        try group.syncShutdownGracefully()
    }

    func control() throws -> WireClient {
        try WireClient(port: port, hello: Hello(.control, token: "control"))
    }

    func client() throws -> WireClient {
        try WireClient(port: port, hello: Hello(.client, token: "run"))
    }
}

/// Nodes that know where the others are.
final class TestCluster {
    let scratch: Scratch
    var nodes: [TestNode] = []
    private let oneWay: TimeSpan

    /// Starts `count` nodes of a group with `founders` founding members, all if not said.
    /// `prepare` may change their configurations.
    init(
        _ count: Int, of founders: Int? = nil, oneWay: TimeSpan = .zero,
        prepare: (inout NodeConfiguration) -> Void = { _ in }
    ) throws {
        scratch = try Scratch()
        self.oneWay = oneWay
        for index in 0..<count {
            var configuration = testConfiguration(
                index, of: founders ?? count, in: scratch, oneWay: oneWay)
            prepare(&configuration)
            nodes.append(try TestNode(configuration, in: scratch))
        }
        try introduce()
    }

    func introduce() throws {
        let addresses = nodes.enumerated().map {
            PeerAddress(node: node($0.offset), port: UInt16($0.element.port))
        }
        for node in nodes {
            let control = try node.control()
            _ = try control.ask(.setPeers(addresses))
        }
    }

    func restart(_ index: Int, launch: UInt32) throws {
        try nodes[index].stop()
        nodes[index] = try TestNode(
            testConfiguration(
                index, of: nodes.count, in: scratch, oneWay: oneWay, launch: launch),
            in: scratch)
        try introduce()
    }

    func stop() throws { for node in nodes { try node.stop() } }
}

/// A connection to a node that waits for its answers: a socket without an event loop.
final class WireClient {
    private let descriptor: Int32
    private var reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
    private var requests: UInt64 = 0
    private var sequence: UInt64 = 0
    var session: UInt64 = 0
    let clientID: UInt64

    /// Connects without a word.
    init(port: Int, clientID: UInt64 = 1) throws {
        self.clientID = clientID
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure("cannot connect: \(errno)") }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one,
            socklen_t(MemoryLayout<Int32>.size))
    }

    /// Takes over a connection that somebody else opened.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        clientID = 0
    }

    /// Connects and says Hello. Throws the refusal, if there is one.
    convenience init(port: Int, hello: Hello, clientID: UInt64 = 1) throws {
        try self.init(port: port, clientID: clientID)
        send(.hello, payload: hello.encoded)
        guard let frame = try receive() else { throw TestFailure("no Hello came back") }
        if frame.type == .refused { throw try Refusal.decoded(frame.payload) }
        guard frame.type == .hello else { throw TestFailure("no Hello came back") }
        _ = try Hello.decoded(frame.payload)
    }

    deinit { close(descriptor) }

    func send(bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            start += count
        }
    }

    func send(_ type: FrameType, _ envelope: Envelope = Envelope(), payload: [UInt8] = []) {
        var writer = FrameWriter()
        guard (try? writer.write(type, envelope, payload: payload)) != nil else { return }
        send(bytes: Array(writer.take().readableBytesView))
    }

    /// The next frame; `nil` at the connection's end.
    func receive() throws -> Frame? {
        while true {
            if let frame = try reader.next() { return frame }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
            guard count > 0 else { throw TestFailure("no answer came: \(errno)") }
            reader.append(ByteBuffer(bytes: chunk[0..<count]))
        }
    }

    func ask(_ request: ControlRequest) throws -> ControlReply {
        requests += 1
        send(.controlRequest, Envelope(request: requests), payload: request.encoded)
        while let frame = try receive() {
            if frame.type == .controlReply, frame.envelope.request == requests {
                return try ControlReply.decoded(frame.payload)
            }
        }
        throw TestFailure("the control connection ended")
    }

    func status() throws -> NodeStatus {
        guard case .status(let status) = try ask(.status) else {
            throw TestFailure("no status came back")
        }
        return status
    }

    /// Sends a request and does not wait for the answer.
    func submit(_ command: ClientRequest.Command, due: Int64 = 0) {
        sequence += 1
        requests += 1
        let request = ClientRequest(
            client: ClientID(rawValue: clientID), session: session, sequence: sequence,
            firstUnanswered: sequence, command: command)
        send(
            .clientRequest, Envelope(scope: 0, request: requests, due: due),
            payload: request.encoded)
    }

    func ask(_ command: ClientRequest.Command, due: Int64 = 0) throws -> ClientReply {
        submit(command, due: due)
        while let frame = try receive() {
            if frame.type == .clientReply, frame.envelope.request == requests {
                return try ClientReply.decoded(frame.payload)
            }
        }
        throw TestFailure("the client's connection ended")
    }

    /// Asks until the answer is not that there is no leader yet.
    func insist(_ command: ClientRequest.Command) throws -> ClientReply {
        while true {
            let reply = try ask(command)
            guard case .failed(let error) = reply.outcome, !error.isIndefinite else {
                return reply
            }
            switch error.code {
            case .noLeader, .recovering, .leadershipLost, .consensusNotAchieved: continue
            case .unsupported, .invalid, .notMember, .sessionExpired, .overloaded, .storage,
                .refused, .regionsSilent:
                return reply
            }
        }
    }

    func openSession() throws {
        guard case .sessionOpened(let number) = try insist(.openSession).outcome else {
            throw TestFailure("no session was opened")
        }
        session = number
    }

    func write(_ key: String, _ value: String) throws -> ClientReply {
        try insist(
            .operate(Key(key), .write(Array(value.utf8)), context: VersionVector()))
    }

    func read(_ key: String) throws -> String? {
        let reply = try insist(.operate(Key(key), .read, context: VersionVector()))
        guard case .values(let values) = reply.outcome else {
            throw TestFailure("the read failed: \(reply.outcome)")
        }
        guard case .bytes(let bytes)? = values.first else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
