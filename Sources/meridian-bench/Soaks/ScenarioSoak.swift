import ArgumentParser
import Foundation
import Judgement
import Meridian
import Reporting
import Scenarios

/// `meridian-bench scenarios`: every scenario of a folder must pass, several times in a row.
struct ScenarioSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract: "Runs every scenario of a folder several times; each must pass each time.")

    @OptionGroup var place: Workplace

    @Option(help: "The folder with the scenarios.", completion: .directory)
    var scenarios = "scenarios"

    @Option(help: "How often each scenario is run.")
    var runs = 3

    @Argument(help: "Only these scenarios, by the names of their files without .yaml.")
    var names: [String] = []

    func run() async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: scenarios)
            .filter { $0.hasSuffix(".yaml") }.sorted()
            .filter { names.isEmpty || names.contains(String($0.dropLast(5))) }
        guard !files.isEmpty else { throw BenchFailure("no scenarios in '\(scenarios)'") }
        var failures = 0
        for round in 1...max(1, runs) {
            for file in files {
                let scenario = try Meridian.scenario(file: "\(scenarios)/\(file)")
                let run = try await JudgedRun.carryOut(scenario, in: place)
                let wall = run.report.wall.map { decimal($0 / 1000, places: 1) + " s" } ?? ""
                print(
                    "\(round)/\(runs) \(scenario.name): \(run.report.verdict.rawValue) \(wall)")
                guard !run.isPass else { continue }
                failures += 1
                for line in run.explanation { print("    \(line)") }
            }
        }
        print("scenarios: \(files.count * runs) runs, \(failures) did not pass")
        if failures > 0 { throw ArgumentParser.ExitCode(1) }
    }
}
