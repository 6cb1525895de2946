import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios
import Workloads

/// Operations that ended in the current interval of samples, by region.
struct SampleInterval {
    private(set) var begin = Instant.distantFuture
    private(set) var end = Instant.distantFuture
    private var length = TimeSpan.zero
    private var regions: [Figures]
    private var plannedBefore: [Int]

    private struct Figures {
        var ok = 0
        var fail = 0
        var info = 0
        var latencies: [TimeSpan] = []
    }

    init(regionCount: Int) {
        regions = Array(repeating: Figures(), count: regionCount)
        plannedBefore = Array(repeating: 0, count: regionCount)
    }

    mutating func begin(at start: Instant, every length: TimeSpan) {
        self.length = length
        begin = start
        end = start + length
    }

    mutating func add(_ operation: CompletedOperation) {
        let index = Int(operation.region.index)
        switch operation.result {
        case .ok: regions[index].ok += 1
        case .fail: regions[index].fail += 1
        case .info: regions[index].info += 1
        }
        if operation.result == .ok, let completed = operation.completed {
            regions[index].latencies.append(completed - operation.planned)
        }
    }

    /// The figures of a region, without what only nodes know.
    mutating func sample(
        of region: Int, named name: String, tally: ClientTally, time: Instant
    ) -> Sample {
        var sample = Sample(time: time, interval: length, region: name)
        let figures = regions[region]
        sample.planned = tally.planned - plannedBefore[region]
        plannedBefore[region] = tally.planned
        sample.ok = figures.ok
        sample.fail = figures.fail
        sample.info = figures.info
        sample.inFlight = tally.open
        let sorted = figures.latencies.sorted()
        if let longest = sorted.last {
            sample.latency = MillisecondQuantiles(
                p50: sorted[(sorted.count - 1) / 2].milliseconds,
                p99: sorted[(sorted.count * 99 + 99) / 100 - 1].milliseconds,
                max: longest.milliseconds)
        }
        regions[region] = Figures()
        return sample
    }

    mutating func advance() {
        begin = end
        end += length
    }
}

extension Director {
    func takeSamples(_ actions: inout [ConductAction]) {
        while now >= interval.end {
            for region in plan.regions {
                var sample = interval.sample(
                    of: Int(region.id.index), named: region.name,
                    tally: fleet.tally(of: region.id), time: recordTime(interval.end))
                addNodeFigures(to: &sample, of: region)
                latestSamples[Int(region.id.index)] = sample
                actions.append(.record(.sample(sample)))
            }
            interval.advance()
        }
    }

    private func addNodeFigures(to sample: inout Sample, of region: PlannedRegion) {
        for node in region.nodes {
            guard let status = nodes[node]?.status else { continue }
            for link in status.links {
                let counters = link.counters
                sample.queued += max(
                    0,
                    counters.framesOffered - counters.framesStamped - counters.framesDropped
                        - counters.framesLostInReset - counters.framesUnconnected
                        - counters.framesTurnedAway - counters.framesOrphaned)
            }
            let trueWall = plan.start + (status.time.monotonic - timeZero)
            sample.clockOffset = (status.time.wall - trueWall).milliseconds
        }
        for group in plan.groups {
            let views = region.nodes.compactMap { nodes[$0]?.view(of: group.id) }
            guard let lag = views.map(\.lag).max() else { continue }
            sample.lag.append(.init(group: group.name, count: Int64(clamping: lag)))
            if let leader = views.first?.leader {
                sample.leaders.append(
                    .init(group: group.name, node: plan.name(of: leader.node)))
            }
        }
    }

    /// What the run cost the network since time 0, and how well the harness kept time.
    func recordTotals(_ actions: inout [ConductAction]) {
        var messages = 0
        var bytes = 0
        var crossRegion = 0
        var all = LinkCounters()
        var received: [NodeID: Int] = [:]
        for node in plan.nodes {
            for target in board.nodes where target != node.id {
                guard let total = nodes[node.id]?.counters(to: target) else { continue }
                let change = total.since(startTraffic[node.id]?[target] ?? LinkCounters())
                all = all + change
                let sent =
                    change.framesStamped + change.keepAlivesOffered - change.keepAlivesStopped
                messages += sent
                received[target, default: 0] += sent
                bytes += change.bytesStamped
                if target.region != node.id.region { crossRegion += change.bytesStamped }
            }
        }
        let totals = NetworkTotals(
            time: recordTime, messages: Int64(messages), bytes: Int64(bytes),
            crossRegionBytes: Int64(crossRegion), delayError: worst.delayErrorQuantiles)
        actions.append(.record(.event(totals.event)))
        let lag = HarnessLag(time: recordTime, lag: worst.harnessLag(clients: lateness))
        actions.append(.record(.event(lag.event)))
        recordPriorities(all, &actions)
        for node in plan.nodes {
            recordUsage(of: node, messages: received[node.id] ?? 0, &actions)
        }
    }

    private func recordUsage(
        of node: PlannedNode, messages: Int, _ actions: inout [ConductAction]
    ) {
        guard let record = nodes[node.id] else { return }
        let used = record.usage - (startUsage[node.id] ?? UsageCounters())
        let usage = NodeUsage(
            time: recordTime, node: node.name, processorTime: used.processorTime,
            workTime: used.workTime,
            residentBytes: Int64(clamping: record.status?.residentBytes ?? 0),
            commits: used.commits, records: used.records, commitTime: used.commitTime,
            messages: Int64(messages))
        actions.append(.record(.event(usage.event)))
    }

    /// How the run goes, for whoever watches.
    package var progress: RunProgress {
        RunProgress(
            phase: phaseName, elapsed: isTimeZeroKnown ? elapsed : .zero, duration: plan.duration,
            faults: board.active.map { "f\($0.number) \($0.kind.name)" },
            regions: plan.regions.map { region in
                RunProgress.Region(
                    name: region.name, tally: fleet.tally(of: region.id),
                    sample: latestSamples[Int(region.id.index)],
                    nodesUp: region.nodes.filter { nodes[$0]?.isLive == true }.count,
                    nodeCount: region.nodes.count)
            },
            leaders: plan.groups.compactMap { group in
                leaders[Int(group.id.index)].map { "\(group.name): \(plan.name(of: $0.node))" }
            })
    }

    private var phaseName: String {
        switch phase {
        case .idle, .starting: "starting"
        case .settling: "settling"
        case .running: "running"
        case .draining: "draining"
        case .converging: "converging"
        case .collecting, .ending: "collecting"
        case .over: "over"
        }
    }
}
