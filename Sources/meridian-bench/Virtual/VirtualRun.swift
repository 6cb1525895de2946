import ArgumentParser
import Determinism
import Foundation
import Judgement
import Meridian
import Recording
import Scenarios

/// What a run in virtual time cost the host, from the scenario to the report: simulating,
/// recording every operation, and judging.
struct VirtualRun: Codable {
    /// Messages of members, requests of clients and answers that were delivered.
    var delivered: Int64
    var operations: Int
    var verdict: String
    var wallSeconds: Double
    /// Processor time, of all threads.
    var processorSeconds: Double
    /// The most memory that the process had at a time.
    var bytesMax: Int

    var messagesPerSecond: Double { Double(delivered) / wallSeconds }
    var nanosecondsPerMessage: Double { wallSeconds * 1e9 / Double(delivered) }

    /// Carries out the scenario that `yaml` describes in a process of its own, so that its memory
    /// and its time are its own. The record is thrown away.
    static func measured(_ yaml: String, in place: Workplace) throws -> VirtualRun {
        let folder = place.newFolder("virtual")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/scenario.yaml"
        try yaml.write(toFile: file, atomically: true, encoding: .utf8)
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe"))
        process.arguments = ["virtual-run", file, folder + "/record"]
        process.standardOutput = output
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchFailure("a run in virtual time ended with \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(VirtualRun.self, from: printed)
    }

    /// Carries out the scenario in the file `scenario` in this process and leaves its record in
    /// `folder`.
    static func carryOut(scenario file: String, folder: String) throws -> VirtualRun {
        let scenario = try Meridian.scenario(file: file)
        var options = RunOptions()
        options.folder = folder
        options.commandLine = CommandLine.arguments
        let start = DispatchTime.now().uptimeNanoseconds
        let processorStart = HostFigures.ownProcessorTime
        let result = try Meridian.simulate(scenario, options: options)
        let end = DispatchTime.now().uptimeNanoseconds
        if let failure = result.failure { throw failure }
        let run = try RecordFolder.open(at: folder).readRun()
        return VirtualRun(
            delivered: run.delivered ?? 0, operations: result.report.operations.planned,
            verdict: result.report.verdict.rawValue,
            wallSeconds: Double(end - start) / 1e9,
            processorSeconds: (HostFigures.ownProcessorTime - processorStart).seconds,
            bytesMax: HostFigures.ownBytesMax)
    }
}

/// `meridian-bench virtual-run`: one run of ``VirtualCommand`` in a process of its own.
struct VirtualRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-run", abstract: "One run of 'virtual'; prints JSON.",
        shouldDisplay: false)

    @Argument(help: "The scenario file.") var scenario: String
    @Argument(help: "The folder for the record.") var folder: String

    func run() throws {
        let figures = try VirtualRun.carryOut(scenario: scenario, folder: folder)
        print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
    }
}
