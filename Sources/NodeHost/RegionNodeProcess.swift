import Foundation
import Logging
import NIOCore
import NIOPosix
import RegionCore
import Replication
import Synchronization

/// A node as a process: what `region-node` is, and what an executable is that registers
/// strategies of its own.
///
/// ```swift
/// import NodeHost
/// import RegionCore
///
/// var registry = StrategyRegistry.standard
/// registry.register(MyStrategy.self)
/// RegionNodeProcess.main(registry: registry)
/// ```
public enum RegionNodeProcess {
    /// Runs a node from the configuration file that the first argument names (`-`: standard
    /// input), until it is stopped, and ends the process.
    public static func main(registry: StrategyRegistry = .standard) -> Never {
        let arguments = CommandLine.arguments
        guard arguments.count == 2 else {
            complain("usage: \(arguments.first ?? "region-node") CONFIGURATION.json")
            exit(StartFailure.Kind.configuration.rawValue)
        }
        exit(run(configurationPath: arguments[1], registry: registry))
    }

    /// Runs a node until it is stopped, and returns the process's exit code: 0 after a clean
    /// stop, 64 for a configuration that cannot be used, 65 for a database of somebody else's, 66
    /// for one that is damaged and must not be replaced, 70 for an internal error, 74 if the
    /// operating system or the disk failed.
    ///
    /// When the node serves, one line of JSON on standard output says where: see `--help`.
    public static func run(configurationPath: String, registry: StrategyRegistry) -> Int32 {
        #if PlantedBugs
            do {
                try PlantedBug.choose(ProcessInfo.processInfo.environment[PlantedBug.variable])
            } catch {
                complain(error.description)
                return StartFailure.Kind.configuration.rawValue
            }
        #endif
        do throws(StartFailure) {
            let configuration = try configuration(at: configurationPath)
            try ParentWatch.begin(configuration.parentProcess)
            try redirectLog(configuration.logPath)
            return try serve(configuration, registry)
        } catch {
            complain(error.description)
            return error.kind.rawValue
        }
    }

    private static func serve(
        _ configuration: NodeConfiguration, _ registry: StrategyRegistry
    ) throws(StartFailure) -> Int32 {
        // A peer that is gone is an error of the write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: configuration.name(of: configuration.node)) {
            StreamLogHandler.standardError(label: $0)
        }
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let host = try RegionHost.make(
            configuration, registry: registry, logger: logger, loop: group.next())
        let port: Int
        do {
            port = try host.start().wait()
        } catch {
            throw StartFailure(
                .inputOutput,
                "cannot listen on \(configuration.host):\(configuration.port): \(error)")
        }
        let signals = stopOnSignals(host)
        announce(port, host)
        let end: RegionHost.End
        do {
            end = try host.end.wait()
            try group.syncShutdownGracefully()
        } catch {
            throw StartFailure(.software, "the event loop failed: \(error)")
        }
        signals.forEach { $0.cancel() }
        switch end {
        case .asked: return 0
        case .journalFailed(let reason):
            throw StartFailure(.inputOutput, "the node's disk failed: \(reason)")
        }
    }

    private static func configuration(
        at path: String
    ) throws(StartFailure) -> NodeConfiguration {
        let data: Data
        do {
            data =
                path == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data()
                : try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw StartFailure(.configuration, "\(path) cannot be read: \(error)")
        }
        do throws(InvalidConfiguration) {
            return try NodeConfiguration.decoded(data)
        } catch {
            throw StartFailure(.configuration, "\(path): \(error)")
        }
    }

    private static func redirectLog(_ path: String?) throws(StartFailure) {
        guard let path else { return }
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0, dup2(log, STDERR_FILENO) >= 0 else {
            throw StartFailure(.inputOutput, "\(path) cannot be opened for writing")
        }
        close(log)
    }

    private static func announce(_ port: Int, _ host: RegionHost) {
        let line = ReadyLine(
            ready: ReadyLine.Ready(
                port: port, process: getpid(), incarnation: host.member.incarnation))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard var text = try? encoder.encode(line) else { return }
        text.append(UInt8(ascii: "\n"))
        // Nobody may be listening any more; that is no reason to end.
        try? FileHandle.standardOutput.write(contentsOf: text)
    }

    private static func stopOnSignals(_ host: RegionHost) -> [any DispatchSourceSignal] {
        [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { host.stop() }
            source.resume()
            return source
        }
    }

    private static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("region-node: \(text)\n".utf8))
    }
}

/// The line on standard output that says that a node serves, and where.
package struct ReadyLine: Codable, Hashable, Sendable {
    /// The line's only content.
    package struct Ready: Codable, Hashable, Sendable {
        /// The port that peers, clients and whoever conducts the run connect to.
        package var port: Int
        /// The process.
        package var process: Int32
        /// The life of the node: 0 for a founding member.
        package var incarnation: UInt32
    }

    /// Where the node serves.
    package var ready: Ready
}
