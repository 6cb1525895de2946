import ArgumentParser
import Meridian
import Recording

/// `meridian sweep`: a run for each combination of a matrix.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Runs a scenario once for each combination of the values of its 'matrix'.",
        discussion: """
            The table sweep.csv in the folder has a row for each run: the values of the matrix, \
            the verdict, the strongest consistency model that held, and the figures. It is \
            written as runs end; called again, a sweep goes on where it was stopped.

            EXAMPLE
              meridian sweep scenarios/sweeps/quorum-sizes.yaml --out runs/quorums
            """)

    @Argument(
        help: "The scenario file, with a matrix.", completion: .file(extensions: ["yaml", "yml"]))
    var scenario: String

    @OptionGroup var running: ManyRunsOptionGroup

    @Option(
        name: .customLong("out"), help: "The folder for the table; by default runs/sweep-<name>.",
        completion: .directory)
    var folder: String?

    func run() async throws {
        var options = SweepOptions()
        options.engine = running.engine
        options.jobs = running.jobs
        options.folder = folder
        options.commandLine = CommandLine.arguments
        let view = ManyRunsView(isQuiet: false)
        do {
            let result = try await Meridian.sweep(file: scenario, options: options) {
                view.show($0, of: $1)
            }
            view.clear()
            let before = result.before > 0 ? ", \(result.before) of them done before" : ""
            print("\(result.total) runs\(before): \(result.table)")
        } catch {
            view.clear()
            throw userError(error)
        }
    }
}
