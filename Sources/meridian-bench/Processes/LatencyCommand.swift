import ArgumentParser
import Determinism
import Recording
import Reporting
import Scenarios

/// `meridian-bench latency`: the latency of commits as clients see it, beside what the network's
/// model says it must be.
///
/// The model of a write, besides the client's round trip to its region, by strategy:
///
/// - raft: the round trip from there to the leader, the leader's round trip to the second nearest
///   of the four others (with itself a majority of five), and one sync of the disk;
/// - eventual: one sync;
/// - quorum: the round trip to the member that completes the write quorum, and two syncs, here
///   before the write leaves and there; with write_back also that to the member that completes
///   the read quorum;
/// - primary-backup: the round trip from there to the primary, one sync, and where replicas are
///   waited for the primary's round trip to the one that completes them (the k-th nearest, with
///   sync the farthest); its sync is beside the primary's own.
///
/// The sync is taken twice: as the median of appends with their sync that this process makes on
/// the same disk, and as the mean of the nodes' commits. The smaller one counts.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Commit latency of each strategy beside the network's model.")

    @OptionGroup var place: Workplace

    @Option(help: "How long clients work in each of the runs, in seconds.")
    var seconds = 20

    private static let regions = [
        "us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1", "sa-east-1",
    ]

    /// A strategy whose writes are measured.
    private struct Case {
        var name: String
        var replication: String
        /// How much above model and syncs the median may be, in milliseconds.
        var target: Double
        /// How many syncs follow each other in a write.
        var syncs = 1
        /// What a write takes beyond the client's round trip.
        var model: @Sendable (Plan, PlannedRegion) -> TimeSpan
    }

    private static var cases: [Case] {
        let raft = ["us-east-1", "eu-central-1", "ap-northeast-1"].map { leader in
            Case(
                name: "raft, \(leader)",
                replication: "{strategy: raft, preferred_leader: \(leader)}", target: 3
            ) { plan, client in
                guard let leads = plan.regions.first(where: { $0.name == leader }) else {
                    return .zero
                }
                let way = client.id == leads.id ? .zero : plan.roundTrip(client, leads)
                return way + plan.nearest(3, to: leads)
            }
        }
        let eventual = Case(
            name: "eventual", replication: "{strategy: eventual}", target: 2
        ) { _, _ in .zero }
        let quorums = [(2, 4), (3, 3), (5, 1)].map { write, read in
            Case(
                name: "quorum, write \(write)",
                replication: "{strategy: quorum, write: \(write), read: \(read)}", target: 3,
                syncs: 2
            ) { plan, client in plan.nearest(write, to: client) }
        }
        let writeBack = Case(
            name: "quorum, write_back", replication: "{strategy: quorum, write_back: on}",
            target: 3, syncs: 2
        ) { plan, client in plan.nearest(3, to: client) + plan.nearest(3, to: client) }
        return raft + [eventual] + quorums + [writeBack] + primaries
    }

    private static var primaries: [Case] {
        let modes = [
            ("async", "mode: async", 0), ("semi-sync", "mode: semi-sync", 1),
            ("semi-sync, 2", "mode: semi-sync, acknowledgements: 2", 2), ("sync", "mode: sync", 4),
        ]
        return modes.map { name, options, count in
            Case(
                name: "primary-backup, \(name)",
                replication: "{strategy: primary-backup, primary: us-east-1, \(options)}",
                target: 3
            ) { plan, client in
                guard let leads = plan.regions.first(where: { $0.name == "us-east-1" }) else {
                    return .zero
                }
                let way = client.id == leads.id ? .zero : plan.roundTrip(client, leads)
                return way + plan.nearest(count + 1, to: leads)
            }
        }
    }

    func run() async throws {
        print("latency: 5 regions, matrix aws, no faults; \(HostFigures.summary)")
        var table = TextTable([
            .left("strategy"), .left("region"), .right("writes"), .right("model ms"),
            .right("sync ms"), .right("commit ms"), .right("measured ms"),
            .right("difference ms"),
        ])
        var worst: [String] = []
        var isMet = true
        for measured in Self.cases {
            let run = try await MeasuredRun.carryOut(scenario(measured.replication), in: place)
            let difference = try add(run, measured, to: &table).reduce(-.infinity, max)
            isMet = isMet && difference <= measured.target
            worst.append(
                "\(measured.name): \(decimal(difference, places: 2)) ms (target "
                    + "\(decimal(measured.target, places: 0)))")
        }
        print(table.text)
        print(
            "difference: the measured median, less the model, less the smaller of sync and commit "
                + "for each sync in a row")
        print("worst difference: \(worst.joined(separator: "; ")): \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    /// Adds a row for each region; returns the differences.
    private func add(
        _ run: MeasuredRun, _ measured: Case, to table: inout TextTable
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
            let beside = run.plan.scenario.topology.clientRoundTrip
            let model = (beside + measured.model(run.plan, region)).milliseconds
            let median = quantile(latencies, 0.5)
            let difference = median - model - Double(measured.syncs) * min(sync, commit)
            table.add([
                measured.name, region.name, "\(latencies.count)",
                decimal(model, places: 2), decimal(sync, places: 2),
                decimal(commit, places: 2), decimal(median, places: 2),
                decimal(difference, places: 2),
            ])
            return difference
        }
    }

    private func scenario(_ replication: String) -> String {
        """
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

extension Plan {
    fileprivate func roundTrip(_ one: PlannedRegion, _ other: PlannedRegion) -> TimeSpan {
        network.roundTrip(from: one.id, to: other.id)
    }

    /// The round trip to the `count`-th nearest region, `region` itself being the first.
    fileprivate func nearest(_ count: Int, to region: PlannedRegion) -> TimeSpan {
        let others = regions.filter { $0.id != region.id }.map { roundTrip(region, $0) }.sorted()
        return count == 1 ? .zero : others[count - 2]
    }
}
