import Foundation
import Judgement
import Meridian
import Scenarios

/// A run as `meridian run` does it. Its record is removed if it passed, and kept if not.
struct JudgedRun {
    let report: Report
    let folder: String
    let failure: String?

    /// Whether the run ended and every expectation held.
    var isPass: Bool { failure == nil && report.exitCode == .passed }

    /// What became of each expectation, and what else explains the verdict.
    var explanation: [String] {
        var lines = report.expectations.map { finding in
            let word = finding.held.map { $0 ? "held" : "FAILED" } ?? "unknown"
            return "\(word): \(finding.expect): \(finding.measured)"
        }
        lines += report.remarks
        if let failure { lines.append("the run did not end: \(failure)") }
        if !isPass { lines.append("its record is kept in \(folder)") }
        return lines
    }

    /// Carries out `scenario`.
    static func carryOut(_ scenario: Scenario, in place: Workplace) async throws -> JudgedRun {
        var options = RunOptions()
        options.nodeExecutable = try place.nodeExecutable()
        options.folder = place.newFolder(scenario.name)
        options.commandLine = CommandLine.arguments
        let result = try await Meridian.run(scenario, options: options)
        let run = JudgedRun(
            report: result.report, folder: result.folder, failure: result.failure?.message)
        if run.isPass { try FileManager.default.removeItem(atPath: result.folder) }
        return run
    }
}
