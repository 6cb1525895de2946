import ArgumentParser

/// `meridian-bench`: measures Meridian and wears it out. Developers start it through
/// `scripts/bench` and `scripts/soak`; it is no part of what users install.
@main
struct MeridianBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meridian-bench",
        abstract: "Benchmarks and long tests of Meridian itself.",
        discussion: "docs/benchmarks.md says what each figure means.",
        subcommands: [
            LatencyCommand.self, ThroughputCommand.self, SizeCommand.self, VirtualCommand.self,
            VirtualRunCommand.self, CheckCommand.self, CheckRunCommand.self,
            CheckTransactionsCommand.self, CheckCausalCommand.self, CrashSoak.self,
            HostileSoak.self, ScenarioSoak.self, VerifySoak.self, CheckExhaust.self,
            PlantedSoak.self, PBSCommand.self,
        ])
}
