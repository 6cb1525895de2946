import ArgumentParser
import Consistency
import Dispatch
import Foundation
import Meridian
import Recording
import Scenarios

/// What reading and checking a history cost, in a process of its own.
struct CheckRun: Codable {
    var verdict: String
    var operations: Int
    var fileBytes: Int
    var loadingSeconds: Double
    var checkingSeconds: Double
    /// The most memory that the process had at a time.
    var bytesMax: Int
    /// What was found wrong.
    var violations: [String]

    /// Megabytes read in a second.
    var loadingRate: Double { Double(fileBytes) / 1e6 / loadingSeconds }

    /// Checks the history in the file at `path` in a process of its own; `nil` if it takes longer
    /// than `limit` seconds to load and check.
    static func measured(
        _ path: String, _ arguments: [String], limit: Double = 600
    ) throws -> CheckRun? {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe"))
        process.arguments = ["check-run", path] + arguments
        process.standardOutput = output
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if ended.wait(timeout: .now() + limit) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
            return nil
        }
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        guard process.terminationStatus == 0 else {
            throw BenchFailure("a check ended with \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(CheckRun.self, from: printed)
    }
}

/// `meridian-bench check-run`: one check of ``CheckCommand`` in a process of its own.
struct CheckRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-run", abstract: "One check of 'check'; prints JSON.",
        shouldDisplay: false)

    @Argument(help: "The history.") var history: String
    @Option(help: "What the keys are.") var kind = ObjectKind.casRegister.rawValue
    @Option(help: "The model.") var model = ConsistencyModel.linearizable
    @Option(help: "The most states.") var budget = 1_000_000_000

    func run() throws {
        var check = HistoryCheck(kind: ObjectKind(rawValue: kind), models: [model])
        check.budget.statesMax = budget
        check.budget.bytesMax = 4 << 30
        let verdict = try check.run(path: history)
        let run = CheckRun(
            verdict: verdict.verdict.rawValue, operations: verdict.operations,
            fileBytes: verdict.bytes, loadingSeconds: verdict.loading.seconds,
            checkingSeconds: verdict.checking.seconds, bytesMax: HostFigures.ownBytesMax,
            violations: verdict.findings.flatMap { $0.result.violations }.map { $0.reason })
        print(String(decoding: try JSONEncoder().encode(run), as: UTF8.self))
    }
}

extension ConsistencyModel: ExpressibleByArgument {}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
