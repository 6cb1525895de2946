import Foundation
import Testing

/// What the reader of `docs/extending.md` builds: a `meridian` that knows one strategy more, which
/// is in one file. It runs in both engines and is compared with others.
struct ExtendedMeridianTests {
    private static let scenario = """
        name: extended
        duration: 3s
        topology: {latency: none, client_rtt: 1ms, regions: [us-east-1, us-east-2, eu-west-1]}
        replication: {strategy: single-writer, copies: 2}
        workload: {clients: 2, rate: 60/s, operations: {read: 50%, write: 40%, delete: 10%}, keys: {count: 10}}
        faults:
          - {at: 1s, kill: eu-west-1, for: 500ms}
        expect:
          - lost_updates: 0
          - converged: {within: 20s}
          - availability: {at_least: 90%, phase: before}
        """

    @Test func theStrategyIsOneShortFile() throws {
        let source = try String(
            contentsOf: Self.tests.appendingPathComponent("ExtendedMeridian/SingleWriter.swift"),
            encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 150)
    }

    @Test(arguments: ["simulate", "run"])
    func itRunsInBothEngines(_ engine: String) async throws {
        try await withFolder { folder in
            let file = try Self.write(Self.scenario, in: folder)
            let record = folder + "/record"
            let end = try await Self.meridian(engine, file, "--out", record, "--replication-log")
            #expect(end.code == 0, "\(end.output)\(end.errors)")
            let log = try await Self.meridian("replication", record)
            #expect(log.code == 0, "\(log.errors)")
            // us-east-1 writes; the others are reached.
            #expect(log.output.contains("us-east-2") && log.output.contains("eu-west-1"))
            try await Self.expectNoNodes(record)
        }
    }

    @Test(arguments: ["virtual", "processes"])
    func itIsComparedWithOthers(_ engine: String) async throws {
        try await withFolder { folder in
            let file = try Self.write(Self.scenario, in: folder)
            let end = try await Self.meridian(
                "compare", file, "--strategies", "single-writer:copies=1,raft", "--engine", engine,
                "--out", folder + "/found")
            #expect(end.code == 0, "\(end.errors)")
            let table = try String(contentsOfFile: folder + "/found/compare.csv", encoding: .utf8)
            #expect(table.contains("single-writer:copies=1,1,verdict,pass"))
            #expect(table.contains("raft,1,verdict,pass"))
            try await Self.expectNoNodes(folder)
        }
    }

    @Test func itsOptionsAreKnown() async throws {
        try await withFolder { folder in
            let known = try await Self.meridian("strategies")
            #expect(known.output.contains("single-writer") && known.output.contains("copies"))
            let file = try Self.write(
                Self.scenario.replacingOccurrences(of: "copies: 2", with: "copies: 3"), in: folder)
            let wrong = try await Self.meridian("validate", file)
            #expect(wrong.code == 65)
            #expect(wrong.errors.contains("there are only 2 other members"), "\(wrong.errors)")
        }
    }

    /// Records tell a writer's fate: while it is down nothing is written, and nothing is lost.
    @Test func nobodyTakesTheWritersPlace() async throws {
        try await withFolder { folder in
            let file = try Self.write(
                Self.scenario.replacingOccurrences(
                    of: "kill: eu-west-1, for: 500ms", with: "kill: leader"
                )
                .replacingOccurrences(of: "phase: before", with: "operation: write"),
                in: folder)
            let end = try await Self.meridian("simulate", file, "--out", folder + "/record")
            #expect(end.code == 2, "\(end.output)\(end.errors)")
        }
    }

    // MARK: The program

    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func write(_ text: String, in folder: String) throws -> String {
        let file = folder + "/scenario.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    /// Where the program is: what `MERIDIAN_EXECUTABLES` says, or beside the tests.
    private static let program: String = {
        let name = "extended-meridian"
        if let given = ProcessInfo.processInfo.environment["MERIDIAN_EXECUTABLES"],
            FileManager.default.isExecutableFile(atPath: given + "/" + name)
        {
            return given + "/" + name
        }
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
    }()

    /// Runs the program to its end, which also ends its nodes.
    private static func meridian(_ arguments: String...) async throws -> (
        code: Int32, output: String, errors: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationStatus)
            end.finish()
        }
        try process.run()
        let text = reading(output)
        let errorText = reading(errors)
        let printed = await text.first { _ in true } ?? ""
        let complaints = await errorText.first { _ in true } ?? ""
        return (await ended.first { _ in true } ?? -1, printed, complaints)
    }

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

    /// Waits until no process has `mark` in its command line any more.
    private static func expectNoNodes(_ mark: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            let left = names.compactMap(Int32.init).filter { pid in
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                return String(decoding: line, as: UTF8.self).contains(mark)
            }
            if left.isEmpty { return }
            guard ContinuousClock.now < end else {
                Issue.record("processes are left: \(left)")
                return
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "meridian-extended-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }
}
