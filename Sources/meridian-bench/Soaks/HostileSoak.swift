import ArgumentParser
import Conduct
import Determinism
import Foundation
import Judgement
import Meridian
import NIOConcurrencyHelpers
import Orchestration
import Recording
import RegionCore
import Replication
import Reporting
import Scenarios
import Wire

/// `meridian-bench hostile`: a node is sent what no honest peer, client or operator would send,
/// before and after Hello, while it and its peers serve.
///
/// The group `victim` is what the frames ask for; the clients of the run work on the group
/// `served` of the same nodes. No process may end, and `served` must stay available and
/// linearizable.
struct HostileSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostile",
        abstract: "Sends hostile frames to a node; it lives on, and its peers notice nothing.")

    @OptionGroup var place: Workplace

    @Option(help: "How many frames are sent.")
    var count = 1_000_000

    @Option(help: "What the frames are drawn from.")
    var seed: UInt64 = 1

    @Option(help: "After how many runs of a minute the soak gives up.")
    var runsMax = 60

    func run() async throws {
        var sent = 0
        var failures = 0
        var number = 0
        while sent < count, number < runsMax {
            let role: Hello.Role = [.client, .peer, .control][number % 3]
            let attack = Attack(
                role: role, seed: seed &+ UInt64(number), framesMax: min(count - sent, 200_000))
            number += 1
            let (report, folder) = try await carryOut(attack)
            let result = attack.result
            sent += result.frames
            let isPass = report.exitCode == .passed && result.frames > 0
            print(
                "as \(role): \(grouped(result.frames)) frames on \(grouped(result.connections)) "
                    + "connections, \(grouped(report.operations.ok)) of "
                    + "\(grouped(report.operations.planned)) operations served, "
                    + "\(isPass ? "pass" : "FAILED")")
            if isPass {
                try FileManager.default.removeItem(atPath: folder)
                continue
            }
            failures += 1
            for finding in report.expectations {
                print("    \(finding.expect): \(finding.measured)")
            }
            for remark in report.remarks { print("    \(remark)") }
            print("    its record is kept in \(folder)")
        }
        print("hostile: \(grouped(sent)) frames in \(number) runs, \(failures) runs failed")
        if failures > 0 || sent < count { throw ArgumentParser.ExitCode(1) }
    }

    private func carryOut(_ attack: Attack) async throws -> (Report, folder: String) {
        let scenario = try Scenario.decode(
            yaml: """
                name: soak-hostile
                duration: 60s
                topology: {latency: none, regions: [us-east-1, us-east-2, us-west-2]}
                data_types:
                  victim: {strategy: raft}
                  served: {strategy: raft}
                workload:
                  data_type: served
                  clients: 3
                  rate: 30/s
                  operations: {read: 50%, write: 50%}
                  timeout: 5s
                expect:
                  - linearizable: {data_type: served}
                  - availability: {at_least: 99%}
                """, strategies: strategies.descriptions)
        let plan = try Plan(scenario)
        attack.victim = plan.groups.first { $0.name == "victim" }?.id ?? GroupID(index: 0)
        attack.impostor = plan.nodes.last.map { MemberID($0.id) }
        var settings = RunSettings(executable: try place.nodeExecutable())
        let target = plan.nodes[0].id
        settings.nodeListens = { access in
            if access.node == target { attack.found(access) }
        }
        let path = place.newFolder(plan.name)
        _ = try await MeasuredRun.recorded(plan, settings, at: path) { progress in
            if progress.phase == "running" { attack.begin() } else { attack.end() }
        }
        attack.end()
        return (try Meridian.judge(folder: path).report, path)
    }
}

/// Somebody who sends hostile frames to a node, on a thread of its own.
private final class Attack: @unchecked Sendable {
    struct Result {
        var frames = 0
        var connections = 0
    }

    private struct State {
        var access: NodeAccess?
        var hasBegun = false
        var isOver = false
        var result = Result()
    }

    // Set before the attack begins.
    var victim = GroupID(index: 0)
    var impostor: MemberID?
    private let role: Hello.Role
    private let seed: UInt64
    private let framesMax: Int
    private let state = NIOLockedValueBox(State())

    init(role: Hello.Role, seed: UInt64, framesMax: Int) {
        self.role = role
        self.seed = seed
        self.framesMax = framesMax
    }

    var result: Result { state.withLockedValue { $0.result } }

    func found(_ access: NodeAccess) { state.withLockedValue { $0.access = access } }

    func begin() {
        let access = state.withLockedValue { state -> NodeAccess? in
            if state.hasBegun || state.isOver { return nil }
            state.hasBegun = state.access != nil
            return state.access
        }
        guard let access else { return }
        Thread { [self] in carryOut(access) }.start()
    }

    /// No further connection is opened.
    func end() {
        state.withLockedValue { if $0.hasBegun { $0.isOver = true } }
    }

    private func carryOut(_ access: NodeAccess) {
        let hello =
            switch role {
            case .peer: Hello(.peer, member: impostor, token: access.runToken)
            case .client: Hello(.client, token: access.runToken)
            case .control: Hello(.control, token: access.controlToken)
            }
        var frames = HostileFrames(seed: seed, hello: hello, victim: victim)
        while !state.withLockedValue({ $0.isOver || $0.result.frames >= framesMax }) {
            let isGuest = frames.opensHonestly()
            let sent = isGuest ? [frames.greeting] + frames.burst() : [frames.opening()]
            guard let stranger = Stranger(port: access.port) else {
                // The node takes no connections at the moment, or never again: the run tells.
                usleep(10_000)
                continue
            }
            stranger.send(sent)
            state.withLockedValue {
                $0.result.frames += isGuest ? sent.count - 1 : 1
                $0.result.connections += 1
            }
        }
    }
}

/// A connection to a node that does not keep to the protocol.
private struct Stranger: ~Copyable {
    private let descriptor: Int32

    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            return nil
        }
        // Ports must not run out: the connection's end leaves nothing behind.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        var patience = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends everything, says that nothing follows, and reads until the node has closed too.
    func send(_ frames: [[UInt8]]) {
        let bytes = Array(frames.joined())
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer = [UInt8](repeating: 0, count: 16_384)
        while recv(descriptor, &answer, answer.count, 0) > 0 {}
    }
}
