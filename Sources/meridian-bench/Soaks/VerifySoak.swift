import ArgumentParser
import Exploration
import Foundation
import Meridian
import Reporting
import Scenarios

/// `meridian-bench verify`: the engines must agree about every scenario of a folder.
struct VerifySoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Runs every scenario of a folder in both engines; they must agree.",
        discussion: """
            Exits with 2 if the engines differ about some scenario and with 3 if they differ \
            about none and some could not be decided.
            """)

    @OptionGroup var place: Workplace

    @Option(help: "The folder with the scenarios.", completion: .directory)
    var scenarios = "scenarios"

    @Option(help: "How many runs with processes for each scenario.")
    var runs = 5

    @Argument(help: "Only these scenarios, by the names of their files without .yaml.")
    var names: [String] = []

    func validate() throws {
        guard (2...100).contains(runs) else { throw ValidationError("runs: 2 to 100") }
    }

    func run() async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: scenarios)
            .filter { $0.hasSuffix(".yaml") }.sorted()
            .filter { names.isEmpty || names.contains(String($0.dropLast(5))) }
        guard !files.isEmpty else { throw BenchFailure("no scenarios in '\(scenarios)'") }
        var agreed = 0
        var differed = 0
        for file in files {
            let scenario = try Meridian.scenario(file: "\(scenarios)/\(file)")
            var options = VerifyOptions()
            options.runs = runs
            options.nodeExecutable = try place.nodeExecutable()
            options.folder = place.newFolder("verify-\(scenario.name)")
            options.commandLine = CommandLine.arguments
            let result = try await Meridian.verify(scenario, options: options) { _ in }
            print(AgreementReport(result.agreement, rows: 5).text + "\n")
            switch result.agreement.verdict {
            case .agree:
                agreed += 1
                try FileManager.default.removeItem(atPath: result.folder)
            case .differ:
                differed += 1
                print("records: \(result.folder)\n")
            case .undecided: print("records: \(result.folder)\n")
            }
        }
        print(
            "verify: \(files.count) scenarios, the engines agree about \(agreed), "
                + "differ about \(differed)")
        if differed > 0 { throw ArgumentParser.ExitCode(2) }
        if agreed < files.count { throw ArgumentParser.ExitCode(3) }
    }
}
