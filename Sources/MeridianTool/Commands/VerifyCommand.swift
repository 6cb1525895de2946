import ArgumentParser
import Exploration
import Foundation
import Judgement
import Meridian
import Recording
import Reporting
import Scenarios

/// `meridian verify`: a scenario in both engines, and whether they agree.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Runs a scenario with processes and in virtual time and tests that they agree.",
        discussion: """
            Both engines run the scenario several times with the same seeds. What a node's disk \
            and processor cost in virtual time is measured from the processes first. Then \
            latencies, availability, elections, recovery, convergence, messages and verdicts are \
            compared with margins: docs/quality.md says which and why.

            Exits with 0 if the engines agree, 2 if they differ, 3 if there were too few runs or \
            the host was too busy to tell.

            EXAMPLE
              meridian verify scenarios/first-outage.yaml
              meridian verify scenarios/split-brain.yaml --runs 3 --out runs/agreement --json
            """)

    @Argument(help: "The scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @Option(help: "How many runs with processes; each takes as long as the scenario.")
    var runs = 5

    @Option(help: "How many runs in virtual time; they show how far seeds differ.")
    var virtualRuns = 50

    @Option(help: "The first seed, in place of the scenario's.")
    var seed: UInt64?

    @Option(
        name: .customLong("out"),
        help: "The folder for the records; by default runs/verify-<name>-<UTC time>.",
        completion: .directory)
    var folder: String?

    @Flag(help: "Use the costs that the scenario states; do not measure them.")
    var keepCosts = false

    @Flag(help: "Show every comparison, not only the worst.")
    var all = false

    @Flag(help: "Print the findings as JSON, and nothing else.")
    var json = false

    func validate() throws {
        guard (2...100).contains(runs) else { throw ValidationError("runs: 2 to 100") }
        guard (2...10_000).contains(virtualRuns) else {
            throw ValidationError("virtual-runs: 2 to 10000")
        }
    }

    func run() async throws {
        var scenario = try loadScenario(self.scenario)
        if let seed { scenario.seed = seed }
        var options = VerifyOptions()
        options.runs = runs
        options.virtualRuns = virtualRuns
        options.keepsCosts = keepCosts
        options.folder = folder
        options.commandLine = CommandLine.arguments
        let isQuiet = json
        let result: VerifyResult
        do {
            result = try await Meridian.verify(scenario, options: options) { step in
                if !isQuiet { complain(step.text) }
            }
        } catch {
            throw userError(error)
        }
        if json {
            print(result.agreement.json.indented)
        } else {
            print(AgreementReport(result.agreement, rows: all ? .max : 20).text)
            print("records: \(result.folder)")
        }
        let code = result.agreement.exitCode.rawValue
        if code != 0 { throw ArgumentParser.ExitCode(code) }
    }
}

extension VerifyStep {
    /// The step in a line.
    var text: String {
        switch self {
        case .idling: "nodes that idle …"
        case .processes(let seed, let number, let count):
            "processes, run \(number) of \(count), seed \(seed) …"
        case .disturbed(let seed): "the host disturbed seed \(seed); one more run …"
        case .virtual(let count): "\(count) runs in virtual time …"
        }
    }
}
