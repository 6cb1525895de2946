import ArgumentParser
import Determinism
import Recording
import Reporting
import Scenarios

/// `meridian-bench latency`: the latency of commits as clients see it, beside what the network's
/// model says it must be.
///
/// The model of a write in a Raft group: the client's round trip to its region, the round trip
/// from there to the leader, the leader's round trip to the second nearest of the four others
/// (with itself a majority of five), and one sync of the disk. That of an `eventual` write: the
/// client's round trip and one sync.
///
/// The sync is taken twice: as the median of appends with their sync that this process makes on
/// the same disk, and as the mean of the nodes' commits. The smaller one counts.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Commit latency of raft and eventual beside the network's model.")

    @OptionGroup var place: Workplace

    @Option(help: "How long clients work in each of the four runs, in seconds.")
    var seconds = 20

    private static let regions = [
        "us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1", "sa-east-1",
    ]
    private static let leaders = ["us-east-1", "eu-central-1", "ap-northeast-1"]
    /// How much above model and sync the median may be, in milliseconds.
    private static let raftTarget = 3.0
    private static let eventualTarget = 2.0

    func run() async throws {
        print("latency: 5 regions, matrix aws, no faults; \(HostFigures.summary)")
        var table = TextTable([
            .left("leader"), .left("region"), .right("writes"), .right("model ms"),
            .right("sync ms"), .right("commit ms"), .right("measured ms"),
            .right("difference ms"),
        ])
        var raftWorst = -Double.infinity
        for leader in Self.leaders {
            let run = try await MeasuredRun.carryOut(scenario(leader: leader), in: place)
            raftWorst = try add(run, leader: leader, to: &table).reduce(raftWorst, max)
        }
        let run = try await MeasuredRun.carryOut(scenario(leader: nil), in: place)
        let eventualWorst = try add(run, leader: nil, to: &table).reduce(-.infinity, max)
        print(table.text)
        print(
            "difference: the measured median, less the model, less the smaller of sync and commit")
        let isMet = raftWorst <= Self.raftTarget && eventualWorst <= Self.eventualTarget
        print(
            "worst difference: raft \(decimal(raftWorst, places: 2)) ms (target "
                + "\(decimal(Self.raftTarget, places: 0))), eventual "
                + "\(decimal(eventualWorst, places: 2)) ms (target "
                + "\(decimal(Self.eventualTarget, places: 0))): \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    /// Adds a row for each region; returns the differences.
    private func add(
        _ run: MeasuredRun, leader: String?, to table: inout TextTable
    ) throws -> [Double] {
        let sync = try HostFigures.syncTime(in: place.folder).milliseconds
        let commits = run.usage.reduce(0) { $0 + $1.commits }
        let commitTime = run.usage.reduce(0) { $0 + $1.commitTime.milliseconds }
        let commit = commitTime / Double(max(1, commits))
        let window = TimeSpan.seconds(1)..<TimeSpan.seconds(seconds)
        return try run.plan.regions.map { region in
            let latencies = run.latencies(region: region.name, in: window)
            guard !latencies.isEmpty else {
                throw BenchFailure("no write beside \(region.name) succeeded")
            }
            let model = Self.model(run.plan, client: region, leader: leader)
            let median = quantile(latencies, 0.5)
            let difference = median - model - min(sync, commit)
            table.add([
                leader ?? "(eventual)", region.name, "\(latencies.count)",
                decimal(model, places: 2), decimal(sync, places: 2),
                decimal(commit, places: 2), decimal(median, places: 2),
                decimal(difference, places: 2),
            ])
            return difference
        }
    }

    private static func model(
        _ plan: Plan, client: PlannedRegion, leader name: String?
    ) -> Double {
        let network = plan.network
        let beside = plan.scenario.topology.clientRoundTrip
        guard let leader = plan.regions.first(where: { $0.name == name }) else {
            return beside.milliseconds
        }
        let others = plan.regions.filter { $0.id != leader.id }
            .map { network.roundTrip(from: leader.id, to: $0.id) }.sorted()
        let majority = others[plan.regions.count / 2 - 1]
        let toLeader =
            client.id == leader.id
            ? .zero : network.roundTrip(from: client.id, to: leader.id)
        return (beside + toLeader + majority).milliseconds
    }

    private func scenario(leader: String?) -> String {
        let replication =
            leader.map { "{strategy: raft, preferred_leader: \($0)}" } ?? "{strategy: eventual}"
        return """
            name: bench-latency
            duration: \(seconds)s
            topology:
              latency: aws
              regions: [\(Self.regions.joined(separator: ", "))]
            replication: \(replication)
            workload:
              clients: 4
              rate: 15/s
              operations: {write: 100%}
              keys: {count: 1000, distribution: uniform}
              timeout: 5s
              failover: none
            """
    }
}
