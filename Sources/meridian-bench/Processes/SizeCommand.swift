import ArgumentParser
import Determinism
import Geography
import Judgement
import Meridian
import Recording
import RegionCore
import Reporting
import Scenarios

/// `meridian-bench size`: what an idle node needs, and whether a run of many regions fits the
/// host.
///
/// Idle nodes of a Raft group of three are asked and probed as in any run; the kernel says what
/// they used. Then 25 regions carry out the workload and the outages of `first-outage`.
struct SizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "size",
        abstract: "Memory and processor time of an idle node; a run of 25 regions.")

    @OptionGroup var place: Workplace

    @Option(help: "How long idle nodes are watched, in seconds.")
    var seconds = 25

    @Option(help: "How many regions of the matrix azure take part in the large run; 0 for none.")
    var regions = 25

    /// What an idle node may use.
    private static let residentBytesMax = 40_000_000
    private static let processorShareMax = 0.01

    func run() async throws {
        var isMet = try await measureIdle()
        if regions > 0 { isMet = try await runManyRegions() && isMet }
        print("size: \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    private func measureIdle() async throws -> Bool {
        let run = try await MeasuredRun.carryOut(
            """
            name: bench-idle
            duration: \(seconds)s
            topology: {latency: aws, regions: [us-east-1, eu-central-1, ap-northeast-1]}
            replication: {strategy: raft}
            workload: {clients: 1, rate: 0.05/s, operations: {write: 100%}}
            """, in: place)
        var table = TextTable([.left("idle node"), .right("resident"), .right("of a core")])
        var isMet = true
        for usage in run.usage {
            let share = usage.processorTime.seconds / (usage.time - .zero).seconds
            isMet =
                isMet && usage.residentBytes < Self.residentBytesMax
                && share < Self.processorShareMax
            table.add([
                usage.node, Reporting.bytes(Int(usage.residentBytes)),
                decimal(share * 100, places: 2) + "%",
            ])
        }
        print(table.text)
        return isMet
    }

    private func runManyRegions() async throws -> Bool {
        let names = LatencyMatrix.azure.catalogue.regions.prefix(regions).map(\.name)
        let scenario = try Scenario.decode(
            yaml: """
                name: bench-regions
                duration: 40s
                topology: {latency: azure, regions: [\(names.joined(separator: ", "))]}
                replication: {strategy: raft, preferred_leader: \(names[0])}
                workload:
                  clients: 3
                  rate: 50/s
                  operations: {read: 80%, write: 20%}
                  keys: {count: 100, distribution: zipfian}
                  timeout: 2s
                  failover: nearest
                faults:
                  - {at: 10s, isolate: \(names[0]), for: 10s}
                  - {at: 25s, kill: leader, for: 5s}
                expect:
                  - linearizable
                  - converged: {within: 10s}
                  - availability: {at_least: 90%}
                """, strategies: strategies.descriptions)
        let result = try await JudgedRun.carryOut(scenario, in: place)
        let report = result.report
        let lag = report.harnessLag.map { milliseconds($0.p99) } ?? "unknown"
        print(
            "\(regions) regions: verdict \(report.verdict.rawValue), "
                + "\(grouped(report.operations.ok)) of \(grouped(report.operations.planned)) "
                + "operations, harness lag p99 \(lag) ms; \(HostFigures.summary)")
        for line in result.explanation { print("  \(line)") }
        return result.isPass
    }
}
