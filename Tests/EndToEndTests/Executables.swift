import Foundation
import Testing

/// Finds and starts the executables under test, and ends everything that was started.
enum Executables {
    static let meridian = given("meridian") ?? built("meridian")
    static let regionNode = given("region-node") ?? built("region-node")
    static let extendedMeridian = built("extended-meridian")

    /// An executable in the folder that `MERIDIAN_EXECUTABLES` says.
    private static func given(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["MERIDIAN_EXECUTABLES"].map { $0 + "/" + name }
    }

    /// An executable where the tests themselves were built.
    private static func built(_ name: String) -> String {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for argument in CommandLine.arguments + [own] {
            var path = argument as NSString
            while path.length > 1 {
                path = path.deletingLastPathComponent as NSString
                let candidate = path.appendingPathComponent(name)
                if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            }
        }
        return ".build/debug/" + name
    }
}

/// A folder that is gone when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "meridian-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, as name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}

/// A `meridian` process, and the nodes that it started.
final class MeridianProcess {
    private let process = Process()
    private let ended: AsyncStream<Int32>
    private let outputText: AsyncStream<String>
    private let errorText: AsyncStream<String>
    /// Part of every node's command line.
    private let mark: String

    /// Starts `meridian`, or another executable, with `arguments`; `mark` is the record's folder.
    init(
        _ arguments: [String], of executable: String = Executables.meridian, mark: String
    ) throws {
        self.mark = mark
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        self.ended = ended
        process.terminationHandler = { process in
            end.yield(process.terminationStatus)
            end.finish()
        }
        outputText = Self.reading(output)
        errorText = Self.reading(errors)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var pid: Int32 { process.processIdentifier }

    /// Waits for the end and gives the exit code and what was printed.
    func finish() async -> (code: Int32, output: String, errors: String) {
        let output = await outputText.first { _ in true } ?? ""
        let errors = await errorText.first { _ in true } ?? ""
        let code = await ended.first { _ in true } ?? -1
        return (code, output, errors)
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// The processes of the run's nodes, told by the record's folder in their command lines.
    var nodes: [Int32] { Self.nodes(mark: mark) }

    /// Waits until `count` nodes run.
    func waitForNodes(_ count: Int) async throws {
        try await eventually("\(count) nodes run") { self.nodes.count == count }
    }

    /// Waits until no node is left.
    func expectNoNodes() async throws {
        try await eventually("no node is left") { self.nodes.isEmpty }
    }

    static func nodes(mark: String) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).filter { pid in
            guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            let line = String(decoding: data, as: UTF8.self)
            return line.contains("region-node") && line.contains(mark)
        }
    }

    /// Reads to the end on a thread of its own: tests share few threads, which must not block.
    private static func reading(_ pipe: Pipe) -> AsyncStream<String> {
        let handle = pipe.fileHandleForReading
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            let data = (try? handle.readToEnd()) ?? Data()
            continuation.yield(String(decoding: data, as: UTF8.self))
            continuation.finish()
        }
        return stream
    }
}

/// Waits until `condition` holds, up to a minute: a bound for failures, not a measure.
func eventually(_ what: String, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("gave up waiting until \(what)")
            return
        }
        await Task.yield()
        try await ContinuousClock().sleep(for: .milliseconds(10))
    }
}

/// Starts `meridian run` on a scenario's text.
func startRun(
    _ yaml: String, in folder: TemporaryFolder, _ more: [String] = []
) throws -> MeridianProcess {
    let file = try folder.write(yaml, as: "scenario.yaml")
    let record = folder.path + "/record"
    return try MeridianProcess(["run", file, "--out", record] + more, mark: record)
}

/// Runs `meridian` with these arguments to its end.
func meridian(_ arguments: String...) async throws -> (
    code: Int32, output: String, errors: String
) {
    await (try MeridianProcess(arguments, mark: "none")).finish()
}
