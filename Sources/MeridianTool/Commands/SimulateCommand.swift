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

    @Flag(help: "Record every message, for 'meridian trace'.")
    var trace = false

    @OptionGroup var record: RecordOptionGroup

    func run() throws {
        var scenario = try loadScenario(self.scenario)
        try requireOneRun(scenario, self.scenario)
        if swarm { scenario = Meridian.swarm(scenario, seed: record.seed ?? scenario.seed) }
        try simulate(scenario, record, isTraced: trace)
    }
}

/// Runs `scenario` in virtual time, shows how far it is, and reports.
func simulate(_ scenario: Scenario, _ record: RecordOptionGroup, isTraced: Bool) throws {
    var options = record.runOptions
    options.isTraced = isTraced
    let view = RunView(isQuiet: record.json)
    let checks = CheckView(isQuiet: record.json)
    options.watchChecks = { checks.show($0) }
    let result = try reportingErrors {
        defer {
            checks.clear()
            view.finish()
        }
        return try Meridian.simulate(scenario, options: options) { engine in
            view.show(engine.progress)
            return true
        }
    }
    try present(
        result.report, folder: result.folder, asJSON: record.json, failure: result.failure)
}
