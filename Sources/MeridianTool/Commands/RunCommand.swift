import ArgumentParser
import Meridian
import Recording
import Scenarios

/// `meridian run`: a scenario with real processes, from its file to a verdict.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a scenario with real processes and reports.",
        discussion: """
            Starts a region-node process for every node of the scenario, lets clients work, \
            injects the faults, waits for convergence, and judges. Everything is recorded in a \
            folder, which 'meridian report' reads again.

            EXAMPLE
              meridian run scenarios/first-outage.yaml
              meridian run scenarios/split-brain.yaml --seed 7 --out runs/mine --json
            """)

    @Argument(help: "The scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @OptionGroup var options: RunOptionGroup

    func run() async throws {
        let scenario = try loadScenario(self.scenario)
        try await options.run(scenario)
    }
}

/// `meridian replay`: a recorded run once more, from its resolved plan.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs the plan of a record again: the same seed, faults and times.",
        discussion: """
            With the engine that made the record. In virtual time the same plan is the same run, \
            to the byte.

            EXAMPLE
              meridian replay runs/first-outage-20260101T000000Z
            """)

    @Argument(help: "The folder of a record.", completion: .directory)
    var record: String

    @Flag(
        help: ArgumentHelp(
            "Strike the leaders that the recorded run struck, not whoever leads now."))
    var pin = false

    @OptionGroup var options: RunOptionGroup

    func run() async throws {
        let (scenario, engine) = try reportingErrors {
            (
                try Meridian.recordedScenario(record, pinned: pin),
                try Meridian.recordedEngine(record)
            )
        }
        switch engine {
        case .processes: try await options.run(scenario)
        case .virtual:
            // There nodes have neither databases nor logs.
            for (isAsked, name) in [
                (options.keepData, "--keep-data"), (options.verbose, "--verbose"),
            ] where isAsked {
                throw ValidationError(
                    "\(name) is for runs with processes, and \(record) was made in virtual time")
            }
            try simulate(scenario, options.record, isTraced: false)
        }
    }
}

/// What `run` and `replay` have in common.
struct RunOptionGroup: ParsableArguments {
    @OptionGroup var record: RecordOptionGroup

    @Flag(help: "Keep the nodes' databases in the record.")
    var keepData = false

    @Flag(help: "Let the nodes log every detail.")
    var verbose = false

    func run(_ scenario: Scenario) async throws {
        var options = record.runOptions
        options.keepsData = keepData
        options.isVerbose = verbose
        let view = RunView(isQuiet: record.json)
        let checks = CheckView(isQuiet: record.json)
        options.watchChecks = { checks.show($0) }
        let result: RunResult
        do {
            result = try await Meridian.run(scenario, options: options) { progress in
                view.show(progress)
            }
        } catch {
            checks.clear()
            view.finish()
            throw userError(error)
        }
        checks.clear()
        view.finish()
        try present(
            result.report, folder: result.folder, asJSON: record.json, failure: result.failure)
    }
}
