import ArgumentParser
import Exploration
import Foundation
import Judgement
import Meridian
import Recording
import Reporting
import Scenarios

/// `meridian fuzz`: a scenario in virtual time under many seeds.
struct FuzzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Runs a scenario in virtual time under many seeds and groups what fails.",
        discussion: """
            Each seed is a run: other arrivals, keys, jitter, election timeouts, and other faults \
            where the scenario draws them ('random'). With --swarm the seed also draws topology, \
            links, workload, strategy options, clock drift and kinds of faults. Exits as a run \
            does, and with 70 if the program itself came to an end under some seed.

            EXAMPLE
              meridian fuzz scenarios/fuzz.yaml --seeds 1..1000 --jobs 2
              meridian fuzz scenarios/fuzz.yaml --seeds 1..10000 --swarm
            """)

    @Argument(help: "The scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @Option(help: "The seeds: one, or a range such as 1..1000.")
    var seeds = SeedRange(1...100)

    @Option(help: "How many processes work at a time.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Spoil one run in a hundred: it must be found, or nothing here can be trusted.")
    var canary = false

    @Flag(help: "Let the seed draw topology, workload, options and kinds of faults, too.")
    var swarm = false

    @Flag(help: "Show how often each transition of the strategies happened under which faults.")
    var coverage = false

    @Flag(help: "Print the summary as JSON, and nothing else.")
    var json = false

    func validate() throws {
        guard (1...64).contains(jobs) else { throw ValidationError("jobs: 1 to 64") }
    }

    func run() async throws {
        try requireOneRun(try loadScenario(scenario), scenario)
        let plan = FuzzPlan(seeds: seeds.seeds, hasCanaries: canary)
        let view = FuzzView(total: plan.count, isQuiet: json)
        let upkeep = Task { await view.keepUp() }
        defer { upkeep.cancel() }
        let summary: FuzzSummary
        do {
            summary = try await Meridian.fuzz(
                FuzzOptions(file: scenario, plan: plan, jobs: jobs, isSwarm: swarm)
            ) { view.show($0) }
        } catch {
            throw userError(error)
        }
        view.finish()
        if json {
            print(summary.json.indented)
        } else {
            print(
                FuzzReport(
                    summary, seconds: view.elapsed,
                    replay: "meridian simulate \(scenario)\(swarm ? " --swarm" : "")",
                    coverage: coverage
                ).text)
        }
        if summary.exitCode != 0 { throw ArgumentParser.ExitCode(summary.exitCode) }
    }
}

/// What `meridian fuzz` starts for each of its jobs; not for people.
struct FuzzWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz-worker", abstract: "One of the processes of 'meridian fuzz'.",
        shouldDisplay: false)

    @Argument var scenario: String
    @Option var seeds: SeedRange
    @Option var index: Int
    @Option var workers: Int
    @Option var after: UInt64?
    @Option var parent: Int32
    @Flag var canary = false
    @Flag var swarm = false

    func run() throws {
        try Meridian.endWithParent(parent)
        let plan = FuzzPlan(seeds: seeds.seeds, hasCanaries: canary)
        Meridian.workOnFuzz(
            try loadScenario(scenario), plan,
            seeds: plan.share(of: index, among: workers, after: after), isSwarm: swarm
        ) { line in
            // Goes out at once, without a buffer: nothing that is done is lost in a crash.
            FileHandle.standardOutput.write(Data((line.line + "\n").utf8))
        }
    }
}
