import ArgumentParser
import Consistency
import Determinism
import Judgement
import Meridian
import RegionCore
import Reporting
import Scenarios

/// `meridian-bench crash`: random nodes are killed under load and restarted, many times.
///
/// Each run kills nodes of a Raft group of three at drawn moments, now and then two at once, and
/// restarts them from their disks. Afterwards every acknowledged write must be there, the history
/// linearizable, and all members agree.
struct CrashSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash",
        abstract: "Kills random nodes under load; nothing acknowledged may be lost.")

    @OptionGroup var place: Workplace

    @Option(help: "How many processes are killed in all.")
    var count = 100

    @Option(help: "What the moments and the victims are drawn from.")
    var seed: UInt64 = 1

    private static let regions = ["us-east-1", "us-east-2", "us-west-2"]
    private static let killsPerRun = 10

    func run() async throws {
        var killed = 0
        var acknowledged = 0
        var failures = 0
        var number: UInt64 = 0
        while killed < count {
            let seed = self.seed &+ number
            let kills = Self.kills(min(Self.killsPerRun, count - killed), seed: seed)
            let scenario = try Scenario.decode(
                yaml: Self.scenario(kills, seed: seed), strategies: strategies.descriptions)
            let run = try await JudgedRun.carryOut(scenario, in: place)
            number += 1
            killed += run.report.faults.filter { $0.hadEffect == true }.count
            acknowledged += run.report.operations.ok
            let consistency = run.report.consistency
            let lost = consistency.lostUpdates.map { "\($0)" } ?? "unknown"
            print(
                "seed \(seed): \(kills.count) kills, \(grouped(run.report.operations.ok)) "
                    + "operations acknowledged, \(run.report.operations.info) unknown, "
                    + "linearizable \(consistency.linearizable.verdict.rawValue), "
                    + "lost \(lost), \(run.report.verdict.rawValue)")
            let isSafe = run.isPass && consistency.lostUpdates == 0 && consistency.unaudited == 0
            if isSafe { continue }
            failures += 1
            for line in run.explanation { print("    \(line)") }
            // A run that kills nobody would go on for ever.
            if run.report.faults.allSatisfy({ $0.hadEffect != true }) { break }
        }
        print(
            "crash: \(killed) kills in \(number) runs, \(grouped(acknowledged)) operations "
                + "acknowledged, \(failures) runs failed")
        if failures > 0 { throw ArgumentParser.ExitCode(1) }
    }

    private struct Kill {
        var at: TimeSpan
        var node: Int
        var length: TimeSpan
    }

    /// Kills at least a second apart, each of a node that has had time to come back.
    private static func kills(_ count: Int, seed: UInt64) -> [Kill] {
        var random = RandomStream(seed: seed, name: "crash soak")
        var upAgain = Array(repeating: TimeSpan.zero, count: regions.count)
        var at = TimeSpan.seconds(2)
        return (0..<count).map { _ in
            at += random.span(in: .milliseconds(1000) ... .milliseconds(3500))
            var node = random.index(regions.count)
            if upAgain[node] > at { node = upAgain.firstIndex { $0 <= at } ?? node }
            at = max(at, upAgain[node])
            let length = random.span(in: .milliseconds(100) ... .milliseconds(2500))
            upAgain[node] = at + length + .seconds(2)
            return Kill(at: at, node: node, length: length)
        }
    }

    private static func scenario(_ kills: [Kill], seed: UInt64) -> String {
        let end = (kills.last?.at ?? .zero) + .seconds(5)
        let faults = kills.map { kill in
            "  - {at: \(Int(kill.at.milliseconds))ms, kill: \(regions[kill.node]), "
                + "for: \(Int(kill.length.milliseconds))ms}"
        }
        return """
            name: soak-crash
            seed: \(seed)
            duration: \(Int(end.seconds.rounded(.up)))s
            topology: {latency: aws, regions: [\(regions.joined(separator: ", "))]}
            replication: {strategy: raft}
            workload:
              clients: 4
              rate: 80/s
              operations: {write: 50%, read: 30%, cas: 15%, delete: 5%}
              keys: {count: 100, distribution: zipfian}
              timeout: 5s
              failover: nearest
            faults:
            \(faults.joined(separator: "\n"))
            expect:
              - linearizable
              - lost_updates: 0
              - converged: {within: 30s}
            """
    }
}
