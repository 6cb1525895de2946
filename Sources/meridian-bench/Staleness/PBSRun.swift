import Determinism
import Exploration
import Meridian
import Recording
import RegionCore
import Scenarios

/// The same with the strategy `quorum` in virtual time: three replicas, and nodes without one that
/// coordinate, two beside each replica, so that a probe's reader is never the node that wrote.
struct PBSRun {
    var fit: PBSFit
    var read: Int
    var write: Int

    private static let replicas = ["r1", "r2", "r3"]
    private static let coordinators = ["c1", "c2", "c3", "d1", "d2", "d3"]

    /// Probes a second: so few that they do not meet, in virtual time.
    private static let rate = 2000
    private static let probesMax = 50_000

    /// So many probes, of which reads begin at these times after a write's commit, in milliseconds. Of a reader's and a writer's data centre the model draws each evenly, the
    /// probes of six nodes draw another: pairs are drawn until they are as in the model.
    ///
    /// Every probe has a key of its own: runs of so many keep the state small.
    func trials(_ count: Int, after: [Double], seed: UInt64) throws -> PBSTrials {
        var result = PBSTrials(after: after)
        for start in stride(from: 0, to: count, by: Self.probesMax) {
            let part = min(Self.probesMax, count - start)
            result.add(try run(part, after, seed: seed &+ UInt64(start) << 16))
        }
        return result
    }

    private func run(
        _ count: Int, _ after: [Double], seed: UInt64
    ) throws -> PBSTrials {
        // Of a wide area's pairs three of five are used.
        let probes = fit.distance > 0 ? count * 5 / 3 + count / 50 : count + count / 100
        // The last probes need time for their reads.
        let seconds = probes / Self.rate + 1 + Int(((after.max() ?? 0) / 1000).rounded(.up))
        let scenario = try Scenario.decode(
            yaml: yaml(after, seconds: seconds), file: nil,
            strategies: Meridian.strategies.descriptions)
        let record = try SeedRun.record(
            Plan(scenario, seed: seed), strategies: Meridian.strategies)
        return measured(record.history, after)
    }

    private func measured(_ history: History, _ after: [Double]) -> PBSTrials {
        var result = PBSTrials(after: after)
        var written: [UInt32: (at: Instant, region: UInt32)] = [:]
        // Readers in the writer's data centre are one of five and ought to be one of three.
        var pairs = (same: 0, other: 0)
        for position in history.indices {
            let operation = history.glance(position)
            guard let completed = operation.completed, operation.outcome == .ok else { continue }
            if operation.function == .write {
                written[operation.key] = (completed, operation.region)
                result.writes.append((completed - operation.planned).milliseconds)
            }
        }
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.function == .read, operation.outcome == .ok,
                let completed = operation.completed, let write = written[operation.key]
            else { continue }
            let reader = history.text(operation.region).dropFirst()
            if fit.distance == 0 {
                // Where they are makes no difference.
            } else if reader == history.text(write.region).dropFirst() {
                pairs.same += 1
            } else if pairs.other < 2 * pairs.same {
                pairs.other += 1
            } else {
                continue
            }
            let waited = (operation.planned - write.at).milliseconds
            guard
                let place = after.indices.min(by: {
                    abs(after[$0] - waited) < abs(after[$1] - waited)
                })
            else { continue }
            result.counts[place].reads += 1
            if !operation.isNull { result.counts[place].seen += 1 }
            result.reads.append((completed - operation.planned).milliseconds)
        }
        return result
    }

    private func yaml(_ after: [Double], seconds: Int) -> String {
        var links: [String] = []
        for coordinator in Self.coordinators {
            for replica in Self.replicas {
                let isNear = coordinator.dropFirst() == replica.dropFirst()
                let base = isNear ? 0 : fit.distance
                func line(_ from: String, _ to: String, _ kind: String, _ leg: LegDelay) {
                    links.append(
                        "    - {from: \(from), to: \(to), for: \(kind), "
                            + "one_way: \(Int(base * 1000))us, jitter: \(leg.yaml)}")
                }
                line(coordinator, replica, "write", fit.write)
                line(replica, coordinator, "write-ack", fit.others)
                line(coordinator, replica, "read", fit.others)
                line(replica, coordinator, "read-reply", fit.others)
            }
        }
        let regions = (Self.replicas + Self.coordinators).map { "{name: \($0)}" }
        let times = after.map { "\(Int($0 * 1000))us" }.joined(separator: ", ")
        let clients = Self.coordinators.map { "\($0): 4" }.joined(separator: ", ")
        return """
            name: pbs
            duration: \(seconds)s
            topology:
              latency: none
              client_rtt: 0ms
              ordering: none
              regions: [\(regions.joined(separator: ", "))]
              node: {fsync: 0ms, per_operation: 0us, per_message: 0us, queue: 65536}
              links:
            \(links.joined(separator: "\n"))
            replication:
              strategy: quorum
              regions: [\(Self.replicas.joined(separator: ", "))]
              coordinators: [\(Self.coordinators.joined(separator: ", "))]
              read: \(read)
              write: \(write)
              read_repair: off
              hinted_handoff: off
              anti_entropy: 1000h
              timeout: 60s
            workload:
              clients: {\(clients)}
              rate: 0.1/s
              operations: {read: 50%, write: 50%}
              timeout: 60s
              failover: none
              probes: {rate: \(Self.rate)/s, after: [\(times)]}
            """
    }
}
