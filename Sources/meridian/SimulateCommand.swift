import ArgumentParser
import Meridian
import Scenarios
import Simulation

/// `meridian simulate`: a scenario in virtual time, from its file to a verdict.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs a scenario in virtual time and reports.",
        discussion: """
            The same scenario, nodes, network, clients and conduct as 'meridian run', in one \
            process under one virtual clock: a seed gives the same record, to the byte, every \
            time. What the nodes' disks and processors cost is said by 'node:' in the scenario.

            EXAMPLE
              meridian simulate scenarios/first-outage.yaml
              meridian simulate scenarios/split-brain.yaml --seed 7 --out runs/mine --json
            """)

    @Argument(help: "The scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @Flag(help: "Let the seed draw topology, workload, options and faults, as fuzz --swarm does.")
    var swarm = false

    @OptionGroup var options: SimulateOptionGroup

    func run() throws {
        let scenario = try loadScenario(self.scenario)
        guard swarm else { return try options.run(scenario) }
        try options.run(Meridian.swarm(scenario, seed: options.seed ?? scenario.seed))
    }
}

/// What the commands that run in virtual time have in common.
struct SimulateOptionGroup: ParsableArguments {
    @Option(help: "The seed, in place of the scenario's.")
    var seed: UInt64?

    @Option(
        name: .customLong("out"),
        help: "The folder for the record; by default runs/<name>-<UTC time>.",
        completion: .directory)
    var folder: String?

    @Flag(help: "Record every message, for 'meridian trace'.")
    var trace = false

    @Flag(help: "Print the report as JSON, and nothing else.")
    var json = false

    func run(_ scenario: Scenario) throws {
        var options = RunOptions()
        options.seed = seed
        options.folder = folder
        options.isTraced = trace
        options.commandLine = CommandLine.arguments
        let view = RunView(isQuiet: json)
        let result = try reportingErrors {
            defer { view.finish() }
            return try Meridian.simulate(scenario, options: options) { engine in
                view.show(engine.progress)
                return true
            }
        }
        try present(result.report, folder: result.folder, asJSON: json, failure: result.failure)
    }
}
