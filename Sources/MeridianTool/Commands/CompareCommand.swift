import ArgumentParser
import Exploration
import Foundation
import Meridian
import Recording
import RegionCore
import Replication
import Reporting

/// `meridian compare`: strategies side by side.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Runs a scenario with several strategies and lays their figures side by side.",
        discussion: """
            Every strategy gets the same seeds, and so the same arrivals, keys and faults. \
            A strategy is named with its options after colons; it takes the place of the \
            scenario's 'replication', where it is replicated apart; data types that name a \
            strategy of their own keep it. With --data-type it takes the place of that data \
            type's own.

            In the folder are compare.csv, a row for each figure of each run, and compare.json. \
            What the scenario expects is counted, and does not decide the exit code.

            EXAMPLE
              meridian compare scenarios/compare-outage.yaml --strategies raft,quorum,eventual
              meridian compare scenarios/compare-outage.yaml --seeds 1..20 \\
                --strategies raft,quorum,quorum:read=1:write=1,quorum:write_back=on,eventual
              meridian compare scenarios/sessions.yaml --data-type session \
                --strategies eventual,quorum,raft
            """)

    @Argument(help: "The scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @Option(help: "The strategies, with commas between: NAME or NAME:option=value:….")
    var strategies: String

    @Option(help: "The data type whose strategy is exchanged.")
    var dataType: String?

    @Option(help: "The seeds: one, or a range such as 1..20; by default the scenario's.")
    var seeds: SeedRange?

    @OptionGroup var running: ManyRunsOptionGroup

    @Option(
        name: .customLong("out"),
        help: "The folder for what is found; by default runs/compare-<name>-<UTC time>.",
        completion: .directory)
    var folder: String?

    @Flag(help: "Show every figure.")
    var all = false

    @Flag(help: "Print the comparison as JSON, and nothing else.")
    var json = false

    func validate() throws { _ = try choices() }

    func run() async throws {
        var options = CompareOptions(try choices())
        options.dataType = dataType
        options.seeds = seeds?.seeds
        options.engine = running.engine
        options.jobs = running.jobs
        options.folder = folder
        options.commandLine = CommandLine.arguments
        let view = ManyRunsView(isQuiet: json)
        do {
            let (comparison, folder) = try await Meridian.compare(
                file: scenario, options: options
            ) { view.show($0, of: $1) }
            view.clear()
            if json {
                print(comparison.json.indented)
            } else {
                print(CompareReport(comparison, all: all).text)
                print("\ntables: \(folder)/compare.csv, \(folder)/compare.json")
            }
        } catch {
            view.clear()
            throw userError(error)
        }
    }

    private func choices() throws -> [StrategyChoice] {
        let known = Meridian.strategies.descriptions.map(\.name)
        let choices: [StrategyChoice]
        do {
            choices = try StrategyChoice.list(strategies)
        } catch {
            throw ValidationError("strategies: \(error)")
        }
        if let strange = choices.first(where: { !known.contains($0.name) }) {
            throw ValidationError(
                "strategies: there is no '\(strange.name)'; there are "
                    + known.joined(separator: ", "))
        }
        return choices
    }
}

/// How many runs are carried out.
struct ManyRunsOptionGroup: ParsableArguments {
    @Option(help: "What carries out the runs: virtual or processes.")
    var engine = RunInformation.Engine.virtual

    @Option(help: "How many runs at a time; processes always run alone.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard (1...256).contains(jobs) else { throw ValidationError("jobs: 1 to 256") }
    }
}

extension RunInformation.Engine: ExpressibleByArgument {}
