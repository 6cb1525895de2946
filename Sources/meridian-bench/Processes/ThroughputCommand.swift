import ArgumentParser
import Determinism
import Recording
import Reporting
import Scenarios

/// `meridian-bench throughput`: how many writes a second three nodes on this host commit, each
/// durable on a majority before its acknowledgement, and what a write costs.
///
/// The peak is a closed loop of many clients; latency is measured in open loop at shares of it.
/// An etcd cluster of three, measured in the same minutes on the same disk, gives the yardstick.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Writes a second of three nodes, beside an etcd cluster of three.")

    @OptionGroup var place: Workplace

    @Option(help: "How many clients write in closed loop.")
    var clients = 1000

    @Option(help: "How long clients work in each run, in seconds.")
    var seconds = 20

    @Flag(inversion: .prefixedNo, help: "Whether etcd is measured, too, if it is installed.")
    var etcd = true

    @Flag(help: "Measure the peak alone.")
    var peakOnly = false

    private static let leader = "us-east-1"
    /// The first seconds of a run, which warm it up and do not count.
    private static let warmUp = TimeSpan.seconds(3)

    func run() async throws {
        print(
            "throughput: 3 nodes, no delay, keys of 256 bytes, values of 1 KiB, raft; "
                + HostFigures.summary)
        let peakRun = try await MeasuredRun.carryOut(scenario(rate: nil), in: place)
        let peak = peakRun.rate(in: window)
        print(
            "peak: \(grouped(Int(peak))) writes/s of \(grouped(clients)) clients in closed loop")
        print(costs(of: peakRun))
        if !peakOnly {
            var table = TextTable([
                .left("load"), .right("offered/s"), .right("done/s"), .right("p50 ms"),
                .right("p90 ms"), .right("p99 ms"), .right("p99.9 ms"), .right("not done"),
            ])
            for share in [0.5, 0.7, 0.9] {
                let rate = Int(peak * share)
                let run = try await MeasuredRun.carryOut(scenario(rate: rate), in: place)
                table.add(row(of: run, share: share, rate: rate))
            }
            print(table.text)
        }
        guard etcd else { return print("ratio unknown: etcd was not asked for") }
        guard let cluster = try await EtcdCluster.start(in: place) else {
            return print("ratio unknown: etcd and etcdctl are not installed")
        }
        let theirs = try await cluster.measureThenEnd()
        print("etcd \(cluster.version): \(grouped(Int(theirs.rate))) writes/s (\(theirs.source))")
        print("ratio \(decimal(peak / theirs.rate, places: 2))")
    }

    private var window: Range<TimeSpan> { Self.warmUp..<TimeSpan.seconds(seconds) }

    private func costs(of run: MeasuredRun) -> String {
        let writes = Double(run.contents.samples.reduce(0) { $0 + $1.ok })
        var text = ""
        for usage in run.usage {
            let perWrite = Double(usage.processorTime.nanoseconds) / 1000 / writes
            let perSync = writes / Double(max(1, usage.commits))
            text += "  \(usage.node): \(decimal(perWrite, places: 1)) us of processor time a "
            text += "write, \(decimal(perSync, places: 1)) writes a sync, "
            text += "\(decimal(usage.commitMean.milliseconds, places: 2)) ms a sync, "
            text += "\(Reporting.bytes(Int(usage.residentBytes))) resident\n"
        }
        let nodes = run.usage.reduce(0) { $0 + Double($1.processorTime.nanoseconds) / 1000 }
        let harness = Double(run.harnessTime.nanoseconds) / 1000
        text += "  processor time per commit: nodes \(decimal(nodes / writes, places: 1)) us, "
        text += "clients and record \(decimal(harness / writes, places: 1)) us"
        return text
    }

    private func row(of run: MeasuredRun, share: Double, rate: Int) -> [String] {
        let latencies = run.latencies(in: window)
        func column(_ share: Double) -> String {
            decimal(quantile(latencies, share), places: 2)
        }
        return [
            percentage(share) + " of peak", grouped(rate), grouped(Int(run.rate(in: window))),
            column(0.5), column(0.9), column(0.99), column(0.999), grouped(run.failures),
        ]
    }

    private func scenario(rate: Int?) -> String {
        """
        name: bench-throughput
        duration: \(seconds)s
        topology:
          latency: none
          regions: [\(Self.leader), us-east-2, us-west-2]
          client_rtt: 0ms
        replication: {strategy: raft, preferred_leader: \(Self.leader)}
        workload:
          clients: {\(Self.leader): \(clients)}
          rate: \(rate.map { "{\(Self.leader): \($0)/s}" } ?? "closed")
          operations: {write: 100%}
          keys: {count: 10000, distribution: uniform, size: 256}
          value_size: 1024
          timeout: 10s
          failover: none
        """
    }
}
