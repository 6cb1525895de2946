import ArgumentParser
import Meridian

#if PlantedBugs
    import Foundation
    import Replication
#endif

/// `meridian`: the command line. One file per subcommand; all logic is in the libraries.
struct MeridianCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meridian",
        abstract: "Runs a service in many regions of the world, and breaks it on purpose.",
        discussion: """
            One scenario file says where the service runs, how it replicates, what its clients \
            do, what breaks and when, and what must hold. A run ends with one verdict.

            EXAMPLE
              meridian run scenarios/first-outage.yaml

            EXIT CODES
              0 every expectation held    1 a safety expectation failed
              2 a liveness expectation failed    3 unknown
              64 wrong usage    65 a scenario or record that is not valid
              70 an internal error    130 interrupted
            """,
        version: ToolVersion.meridian,
        subcommands: [
            RunCommand.self, SimulateCommand.self, CompareCommand.self, SweepCommand.self,
            VerifyCommand.self, FuzzCommand.self,
            FuzzWorkerCommand.self,
            ValidateCommand.self, ReportCommand.self,
            ReplayCommand.self, TraceCommand.self, ShrinkCommand.self, ShrinkWorkerCommand.self,
            ReplicationCommand.self,
            CheckCommand.self, ExportCommand.self, RegionsCommand.self, LatencyCommand.self,
            StrategiesCommand.self,
        ])

    #if PlantedBugs
        func validate() throws {
            do {
                try PlantedBug.choose(ProcessInfo.processInfo.environment[PlantedBug.variable])
            } catch { throw ValidationError(error.description) }
        }
    #endif
}
