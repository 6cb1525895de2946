import Conduct
import Determinism
import Glibc
import NIOCore
import Subprocess
import SystemPackage

/// One launch of a `region-node`, from its start to its end.
///
/// All processes are started by the one thread that swift-subprocess keeps for that, so the
/// kernel's notice of the parent's death, which each node asks for, comes when this process ends
/// and not before. Every node has a process group of its own: Ctrl-C reaches the orchestrator
/// alone, which then ends them in order.
final class NodeProcess {
    /// What a launch tells.
    enum Notice: Sendable {
        /// The process exists.
        case started(pid: Int32)
        /// The process wrote a line to its standard output.
        case line(String)
        /// The process ended.
        case ended(ProcessEnd)
        /// The process could not be started at all.
        case failed(String)
    }

    /// The number of the launch.
    let launch: UInt32
    /// The process; `nil` before it exists and after its end, so that no signal reaches another
    /// process that got the same number.
    private(set) var pid: Int32?
    private(set) var hasEnded = false
    private var pendingSignals: [Int32] = []

    init(launch: UInt32) { self.launch = launch }

    /// Starts the process; `notify` is called on `eventLoop`.
    func start(
        executable: String, arguments: [String], logPath: String, eventLoop: any EventLoop,
        notify: @escaping (Notice) -> Void
    ) {
        let bound = NIOLoopBound((process: self, notify: notify), eventLoop: eventLoop)
        let tell: @Sendable (Notice) -> Void = { notice in
            eventLoop.execute {
                bound.value.process.take(notice)
                bound.value.notify(notice)
            }
        }
        Task.detached {
            do {
                let log = try FileDescriptor.open(
                    FilePath(logPath), .writeOnly, options: [.create, .append],
                    permissions: [.ownerReadWrite])
                var options = PlatformOptions()
                options.processGroupID = 0
                let result = try await run(
                    .path(FilePath(executable)), arguments: Arguments(arguments),
                    platformOptions: options, input: .none, output: .sequence,
                    error: .fileDescriptor(log, closeAfterSpawningProcess: true)
                ) { execution in
                    tell(.started(pid: execution.processIdentifier.value))
                    for try await line in execution.standardOutput.strings() {
                        tell(.line(line))
                    }
                }
                switch result.terminationStatus {
                case .exited(let code): tell(.ended(.exited(code: code)))
                case .signaled(let signal): tell(.ended(.signalled(signal)))
                }
            } catch {
                tell(.failed("\(error)"))
            }
        }
    }

    /// Sends a signal; one that comes before the process exists waits for it.
    func send(_ signal: Int32) {
        if let pid {
            _ = kill(pid, signal)
        } else if !hasEnded {
            pendingSignals.append(signal)
        }
    }

    /// What the kernel says of the process.
    var state: ProcessState {
        guard let pid else { return .gone }
        return Self.state(of: pid)
    }

    private func take(_ notice: Notice) {
        switch notice {
        case .started(let pid):
            self.pid = pid
            for signal in pendingSignals { _ = kill(pid, signal) }
            pendingSignals.removeAll()
        case .line: break
        case .ended, .failed:
            pid = nil
            hasEnded = true
        }
    }

    /// Reads the third field of `/proc/PID/stat`, which follows the command's name in
    /// parentheses.
    private static func state(of pid: Int32) -> ProcessState {
        guard let file = try? FileDescriptor.open(FilePath("/proc/\(pid)/stat"), .readOnly) else {
            return .gone
        }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = (try? bytes.withUnsafeMutableBytes { try file.read(into: $0) }) ?? 0
        guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else {
            return .gone
        }
        switch bytes[end + 2] {
        case UInt8(ascii: "T"), UInt8(ascii: "t"): return .stopped
        case UInt8(ascii: "Z"), UInt8(ascii: "X"): return .gone
        case _: return .running
        }
    }
}
