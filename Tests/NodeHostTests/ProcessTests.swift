import Determinism
import Foundation
import Geography
import RegionCore
import Replication
import Synchronization
import Testing
import Wire

@testable import NodeHost

/// A `region-node` process that a test starts and ends.
final class NodeProcess {
    let process = Process()
    let ready: ReadyLine.Ready?
    let output = Pipe()
    let errors: URL
    private let scratch: Scratch

    /// Starts the program with `arguments` and reads its first line.
    init(_ arguments: [String], in scratch: Scratch) throws {
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("region-node")
        self.scratch = scratch
        errors = scratch.directory.appendingPathComponent("errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8)
        {
            line.append(byte)
        }
        ready = try? JSONDecoder().decode(ReadyLine.self, from: line).ready
    }

    convenience init(_ configuration: NodeConfiguration, in scratch: Scratch) throws {
        let file = scratch.directory.appendingPathComponent("node-\(UUID().uuidString).json")
        try configuration.encoded().write(to: file)
        try self.init([file.path], in: scratch)
    }

    /// Sends a signal, if any, and waits for the end.
    func end(_ signal: Int32? = nil) -> (code: Int32, log: String) {
        if let signal { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        let log = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        return (process.terminationStatus, log)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}

@Suite struct ProcessTests {
    @Test func theExampleRunsAndEndsOnSIGTERM() throws {
        let scratch = try Scratch()
        let example = RegionNodeProcess.exampleConfiguration
        var configuration = try NodeConfiguration.decoded(Data(example.utf8))
        configuration.port = 0
        configuration.databasePath = scratch.path("node.db")
        let node = try NodeProcess(configuration, in: scratch)
        let ready = try #require(node.ready)
        #expect(ready.process == node.process.processIdentifier && ready.incarnation == 0)
        let client = try WireClient(
            port: ready.port, hello: Hello(.client, token: configuration.runToken))
        try client.openSession()
        _ = try client.write("k", "v")
        #expect(node.end(SIGTERM).code == 0)

        // Its database belongs to it alone.
        var other = configuration
        other.runToken = "another run"
        let stranger = try NodeProcess(other, in: scratch)
        #expect(stranger.ready == nil)
        let (code, log) = stranger.end()
        #expect(code == 65 && log.contains("another run"))

        let again = try NodeProcess(configuration, in: scratch)
        let second = try WireClient(
            port: try #require(again.ready).port,
            hello: Hello(.client, token: configuration.runToken))
        #expect(try second.read("k") == "v")
        #expect(again.end(SIGTERM).code == 0)
    }

    @Test func theControlConnectionStopsAProcess() throws {
        let scratch = try Scratch()
        let node = try NodeProcess(testConfiguration(0, of: 1, in: scratch), in: scratch)
        let control = try WireClient(
            port: try #require(node.ready).port, hello: Hello(.control, token: "control"))
        let status = try control.status()
        #expect(status.processorTime > .zero && status.residentBytes > 1_000_000)
        guard case .done = try control.ask(.stop) else {
            Issue.record("the stop was not answered")
            return
        }
        #expect(node.end().code == 0)
    }

    @Test func aDatabaseThatIsDamagedMakesANewMember() throws {
        let scratch = try Scratch()
        let path = scratch.path("0.db")
        var configuration = testConfiguration(0, of: 1, in: scratch)
        let node = try NodeProcess(configuration, in: scratch)
        let client = try WireClient(
            port: try #require(node.ready).port, hello: Hello(.client, token: "run"))
        try client.openSession()
        for number in 0..<20 { _ = try client.write("k\(number)", "v") }
        #expect(node.end(SIGTERM).code == 0)
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in stride(from: 4096, to: content.count, by: 100) { content[offset] ^= 0x55 }
        try content.write(to: URL(fileURLWithPath: path))

        let same = try NodeProcess(configuration, in: scratch)
        let (code, log) = same.end()
        #expect(code == 66 && log.contains("raise 'launch'"))

        configuration.launch = 3
        let reborn = try NodeProcess(configuration, in: scratch)
        #expect(try #require(reborn.ready).incarnation == 3)
        #expect(FileManager.default.fileExists(atPath: path + ".damaged-1"))
        #expect(reborn.end(SIGTERM).code == 0)

        // Gone altogether is no different.
        for suffix in ["", "-wal"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
        configuration.launch = 4
        let third = try NodeProcess(configuration, in: scratch)
        #expect(try #require(third.ready).incarnation == 4)
        #expect(third.end(SIGTERM).code == 0)
    }

    @Test func whatIsWrongWithAConfigurationIsSaid() throws {
        let scratch = try Scratch()
        func complaint(_ change: (inout NodeConfiguration) -> Void) throws -> String {
            var configuration = testConfiguration(0, of: 2, in: scratch)
            change(&configuration)
            let node = try NodeProcess(configuration, in: scratch)
            #expect(node.ready == nil)
            let (code, log) = node.end(node.ready == nil ? nil : SIGKILL)
            #expect(code == 64, "\(log)")
            return log
        }
        #expect(try complaint { $0.controlToken = "run" }.contains("controlToken"))
        #expect(try complaint { $0.groups[0].strategy = "rafft" }.contains("rafft"))
        #expect(try complaint { $0.roundTrips.removeLast() }.contains("roundTrips"))
        #expect(try complaint { $0.links[0].profile.loss = 3 }.contains("loss"))
        let file = scratch.directory.appendingPathComponent("bad.json")
        try Data("{\"node\": 5}".utf8).write(to: file)
        let (code, log) = try NodeProcess([file.path], in: scratch).end()
        #expect(code == 64 && log.contains("bad.json") && log.contains("node"))
        #expect(try NodeProcess([scratch.path("missing.json")], in: scratch).end().code == 64)
        #expect(try NodeProcess(["--help"], in: scratch).end().code == 0)
    }

    @Test func aNodeWithoutItsParentEnds() throws {
        let scratch = try Scratch()
        var configuration = testConfiguration(0, of: 1, in: scratch)
        configuration.parentProcess = 1
        let orphan = try NodeProcess(configuration, in: scratch)
        #expect(orphan.ready == nil)
        let (code, log) = orphan.end()
        #expect(code == 74 && log.contains("gone already"))
    }

    @Test func aKilledParentTakesItsNodeAlong() throws {
        let scratch = try Scratch()
        // A shell writes its own number into the configuration, starts the node, and is killed.
        var configuration = testConfiguration(0, of: 1, in: scratch)
        configuration.parentProcess = 123_456_789
        let template = scratch.path("template.json")
        try configuration.encoded().write(to: URL(fileURLWithPath: template))
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("region-node").path
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c",
            "sed s/123456789/$$/ '\(template)' > '\(template).own'; "
                + "'\(program)' '\(template).own' & wait",
        ]
        shell.standardOutput = output
        try shell.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8)
        {
            line.append(byte)
        }
        let ready = try JSONDecoder().decode(ReadyLine.self, from: line).ready
        kill(shell.processIdentifier, SIGKILL)
        shell.waitUntilExit()
        // The node's end closes its side of the pipe.
        #expect(try output.fileHandleForReading.readToEnd() ?? Data() == Data())
        #expect(throws: (any Error).self) { try WireClient(port: ready.port) }
    }

    @Test func aFullDiskEndsTheNodeWithoutAnAcknowledgement() throws {
        let scratch = try Scratch()
        // A limit on the size of files stands for a full disk.
        let configuration = testConfiguration(0, of: 1, in: scratch)
        let file = scratch.path("limited.json")
        try configuration.encoded().write(to: URL(fileURLWithPath: file))
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("region-node").path
        let shell = Process()
        let output = Pipe()
        let errors = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = [
            "-c", "trap '' XFSZ; ulimit -f 400; exec '\(program)' '\(file)'",
        ]
        shell.standardOutput = output
        shell.standardError = errors
        try shell.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8)
        {
            line.append(byte)
        }
        let ready = try JSONDecoder().decode(ReadyLine.self, from: line).ready
        let client = try WireClient(port: ready.port, hello: Hello(.client, token: "run"))
        try client.openSession()
        var acknowledged = 0
        let value = String(repeating: "x", count: 20_000)
        while (try? client.write("k\(acknowledged)", value)) != nil { acknowledged += 1 }
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 74)
        let log = String(
            decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(log.contains("the journal failed"))

        let again = try NodeProcess(configuration, in: scratch)
        let reader = try WireClient(
            port: try #require(again.ready).port, hello: Hello(.client, token: "run"))
        for number in 0..<acknowledged {
            #expect(try reader.read("k\(number)") == value, "\(number)")
        }
        #expect(again.end(SIGTERM).code == 0)
    }
}
