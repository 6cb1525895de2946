import ArgumentParser
import Meridian

/// What the commands that make a record have in common.
struct RecordOptionGroup: ParsableArguments {
    @Option(help: "The seed, in place of the scenario's.")
    var seed: UInt64?

    @Option(
        name: .customLong("out"),
        help: "The folder for the record; by default runs/<name>-<UTC time>.",
        completion: .directory)
    var folder: String?

    @Flag(help: "Record every write that reaches a replica, for 'meridian replication'.")
    var replicationLog = false

    @Flag(help: "Print the report as JSON, and nothing else.")
    var json = false

    /// The same for a run.
    var runOptions: RunOptions {
        var options = RunOptions()
        options.seed = seed
        options.folder = folder
        options.logsReplication = replicationLog
        options.commandLine = CommandLine.arguments
        return options
    }
}
